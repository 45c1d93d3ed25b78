-- How much a line or a registration may send: buckets and daily caps.
select 1;
