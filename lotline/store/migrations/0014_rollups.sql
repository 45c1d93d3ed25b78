-- Rollups of the dashboard.

select 1;
