-- name: key
-- What the company's notices are signed with.
select private_ct, public_key from push_keys where group_id = %(group_id)s

-- name: record_key
-- Made once; whoever was quicker made it.
insert into push_keys (group_id, private_ct, public_key, told_to, made_at)
values (%(group_id)s, %(private_ct)s, %(public_key)s, %(told_to)s, %(at)s)
on conflict (group_id) do nothing

-- name: replace
-- A browser is here once, and a session takes notices in one place.
delete from push_subscriptions
where group_id = %(group_id)s
    and (device_id = %(device_id)s or way_hash = any(%(way_hashes)s::bytea[]))

-- name: record
-- Where a signed-in browser takes notices. A shared tablet, and a session that has ended, take none.
insert into push_subscriptions (group_id, id, member_id, device_id, way_ct, way_hash, service, made_at)
select d.group_id, %(id)s, d.member_id, d.id, %(way_ct)s, %(way_hash)s, %(service)s, %(at)s
from devices d
where d.group_id = %(group_id)s and d.id = %(device_id)s and d.member_id = %(member_id)s
    and d.ended_at is null and d.tablet_id is null

-- name: of_device
-- Where one session takes notices, if it does.
select id from push_subscriptions
where group_id = %(group_id)s and device_id = %(device_id)s

-- name: end_own
-- This session takes none any more.
delete from push_subscriptions where group_id = %(group_id)s and device_id = %(device_id)s

-- name: first
-- Nobody was told anything until now: what happened before is no news.
update push_keys k set told_to = %(told_to)s
where k.group_id = %(group_id)s
    and not exists (select from push_subscriptions s where s.group_id = k.group_id)

-- name: lock_telling
-- How far everybody was told, for one worker at a time; nothing where nobody takes notices.
select k.told_to from push_keys k
where k.group_id = %(group_id)s
    and exists (select from push_subscriptions s where s.group_id = k.group_id)
for no key update of k skip locked

-- name: tell_to
-- How far everybody has been told.
update push_keys set told_to = %(told_to)s where group_id = %(group_id)s

-- name: hearers
-- Where a notice of each of these conversations goes: to whom it is assigned, or else to all who work
-- on its line; not to who read it by now. A second one soon after the first waits a little, unless
-- the first was read.
with talks as (
    select h.id, h.at, c.line_id,
        case when works_on(c.group_id, c.assignee_id, c.line_id) then c.assignee_id end as only_id
    from unnest(%(ids)s::uuid[], %(ats)s::timestamptz[]) as h (id, at)
    join conversations c on c.group_id = %(group_id)s and c.id = h.id
)
select s.id as subscription_id, t.id as conversation_id, t.at,
    greatest(
        %(soon)s::timestamptz,
        case when n.heard_at > coalesce(r.read_at, '-infinity')
            then n.told_at + %(between)s::interval end
    ) as due_at
from talks t
join push_subscriptions s on s.group_id = %(group_id)s
join devices d on d.group_id = s.group_id and d.id = s.device_id
left join reads r on r.group_id = s.group_id and r.conversation_id = t.id
    and r.member_id = s.member_id
left join push_notices n on n.group_id = s.group_id and n.subscription_id = s.id
    and n.conversation_id = t.id
where d.ended_at is null and d.tablet_id is null and d.seen_at > %(alive)s
    and case when t.only_id is not null then t.only_id = s.member_id
        else works_on(s.group_id, s.member_id, t.line_id) end
    and (r.read_at is null or r.read_at < t.at)
order by s.id, t.id
for key share of s

-- name: record_notices
-- One for each conversation on each device: one that waits already only learns of the newest text.
insert into push_notices as n (group_id, id, subscription_id, conversation_id, heard_at, due_at)
select %(group_id)s, m.id, m.subscription_id, m.conversation_id, m.heard_at, m.due_at
from unnest(%(ids)s::uuid[], %(subscription_ids)s::uuid[], %(conversation_ids)s::uuid[],
    %(heard)s::timestamptz[], %(due)s::timestamptz[])
    as m (id, subscription_id, conversation_id, heard_at, due_at)
on conflict (group_id, subscription_id, conversation_id) do update
set heard_at = greatest(n.heard_at, excluded.heard_at), waiting = true,
    due_at = case when n.waiting then n.due_at else excluded.due_at end,
    attempts = case when n.waiting then n.attempts else 0 end

-- name: drop_idle
-- What nobody needs to hear any more: read, too old, another's by now, or its reader is away.
delete from push_notices n
using push_subscriptions s, devices d, conversations c
where n.group_id = %(group_id)s and n.waiting and n.due_at <= %(now)s
    and s.group_id = n.group_id and s.id = n.subscription_id
    and d.group_id = s.group_id and d.id = s.device_id
    and c.group_id = n.group_id and c.id = n.conversation_id
    and (
        n.heard_at < %(oldest)s or d.ended_at is not null or d.tablet_id is not null
        or exists (
            select from reads r
            where r.group_id = n.group_id and r.conversation_id = n.conversation_id
                and r.member_id = s.member_id and r.read_at >= n.heard_at
        )
        or not works_on(n.group_id, s.member_id, c.line_id)
        or (c.assignee_id <> s.member_id and works_on(n.group_id, c.assignee_id, c.line_id))
    )

-- name: claim
-- Notices that are due and nobody sends, a few for each push service that is not busy, the services
-- that have waited longest first; a lease that ran out may be taken over.
update push_notices n set claimed_until = %(until)s, attempts = n.attempts + 1
from (
    select d.id
    from (
        select s.service, min(w.due_at) as first from push_notices w
        join push_subscriptions s on s.group_id = w.group_id and s.id = w.subscription_id
        where w.group_id = %(group_id)s and w.waiting and w.due_at <= %(now)s
            and (w.claimed_until is null or w.claimed_until < %(now)s)
            and s.service <> all(%(busy)s::text[])
        group by s.service order by first, s.service limit %(services)s
    ) h
    cross join lateral (
        select w.id from push_notices w
        join push_subscriptions s on s.group_id = w.group_id and s.id = w.subscription_id
        where w.group_id = %(group_id)s and s.service = h.service and w.waiting
            and w.due_at <= %(now)s and (w.claimed_until is null or w.claimed_until < %(now)s)
        order by w.due_at, w.id limit %(each)s
        for update of w skip locked
    ) d
) due
where n.group_id = %(group_id)s and n.id = due.id
returning n.id

-- name: claimed
-- What these notices need: where they go, what may be said there, and of whom.
select n.id, n.subscription_id, n.conversation_id, n.heard_at, n.attempts, s.way_ct, s.service,
    m.settings, g.settings as group_settings, c.line_id, l.label_ct, c.contact_id, k.name_ct,
    k.key_wrapped, k.erased_at
from push_notices n
join push_subscriptions s on s.group_id = n.group_id and s.id = n.subscription_id
join members m on m.group_id = s.group_id and m.id = s.member_id
join groups g on g.id = n.group_id
left join conversations c on c.group_id = n.group_id and c.id = n.conversation_id
left join lines l on l.group_id = c.group_id and l.id = c.line_id
left join contacts k on k.group_id = c.group_id and k.id = c.contact_id
where n.group_id = %(group_id)s and n.id = any(%(ids)s::uuid[])
order by n.due_at, n.id

-- name: told
-- Handed over; a text that came meanwhile is told a little later.
update push_notices n set told_at = %(at)s, claimed_until = null, attempts = 0,
    waiting = n.heard_at > h.heard_at,
    due_at = case when n.heard_at > h.heard_at then %(next)s::timestamptz else n.due_at end
from unnest(%(ids)s::uuid[], %(heard)s::timestamptz[]) as h (id, heard_at)
where n.group_id = %(group_id)s and n.id = h.id

-- name: later
-- Not taken: tried again when it is due.
update push_notices n set claimed_until = null, due_at = d.due_at
from unnest(%(ids)s::uuid[], %(due)s::timestamptz[]) as d (id, due_at)
where n.group_id = %(group_id)s and n.id = d.id

-- name: drop
-- Given up.
delete from push_notices where group_id = %(group_id)s and id = any(%(ids)s::uuid[])

-- name: gone
-- There is nobody there any more, says whoever took notices for them.
delete from push_subscriptions where group_id = %(group_id)s and id = any(%(ids)s::uuid[])
returning id, member_id, device_id

-- name: prune
-- Notices that were told, after a while.
delete from push_notices
where group_id = %(group_id)s and not waiting and told_at < %(before)s

-- name: prune_ended
-- Where a session that ended took notices, had it begun to at the very moment of its end.
delete from push_subscriptions p using devices d
where p.group_id = %(group_id)s and d.group_id = p.group_id and d.id = p.device_id
    and d.ended_at is not null
