-- Counts that the dashboard reads.
select 1;
