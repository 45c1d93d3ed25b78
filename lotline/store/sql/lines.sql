-- name: list
-- Lines in reach, and whether they are paused.
select l.id, l.store_id, s.name_ct as store_ct, l.label_ct, l.number_ct, l.kind, l.carrier,
    l.registration, p.paused_at, p.reason as paused_why
from lines l
join stores s on s.group_id = l.group_id and s.id = l.store_id
left join lateral (
    select p.paused_at, p.reason from line_pauses p
    where p.group_id = l.group_id and p.line_id = l.id and p.resumed_at is null
    order by p.paused_at desc limit 1
) p on true
where l.group_id = %(group_id)s and l.id = any(%(line_ids)s::uuid[])
order by l.created_at, l.id

-- name: news
-- How lines did in the last week, and what failed in the last day. A text's id grows with time, so
-- one range of the key holds the week; it is read for the lines' own page alone.
with week as (
    select t.line_id, t.direction, t.state, t.error_code, t.created_at, t.state_at
    from texts t
    where t.group_id = %(group_id)s and t.id > rpad(lpad(to_hex((
        extract(epoch from coalesce(%(now)s, now()) - interval '7 days') * 1000)::bigint
    ), 12, '0'), 32, '0')::uuid
        and t.line_id = any(%(line_ids)s::uuid[])
)
select w.line_id,
    max(w.created_at) filter (where w.direction = 'in') as last_in_at,
    max(w.state_at) filter (where w.state = 'delivered') as last_delivered_at,
    count(*) filter (where w.state = 'failed'
        and w.state_at > coalesce(%(now)s, now()) - interval '1 day')::int as failures_24h,
    mode() within group (order by w.error_code) filter (where w.state = 'failed'
        and w.state_at > coalesce(%(now)s, now()) - interval '1 day') as top_failure
from week w group by w.line_id

-- name: by_number
-- Lines in reach by their numbers, under any version of the keyed hash.
select id, number_hash from lines
where group_id = %(group_id)s and number_hash = any(%(hashes)s::bytea[])
    and id = any(%(line_ids)s::uuid[])

-- name: one
-- One line, locked while it is paused or resumed.
select l.id, l.store_id, exists (
    select from line_pauses p
    where p.group_id = l.group_id and p.line_id = l.id and p.resumed_at is null
) as paused
from lines l
where l.group_id = %(group_id)s and l.id = %(line_id)s and l.id = any(%(line_ids)s::uuid[])
for no key update of l

-- name: pause
-- Nothing leaves from it until it is resumed.
insert into line_pauses (group_id, id, line_id, paused_by, paused_at, reason)
values (%(group_id)s, %(id)s, %(line_id)s, %(member_id)s, %(at)s, %(reason)s)

-- name: resume
-- Ends every pause of the line.
update line_pauses set resumed_by = %(member_id)s, resumed_at = %(at)s
where group_id = %(group_id)s and line_id = %(line_id)s and resumed_at is null

-- name: record
-- A new line of a store.
insert into lines (group_id, id, store_id, label_ct, number_ct, number_hash, kind, carrier, account,
    messaging_service, registration, target_s, created_at)
values (%(group_id)s, %(id)s, %(store_id)s, %(label_ct)s, %(number_ct)s, %(number_hash)s, %(kind)s,
    %(carrier)s, %(account)s, %(messaging_service)s, %(registration)s, %(target_s)s, %(at)s)

-- name: record_store
-- A new store.
insert into stores (group_id, id, name_ct, zone, open_hours, place, created_at)
values (%(group_id)s, %(id)s, %(name_ct)s, %(zone)s, %(open_hours)s, %(place)s, %(at)s)

-- name: store_of
-- The store that a line belongs to.
select store_id from lines where group_id = %(group_id)s and id = %(line_id)s
