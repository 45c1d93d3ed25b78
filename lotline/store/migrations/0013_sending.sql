-- What sending and its speed need.

select 1;
