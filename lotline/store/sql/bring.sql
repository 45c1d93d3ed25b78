-- name: begin
-- Somebody begins to bring in what was on their phone.
insert into bringings (group_id, id, member_id, device_id, kind, total, began_at, beat_at)
values (%(group_id)s, %(id)s, %(member_id)s, %(device_id)s, %(kind)s, %(total)s, %(at)s, %(at)s)

-- name: fail_stale
-- What stopped beating was cut off; nothing of it was kept.
update bringings set state = 'failed', why = %(why)s, ended_at = %(at)s
where group_id = %(group_id)s and state = 'reading' and beat_at < %(before)s

-- name: drop_old
-- Nobody said which conversations come over: after a while none does.
with old as (
    update bringings set state = 'cancelled', ended_at = %(at)s
    where group_id = %(group_id)s and state = 'found' and began_at < %(before)s
    returning id
)
delete from bringing_texts t using old
where t.group_id = %(group_id)s and t.bringing_id = old.id

-- name: running
-- What a member is bringing in right now.
select id from bringings
where group_id = %(group_id)s and member_id = %(member_id)s and state in ('reading', 'found')
limit 1

-- name: in_turn
-- Two tabs of one member begin one after the other.
select pg_advisory_xact_lock(hashtextextended(%(group_id)s::text || ' bring ' || %(member_id)s::text, 0))

-- name: beat
-- How far it is; no row when it is over.
update bringings set done = %(done)s, read = %(read)s, others = %(others)s, beat_at = %(at)s
where group_id = %(group_id)s and id = %(id)s and state = 'reading'
returning cancel_asked

-- name: lock
-- One of them, locked, and whether the session that began it may still do so.
select b.id, b.member_id, b.device_id, b.kind, b.state, b.cancel_asked,
    d.ended_at is not null or exists (
        select from suspensions s
        where s.group_id = b.group_id and s.member_id = b.member_id and s.lifted_at is null
    ) as shut_out
from bringings b
join devices d on d.group_id = b.group_id and d.id = b.device_id
where b.group_id = %(group_id)s and b.id = %(id)s
for no key update of b

-- name: ask_cancel
-- Whoever reads it sees this within a moment.
update bringings set cancel_asked = true where group_id = %(group_id)s and id = %(id)s

-- name: end
-- How it ended.
update bringings set state = %(state)s::text, why = %(why)s, done = greatest(done, %(done)s::bigint),
    read = greatest(read, %(read)s::int), others = greatest(others, %(others)s::int),
    stops = stops + %(stops)s::int, doubts = doubts + %(doubts)s::int,
    beat_at = %(at)s::timestamptz,
    ended_at = case when %(state)s::text <> 'found' then %(at)s::timestamptz end
where group_id = %(group_id)s and id = %(id)s

-- name: drop_texts
-- What waited and is not to come over.
delete from bringing_texts where group_id = %(group_id)s and bringing_id = %(id)s

-- name: record_threads
-- Each customer of an export, held against the ledger.
insert into bringing_threads (group_id, bringing_id, contact_id, texts, fresh, sent, without,
    after_stop, stops, doubts, first_at, last_at)
select %(group_id)s, %(bringing_id)s, t.*
from unnest(%(contacts)s::uuid[], %(texts)s::int[], %(fresh)s::int[], %(sent)s::int[],
    %(without)s::int[], %(after_stop)s::int[], %(stops)s::int[], %(doubts)s::int[],
    %(first_at)s::timestamptz[], %(last_at)s::timestamptz[]) as t

-- name: record_texts
-- What waits until the member has chosen.
insert into bringing_texts (group_id, bringing_id, id, contact_id, digest, direction, said_at,
    body_ct)
select %(group_id)s, %(bringing_id)s, t.*
from unnest(%(ids)s::uuid[], %(contacts)s::uuid[], %(digests)s::bytea[], %(directions)s::text[],
    %(said)s::timestamptz[], %(bodies)s::bytea[]) as t

-- name: digests
-- Which texts of these customers were brought in before.
select digest from brought_texts
where group_id = %(group_id)s and contact_id = any(%(contacts)s::uuid[])

-- name: entry_digests
-- Which of them became entries before.
select digest from brought_entries
where group_id = %(group_id)s and contact_id = any(%(contacts)s::uuid[])

-- name: record_entries
-- Which text became which entry.
insert into brought_entries (group_id, contact_id, digest, entry_id)
select %(group_id)s, e.*
from unnest(%(contacts)s::uuid[], %(digests)s::bytea[], %(entries)s::uuid[]) as e

-- name: keep
-- The chosen conversations come over. Who brought the same in meanwhile was first.
with moved as (
    insert into brought_texts (group_id, id, contact_id, digest, bringing_id, member_id, direction,
        said_at, body_ct, kept_at)
    select t.group_id, t.id, t.contact_id, t.digest, t.bringing_id, %(member_id)s, t.direction,
        t.said_at, t.body_ct, %(at)s
    from bringing_texts t
    where t.group_id = %(group_id)s and t.bringing_id = %(id)s
        and t.contact_id = any(%(contacts)s::uuid[])
    on conflict (group_id, contact_id, digest) do nothing
    returning id, contact_id, digest, direction, said_at, body_ct
)
select id, contact_id, digest, direction, said_at, body_ct from moved
order by contact_id, said_at, id

-- name: mark_kept
-- These conversations came over.
update bringing_threads set kept_at = %(at)s
where group_id = %(group_id)s and bringing_id = %(id)s and contact_id = any(%(contacts)s::uuid[])

-- name: one
-- One import of the member's own.
select b.* from bringings b
where b.group_id = %(group_id)s and b.id = %(id)s and b.member_id = %(member_id)s

-- name: of_member
-- A member's imports, the latest first.
select b.* from bringings b
where b.group_id = %(group_id)s and b.member_id = %(member_id)s
order by b.began_at desc, b.id desc limit 20

-- name: summary
-- What those whom the viewer leads brought in: counts alone, and who.
select b.id, b.member_id, m.name_ct, b.kind, b.state, b.began_at, b.ended_at, b.stops, b.doubts,
    t.customers, t.kept, t.texts, t.sent, t.without, t.after_stop
from bringings b
join members m on m.group_id = b.group_id and m.id = b.member_id
cross join lateral (
    select count(*)::int as customers, count(t.kept_at)::int as kept,
        coalesce(sum(t.texts), 0)::int as texts, coalesce(sum(t.sent), 0)::int as sent,
        coalesce(sum(t.without), 0)::int as without,
        coalesce(sum(t.after_stop), 0)::int as after_stop
    from bringing_threads t where t.group_id = b.group_id and t.bringing_id = b.id
) t
where b.group_id = %(group_id)s and b.state in ('found', 'kept')
    and (
        %(sees_all)s or b.member_id = %(member_id)s
        or (m.role in ('staff', 'manager') and exists (
            select from member_reach r
            join lines l on l.group_id = r.group_id
                and (l.id = r.line_id or (r.line_id is null and l.store_id = r.store_id))
            where r.group_id = b.group_id and r.member_id = b.member_id
                and l.id = any(%(line_ids)s::uuid[])
        ))
    )
order by b.began_at desc, b.id desc limit 200

-- name: threads
-- The customers of one import, and a conversation of each within reach.
select t.contact_id, t.texts, t.fresh, t.sent, t.without, t.after_stop, t.stops, t.doubts,
    t.first_at, t.last_at, t.kept_at, k.name_ct, k.number_ct, k.key_wrapped, k.erased_at, k.level,
    (
        select c.id from conversations c
        where c.group_id = t.group_id and c.contact_id = t.contact_id
            and c.line_id = any(%(line_ids)s::uuid[])
        order by c.last_at desc nulls last, c.id limit 1
    ) as conversation_id
from bringing_threads t
join contacts k on k.group_id = t.group_id and k.id = t.contact_id
where t.group_id = %(group_id)s and t.bringing_id = %(id)s
order by t.stops > 0 desc, t.after_stop > 0 desc, t.without > 0 desc, t.last_at desc, t.contact_id

-- name: history
-- What was brought in of one customer, the latest first, from a place.
select b.id, b.member_id, m.name_ct, b.direction, b.said_at, b.body_ct, b.kept_at, g.kind
from brought_texts b
join bringings g on g.group_id = b.group_id and g.id = b.bringing_id
join members m on m.group_id = b.group_id and m.id = b.member_id
where b.group_id = %(group_id)s and b.contact_id = %(contact_id)s
order by b.said_at desc, b.id desc limit %(limit)s offset %(skip)s

-- name: history_count
-- How many texts of one customer were brought in.
select count(*)::int as texts from brought_texts
where group_id = %(group_id)s and contact_id = %(contact_id)s
