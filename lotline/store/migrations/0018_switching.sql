-- Switching users on a shared tablet, access reviews, what was brought in from private phones.

select 1;
