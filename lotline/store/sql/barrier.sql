-- name: enter
-- While a text is in a carrier's hands, its contact's gate is held open by a shared lock.
select pg_advisory_lock_shared(k) from (
    select k from unnest(%(gates)s::bigint[]) as g (k) order by k
) s

-- name: leave
-- The carrier answered, or never will.
select pg_advisory_unlock_shared(k) from unnest(%(gates)s::bigint[]) as g (k)

-- name: patience
-- How long a stop waits for what is in a carrier's hands: it was written to the wire before.
select set_config('lock_timeout', %(patience)s, true)

-- name: shut_free
-- Of these gates, in their order, those at which nobody is are shut; for the others nobody waits.
select pg_try_advisory_xact_lock(g.k) as shut
from unnest(%(gates)s::bigint[]) with ordinality as g (k, n) order by g.n

-- name: shut
-- A stop waits until nothing is in a carrier's hands, and lets nothing new begin.
select pg_advisory_xact_lock(k) from (
    select k from unnest(%(gates)s::bigint[]) as g (k) order by k
) s
