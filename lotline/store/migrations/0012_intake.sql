-- What intake and its speed need.

select 1;
