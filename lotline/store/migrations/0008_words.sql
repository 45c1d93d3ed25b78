-- Words of texts, as keyed hashes, for search.
select 1;
