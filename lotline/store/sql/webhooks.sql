-- name: record
-- An address that is told what happens, from now on.
insert into webhooks (group_id, id, member_id, url_ct, secrets_ct, kinds, words, told_to, made_at)
values (%(group_id)s, %(id)s, %(member_id)s, %(url_ct)s, %(secrets_ct)s, %(kinds)s::text[], %(words)s,
    %(told_to)s, %(at)s)

-- name: list
-- Every address that was not removed, and how its calls stand.
select w.id, w.member_id, w.url_ct, w.secrets_ct, w.kinds, w.words, w.told_to, w.made_at,
    w.failing_since, w.stopped_at, w.stopped_why,
    (
        select count(*) from webhook_calls c
        where c.group_id = w.group_id and c.webhook_id = w.id and c.state = 'waiting'
    ) as waiting,
    (
        select max(c.done_at) from webhook_calls c
        where c.group_id = w.group_id and c.webhook_id = w.id and c.state = 'told'
    ) as told_at
from webhooks w
where w.group_id = %(group_id)s and w.removed_at is null
    and (%(id)s::uuid is null or w.id = %(id)s)
order by w.id

-- name: lock_telling
-- Addresses that are told something, each by one worker at a time.
select id, kinds, told_to from webhooks
where group_id = %(group_id)s and removed_at is null and stopped_at is null
order by id
for no key update skip locked

-- name: since
-- What happened after a cursor and before the edge, of some kinds; what is one member's alone is not
-- among it.
select e.xid::text as xid, e.n, e.name, e.store_id, e.line_id, e.conversation_id, e.contact_id,
    e.subject_id, e.happened_at
from events e
where e.group_id = %(group_id)s
    and (e.xid, e.n) > (%(after_xid)s::text::xid8, %(after_n)s::bigint)
    and e.xid < %(edge)s::text::xid8
    and e.member_id is null and e.name = any(%(kinds)s::text[])
order by e.xid, e.n
limit %(limit)s

-- name: record_calls
-- One call for each thing that happened, once.
insert into webhook_calls (group_id, id, webhook_id, event_xid, event_n, kind, event, state, due_at,
    made_at)
select %(group_id)s, c.id, %(webhook_id)s, c.xid::xid8, c.n, c.kind, c.event::jsonb, 'waiting', %(at)s,
    %(at)s
from unnest(%(ids)s::uuid[], %(xids)s::text[], %(ns)s::bigint[], %(kinds)s::text[],
    %(events)s::text[]) as c (id, xid, n, kind, event)
on conflict (group_id, webhook_id, event_xid, event_n) do nothing

-- name: tell_to
-- How far an address has been told.
update webhooks set told_to = %(told_to)s where group_id = %(group_id)s and id = %(id)s

-- name: claim
-- Calls that are due and nobody makes, a few of each address that is not busy, the addresses that
-- have waited longest first; a lease that ran out may be taken over.
update webhook_calls c set claimed_until = %(until)s, attempts = c.attempts + 1
from (
    select d.id
    from (
        select w.id, f.due_at from webhooks w
        cross join lateral (
            select c.due_at from webhook_calls c
            where c.group_id = %(group_id)s and c.webhook_id = w.id and c.state = 'waiting'
                and c.due_at <= %(now)s
                and (c.claimed_until is null or c.claimed_until < %(now)s)
            order by c.due_at limit 1
        ) f
        where w.group_id = %(group_id)s and w.removed_at is null and w.stopped_at is null
            and w.id <> all(%(busy)s::uuid[])
        order by f.due_at, w.id limit %(addresses)s
    ) h
    cross join lateral (
        select c.id from webhook_calls c
        where c.group_id = %(group_id)s and c.webhook_id = h.id and c.state = 'waiting'
            and c.due_at <= %(now)s and (c.claimed_until is null or c.claimed_until < %(now)s)
        order by c.due_at, c.id limit %(each)s
        for update skip locked
    ) d
) due
where c.group_id = %(group_id)s and c.id = due.id
returning c.id, c.webhook_id, c.kind, c.event, c.attempts

-- name: done
-- What became of these calls.
update webhook_calls c set state = d.state, status = d.status, outcome = d.outcome,
    took_ms = d.took_ms, due_at = d.due_at, claimed_until = null,
    done_at = case when d.state = 'waiting' then null else %(at)s::timestamptz end
from unnest(%(ids)s::uuid[], %(states)s::text[], %(statuses)s::int[], %(outcomes)s::text[],
    %(took)s::int[], %(due)s::timestamptz[]) as d (id, state, status, outcome, took_ms, due_at)
where c.group_id = %(group_id)s and c.id = d.id and c.state = 'waiting'

-- name: fared
-- Whether the address takes what it is told; failing from the first that was not taken.
update webhooks set failing_since = case when %(ok)s then null else coalesce(failing_since, %(at)s) end
where group_id = %(group_id)s and id = %(id)s
returning failing_since

-- name: stop
-- It is told nothing more until the owner says so.
update webhooks set stopped_at = %(at)s, stopped_why = %(why)s
where group_id = %(group_id)s and id = %(id)s and stopped_at is null

-- name: resume
-- It is told again, and what waited is due now.
update webhooks set stopped_at = null, stopped_why = null, failing_since = null
where group_id = %(group_id)s and id = %(id)s and removed_at is null

-- name: remove
-- The address is told nothing for ever.
update webhooks set removed_at = %(at)s where group_id = %(group_id)s and id = %(id)s
    and removed_at is null

-- name: set_secrets
-- The secrets that sign.
update webhooks set secrets_ct = %(secrets_ct)s where group_id = %(group_id)s and id = %(id)s
    and removed_at is null

-- name: calls
-- The newest calls of an address.
select id, kind, event, state, attempts, due_at, status, outcome, took_ms, made_at, done_at
from webhook_calls
where group_id = %(group_id)s and webhook_id = %(webhook_id)s and id < %(before)s
order by id desc limit %(limit)s

-- name: resend
-- Calls that are made again: one, or all that failed since an instant.
update webhook_calls set state = 'waiting', attempts = 0, due_at = %(at)s, claimed_until = null,
    done_at = null
where group_id = %(group_id)s and webhook_id = %(webhook_id)s
    and ((%(id)s::uuid is not null and id = %(id)s)
        or (%(id)s::uuid is null and state = 'failed' and made_at >= %(since)s))

-- name: prune
-- Calls are kept for a month.
delete from webhook_calls where group_id = %(group_id)s and made_at < %(before)s
    and state <> 'waiting'
