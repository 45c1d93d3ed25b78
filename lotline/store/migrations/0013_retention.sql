-- Legal holds, retention by class, exports that repeat.
select 1;
