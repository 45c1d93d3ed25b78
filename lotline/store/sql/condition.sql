-- name: accounts
-- The carriers' accounts of a company, with a number of ours at each.
select a.carrier, a.account, a.base_url, l.id as line_id, l.number_ct
from carrier_accounts a
left join lateral (
    select l.id, l.number_ct from lines l
    where l.group_id = a.group_id and l.carrier = a.carrier and l.account = a.account
    order by l.created_at, l.id limit 1
) l on true
where a.group_id = %(group_id)s order by a.carrier, a.account

-- name: orphan_lines
-- Lines whose account nobody gave us.
select count(*) as n from lines l
where l.group_id = %(group_id)s and not exists (
    select from carrier_accounts a
    where a.group_id = l.group_id and a.carrier = l.carrier and a.account = l.account)

-- name: ledger
-- How many leaves wait for a place, and since when; and when a signature was given last.
select
    (
        select count(*) from ledger_leaves l
        where l.group_id = %(group_id)s and not exists (
            select from ledger_places p where p.group_id = l.group_id and p.leaf_id = l.id)
    ) as waiting,
    (
        select min(l.made_at) from ledger_leaves l
        where l.group_id = %(group_id)s and not exists (
            select from ledger_places p where p.group_id = l.group_id and p.leaf_id = l.id)
    ) as oldest,
    (
        select max(c.signed_at) from ledger_checkpoints c where c.group_id = %(group_id)s
    ) as signed_at

-- name: unknown_texts
-- Texts of which nobody knows whether they left, and the oldest of them.
select count(*) as n, min(coalesce(handed_at, state_at)) as oldest from texts
where group_id = %(group_id)s and state in ('sending', 'unknown')

-- name: arrivals
-- When a carrier last called us.
select max(arrived_at) as last_at from arrivals where group_id = %(group_id)s

-- name: turned_away
-- What was not believed since, by its reason.
select reason, count(*) as n from turned_away
where (group_id = %(group_id)s or group_id is null) and arrived_at >= %(since)s
group by reason order by n desc, reason

-- name: overdue
-- Texts that should have left, across companies. Those of a line whose bucket is empty are not late:
-- they wait for their rate or for the next day. Lines are few, so each is asked once.
select count(*) as n, min(o.due_at) as oldest
from (
    select distinct d.group_id, d.line_id, exists (
        select from line_buckets m join buckets b on b.group_id = m.group_id and b.id = m.bucket_id
        where m.group_id = d.group_id and m.line_id = d.line_id
            and bucket_holds(b, %(now)s) < 1
    ) as empty
    from outbox d where d.due_at < %(before)s
) l
join outbox o on o.group_id = l.group_id and o.line_id = l.line_id
where not l.empty and o.due_at < %(before)s
    and (o.claimed_until is null or o.claimed_until < %(before)s)

-- name: listeners
-- Programs of ours that wait for work: each keeps a connection that listens.
select count(*) as n from pg_stat_activity
where application_name = 'lotline-listen' and query ilike %(what)s
