-- Flags, reviews and the words a store looks for.

select 1;
