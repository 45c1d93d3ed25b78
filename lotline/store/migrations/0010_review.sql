-- Screens, flags and what was decided of them.
select 1;
