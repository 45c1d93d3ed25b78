-- Leaving, access review, and identities from a provider.
select 1;
