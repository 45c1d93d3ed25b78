-- Imported lists with their dates, and what a house chose of the rulebook.
select 1;
