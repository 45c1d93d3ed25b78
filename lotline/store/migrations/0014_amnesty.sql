-- What was brought in from private phones.
select 1;
