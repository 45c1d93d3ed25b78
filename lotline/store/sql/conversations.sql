-- name: load
-- One conversation on a line in reach, with the viewer's own draft and reading. No row: it is not
-- there, or not theirs; nobody can tell which. Unread ones are gathered first
-- (offset 0), then put in order: in the order of ids all that the company wrote since is walked.
select
    c.id, c.contact_id, c.line_id, c.store_id, c.assignee_id, c.done_at is not null as done,
    c.snoozed_until, c.last_in_at, c.created_at,
    l.label_ct, l.number_ct as line_number_ct, s.name_ct as store_ct, s.zone as store_zone,
    exists (
        select from line_pauses p
        where p.group_id = c.group_id and p.line_id = c.line_id and p.resumed_at is null
    ) as line_paused,
    a.name_ct as assignee_ct, k.key_wrapped, k.erased_at,
    d.body_ct as draft_ct, d.kept_why, d.updated_at as draft_updated_at,
    d.device_id as draft_device_id, r.read_at, u.first_unread_id,
    i.id as last_in_id, i.body_ct as last_in_ct
from conversations c
join contacts k on k.group_id = c.group_id and k.id = c.contact_id
join lines l on l.group_id = c.group_id and l.id = c.line_id
join stores s on s.group_id = c.group_id and s.id = c.store_id
left join members a on a.group_id = c.group_id and a.id = c.assignee_id
left join drafts d on d.group_id = c.group_id and d.conversation_id = c.id
    and d.member_id = %(member_id)s
left join reads r on r.group_id = c.group_id and r.conversation_id = c.id
    and r.member_id = %(member_id)s
left join lateral (
    select n.id as first_unread_id from (
        select t.id from texts t
        where c.last_in_at > coalesce(r.read_at, %(since)s::timestamptz, '-infinity')
            and t.group_id = c.group_id and t.conversation_id = c.id and t.direction = 'in'
            and t.created_at > coalesce(r.read_at, %(since)s::timestamptz, '-infinity')
            and t.id > coalesce(rpad(lpad(to_hex((extract(
                epoch from coalesce(r.read_at, %(since)s::timestamptz) - interval '1 hour'
            ) * 1000)::bigint), 12, '0'), 32, '0')::uuid,
            '00000000-0000-0000-0000-000000000000'::uuid)
        offset 0
    ) n
    order by n.id limit 1
) u on true
left join lateral (
    select t.id, t.body_ct from texts t
    where c.last_in_at is not null and t.group_id = c.group_id and t.conversation_id = c.id
        and t.direction = 'in'
    order by t.id desc limit 1
) i on true
where c.group_id = %(group_id)s and c.id = %(conversation_id)s
    and c.line_id = any(%(line_ids)s::uuid[])

-- name: pick
-- The newest things in the flow before a place, of all three kinds. Ids grow with time, so they
-- are the order. An attempt that never left is for its author and the managers.
select found.id, found.kind from (
    (
        select t.id, 'text' as kind from texts t
        where t.group_id = %(group_id)s and t.conversation_id = %(conversation_id)s
            and t.id < %(before)s::uuid
            and (t.state not in ('blocked', 'cancelled') or %(sees_attempts)s
                or t.author_id = %(member_id)s)
        order by t.id desc limit %(limit)s
    )
    union all
    (
        select n.id, 'note' from notes n
        where n.group_id = %(group_id)s and n.conversation_id = %(conversation_id)s
            and n.id < %(before)s::uuid
        order by n.id desc limit %(limit)s
    )
    union all
    (
        select h.id, 'happening' from happenings h
        where h.group_id = %(group_id)s and h.conversation_id = %(conversation_id)s
            and h.id < %(before)s::uuid
        order by h.id desc limit %(limit)s
    )
) found
order by found.id desc limit %(limit)s

-- name: soon_after
-- A place some fifteen things behind one of the flow, so that what was answered is seen too; null
-- when that is its end.
select (
    select max(later.id::text)::uuid from (
        (
            select t.id from texts t
            where t.group_id = %(group_id)s and t.conversation_id = %(conversation_id)s
                and t.id > %(at)s::uuid
            order by t.id limit 15
        )
        union all
        (
            select n.id from notes n
            where n.group_id = %(group_id)s and n.conversation_id = %(conversation_id)s
                and n.id > %(at)s::uuid
            order by n.id limit 15
        )
    ) later
    having count(*) >= 15
) as id

-- name: texts
-- These texts of one conversation, each with its newest decision and the moment it is due.
select
    t.id, t.direction, t.sender, t.author_id, t.purpose, t.body_ct, t.added_ct, t.state,
    t.state_at, t.error_code, t.heard, t.media, t.created_at,
    m.name_ct as author_ct, o.due_at, d.binding_rule, d.findings -> 0 as finding, d.hold_until,
    l.store_id
from texts t
join lines l on l.group_id = t.group_id and l.id = t.line_id
left join members m on m.group_id = t.group_id and m.id = t.author_id
left join outbox o on o.group_id = t.group_id and o.text_id = t.id
left join lateral (
    select d.binding_rule, d.findings, d.hold_until from decisions d
    where d.group_id = t.group_id and d.text_id = t.id
    order by d.id desc limit 1
) d on t.direction = 'out'
where t.group_id = %(group_id)s and t.id = any(%(ids)s::uuid[])
    and t.conversation_id = %(conversation_id)s
    and (t.state not in ('blocked', 'cancelled') or %(sees_attempts)s
        or t.author_id = %(member_id)s)

-- name: notes
-- These notes of one conversation.
select n.id, n.author_id, n.body_ct, n.mentions, n.created_at, m.name_ct as author_ct
from notes n
left join members m on m.group_id = n.group_id and m.id = n.author_id
where n.group_id = %(group_id)s and n.id = any(%(ids)s::uuid[])
    and n.conversation_id = %(conversation_id)s

-- name: happenings
-- These happenings of one conversation.
select h.id, h.kind, h.actor_id, h.subject_id, h.said, h.happened_at,
    m.name_ct as actor_ct, s.name_ct as subject_ct
from happenings h
left join members m on m.group_id = h.group_id and m.id = h.actor_id
left join members s on s.group_id = h.group_id and s.id = h.subject_id
where h.group_id = %(group_id)s and h.id = any(%(ids)s::uuid[])
    and h.conversation_id = %(conversation_id)s

-- name: reached
-- Which of these the viewer reaches, with what an action on them must know; locked in one order.
select c.id, c.contact_id, c.line_id, c.store_id, c.assignee_id, c.done_at, c.snoozed_until,
    c.waiting_since, c.last_in_at, k.key_wrapped,
    k.erased_at
from conversations c
join contacts k on k.group_id = c.group_id and k.id = c.contact_id
where c.group_id = %(group_id)s and c.id = any(%(ids)s::uuid[])
    and c.line_id = any(%(line_ids)s::uuid[])
order by c.id
for no key update of c

-- name: glance
-- As `reached`, for what changes nothing that others see; takes no lock.
select c.id, c.contact_id, c.line_id, c.store_id, c.assignee_id, c.last_in_at, k.key_wrapped,
    k.erased_at
from conversations c
join contacts k on k.group_id = c.group_id and k.id = c.contact_id
where c.group_id = %(group_id)s and c.id = any(%(ids)s::uuid[])
    and c.line_id = any(%(line_ids)s::uuid[])
order by c.id

-- name: assign
-- To one member, or to nobody.
update conversations set assignee_id = %(assignee_id)s
where group_id = %(group_id)s and id = any(%(ids)s::uuid[])

-- name: finish
-- Nobody waits in what is done.
update conversations
set done_at = %(at)s, done_by = %(member_id)s, snoozed_until = null, waiting_since = null
where group_id = %(group_id)s and id = any(%(ids)s::uuid[]) and done_at is null

-- name: reopen
-- Back among the open ones.
update conversations set done_at = null, done_by = null
where group_id = %(group_id)s and id = any(%(ids)s::uuid[]) and done_at is not null

-- name: snooze
-- Out of the lists until then; null wakes it.
update conversations set snoozed_until = %(until)s
where group_id = %(group_id)s and id = any(%(ids)s::uuid[])

-- name: read
-- Reading only moves forward, whichever screen was slower to say so.
insert into reads (group_id, conversation_id, member_id, read_at)
select %(group_id)s, id, %(member_id)s, %(read_at)s from unnest(%(ids)s::uuid[]) as asked (id)
on conflict (group_id, conversation_id, member_id) do update
set read_at = greatest(reads.read_at, excluded.read_at)

-- name: unread
-- Back to just before the customer's last text.
insert into reads (group_id, conversation_id, member_id, read_at)
select c.group_id, c.id, %(member_id)s, c.last_in_at - interval '1 microsecond'
from conversations c
where c.group_id = %(group_id)s and c.id = any(%(ids)s::uuid[]) and c.last_in_at is not null
on conflict (group_id, conversation_id, member_id) do update
set read_at = least(reads.read_at, excluded.read_at)

-- name: record_new
-- A contact on a line; when there is one already, that one stays as it is.
insert into conversations (group_id, id, contact_id, line_id, store_id, assignee_id, last_at,
    created_at)
select %(group_id)s, %(id)s, %(contact_id)s, l.id, l.store_id, %(assignee_id)s, %(at)s, %(at)s
from lines l where l.group_id = %(group_id)s and l.id = %(line_id)s
on conflict (group_id, contact_id, line_id) do nothing

-- name: between
-- The conversation of a contact on a line.
select c.id, c.store_id, c.assignee_id from conversations c
where c.group_id = %(group_id)s and c.contact_id = %(contact_id)s and c.line_id = %(line_id)s

-- name: record_happening
-- What happened to these conversations, once each; the ids are paired with theirs.
insert into happenings (group_id, id, conversation_id, contact_id, kind, actor_id, subject_id,
    said, happened_at)
select %(group_id)s, made.id, c.id, c.contact_id, %(kind)s, %(actor_id)s, %(subject_id)s,
    %(said)s, %(at)s
from unnest(%(new_ids)s::uuid[], %(ids)s::uuid[]) as made (id, conversation_id)
join conversations c on c.group_id = %(group_id)s and c.id = made.conversation_id

-- name: record_happenings
-- What happened to these conversations, each with a kind and words of its own.
insert into happenings (group_id, id, conversation_id, contact_id, kind, said, happened_at)
select %(group_id)s, h.id, h.conversation_id, h.contact_id, h.kind, h.said::jsonb, %(at)s
from unnest(%(ids)s::uuid[], %(conversations)s::uuid[], %(contacts)s::uuid[], %(kinds)s::text[],
    %(said)s::text[]) as h (id, conversation_id, contact_id, kind, said)

-- name: one_reader
-- Two openings of one conversation by one reader, side by side, take turns.
select pg_advisory_xact_lock(hashtextextended(%(member_id)s::text || %(conversation_id)s::text, 0))

-- name: read_lately
-- Whether this reading is already on record.
select true as already from happenings h
where h.group_id = %(group_id)s and h.conversation_id = %(conversation_id)s
    and h.kind = 'read' and h.actor_id = %(member_id)s and h.happened_at > %(since)s
order by h.id desc limit 1

-- name: text_at
-- When a text of this conversation came or was written.
select t.created_at from texts t
where t.group_id = %(group_id)s and t.id = %(text_id)s
    and t.conversation_id = %(conversation_id)s
