-- Legal holds, retention, exports by schedule.

select 1;
