-- name: begin
-- A company that was never counted: from now on by events, and what is older from scratch.
insert into counted (group_id, xid, n, behind, counted_at)
values (%(group_id)s, pg_snapshot_xmin(pg_current_snapshot()), 0,
    '00000000-0000-0000-0000-000000000000', %(now)s)
on conflict (group_id) do nothing

-- name: hold
-- How far it is counted, held by whoever counts; nothing while somebody else does.
select xid::text as xid, n, behind, counted_at,
    pg_snapshot_xmin(pg_current_snapshot())::text as edge
from counted where group_id = %(group_id)s for update skip locked

-- name: look
-- How far it is counted, for whoever only reads.
select behind, counted_at from counted where group_id = %(group_id)s

-- name: touched
-- Whom the next events are about. An event of one member alone is about no customer's texts.
select e.xid::text as xid, e.n, coalesce(e.contact_id, c.contact_id) as contact_id
from events e
left join conversations c on c.group_id = e.group_id and c.id = e.conversation_id
    and e.contact_id is null
where e.group_id = %(group_id)s
    and (e.xid, e.n) > (%(xid)s::text::xid8, %(n)s::bigint) and e.xid < %(edge)s::text::xid8
order by e.xid, e.n limit %(limit)s

-- name: next_contacts
-- The next customers to be counted from scratch.
select id from contacts where group_id = %(group_id)s and id > %(behind)s order by id
limit %(limit)s

-- name: move
-- It is counted up to here.
update counted set xid = %(xid)s::text::xid8, n = %(n)s, behind = %(behind)s, counted_at = %(now)s
where group_id = %(group_id)s

-- name: hours
-- Each line's zone and open hours.
select l.id, s.zone, s.open_hours from lines l
join stores s on s.group_id = l.group_id and s.id = l.store_id
where l.group_id = %(group_id)s

-- name: texts
-- Every text of these customers, without its words, and what was decided on it.
select t.contact_id, t.id, t.conversation_id, t.line_id, t.direction, t.sender, t.author_id,
    t.purpose, t.state, coalesce(t.heard ->> 'decision', 'none') as heard, t.created_at,
    t.handed_at, t.carrier_id is not null as known_there,
    coalesce(d.held, false) as held, d.rule, coalesce(d.released, false) as released
from texts t
left join lateral (
    select bool_or(d.verdict = 'hold') as held,
        (array_agg(d.binding_rule order by d.id desc))[1] as rule,
        bool_or(d.stage = 'release' and d.verdict = 'allow') as released
    from decisions d
    where d.group_id = t.group_id and d.text_id = t.id
) d on t.direction = 'out'
where t.group_id = %(group_id)s and t.contact_id = any(%(ids)s::uuid[])
order by t.contact_id, t.id

-- name: recorders
-- Which member wrote which entry down.
select id, member_id from consent_entries
where group_id = %(group_id)s and contact_id = any(%(ids)s::uuid[]) and member_id is not null

-- name: drop_days
-- The days of these customers, before they are counted again.
delete from count_days where group_id = %(group_id)s and contact_id = any(%(ids)s::uuid[])

-- name: drop_texts
-- The texts asked for by name of these customers, before they are counted again.
delete from count_texts where group_id = %(group_id)s and contact_id = any(%(ids)s::uuid[])

-- name: drop_waits
-- The waits of these customers, before they are counted again.
delete from count_waits where group_id = %(group_id)s and contact_id = any(%(ids)s::uuid[])

-- name: drop_moves
-- The changes of level of these customers, before they are counted again.
delete from count_moves where group_id = %(group_id)s and contact_id = any(%(ids)s::uuid[])

-- name: record_days
-- What the texts of each day add up to.
insert into count_days (group_id, contact_id, conversation_id, line_id, day, author_id, sent,
    received, allowed, held, blocked)
select %(group_id)s, r.* from unnest(%(contacts)s::uuid[], %(conversations)s::uuid[],
    %(lines)s::uuid[], %(days)s::date[], %(authors)s::uuid[], %(sent)s::int[], %(received)s::int[],
    %(allowed)s::int[], %(held)s::int[], %(blocked)s::int[]) as r

-- name: record_texts
-- The texts that are asked for by name.
insert into count_texts (group_id, contact_id, text_id, what, conversation_id, line_id, author_id,
    at, day, why)
select %(group_id)s, r.* from unnest(%(contacts)s::uuid[], %(texts)s::uuid[], %(whats)s::text[],
    %(conversations)s::uuid[], %(lines)s::uuid[], %(authors)s::uuid[], %(ats)s::timestamptz[],
    %(days)s::date[], %(whys)s::text[]) as r

-- name: record_waits
-- The waits that ended.
insert into count_waits (group_id, contact_id, text_id, conversation_id, line_id, author_id,
    started_at, ended_at, day, hour, open_s)
select %(group_id)s, r.* from unnest(%(contacts)s::uuid[], %(texts)s::uuid[],
    %(conversations)s::uuid[], %(lines)s::uuid[], %(authors)s::uuid[], %(started)s::timestamptz[],
    %(ended)s::timestamptz[], %(days)s::date[], %(hours)s::smallint[], %(open_s)s::int[]) as r

-- name: record_moves
-- How each customer's level changed.
insert into count_moves (group_id, contact_id, entry_id, at, was, now, source, credited_id, last)
select %(group_id)s, r.* from unnest(%(contacts)s::uuid[], %(entries)s::uuid[],
    %(ats)s::timestamptz[], %(was)s::text[], %(now)s::text[], %(sources)s::text[],
    %(credited)s::uuid[], %(last)s::boolean[]) as r
