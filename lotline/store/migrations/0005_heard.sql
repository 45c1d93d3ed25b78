-- What was heard and waits for a person, and words that arrive in pieces.
select 1;
