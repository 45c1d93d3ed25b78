-- name: record
-- A hold is placed.
insert into legal_holds (group_id, id, kind, subject_id, reason_ct, counsel_ct, placed_by, placed_at)
values (%(group_id)s, %(id)s, %(kind)s, %(subject_id)s, %(reason_ct)s, %(counsel_ct)s, %(by)s, %(at)s)

-- name: lift
-- It ends, once.
insert into legal_hold_lifts (group_id, hold_id, reason_ct, lifted_by, lifted_at)
values (%(group_id)s, %(hold_id)s, %(reason_ct)s, %(by)s, %(at)s)
on conflict do nothing

-- name: forget_marks
-- What was passed over while the hold stood is looked at again.
delete from retention_marks where group_id = %(group_id)s

-- name: list
-- Every hold, those that stand first, then the newest.
select h.id, h.kind, h.subject_id, h.reason_ct, h.counsel_ct, h.placed_by, h.placed_at,
    l.reason_ct as lift_ct, l.lifted_by, l.lifted_at, c.name_ct, c.number_ct, c.key_wrapped,
    c.erased_at
from legal_holds h
left join legal_hold_lifts l on l.group_id = h.group_id and l.hold_id = h.id
left join contacts c on c.group_id = h.group_id and c.id = h.subject_id
where h.group_id = %(group_id)s
order by (l.hold_id is null) desc, h.id desc limit 200

-- name: lock_shared
-- Whoever erases or retires goes on only while no hold is being placed.
select pg_advisory_xact_lock_shared(hashtextextended('hold:' || %(group_id)s::uuid::text, 0))

-- name: lock
-- Whoever places a hold waits for those who are erasing, and none begins before it stands.
select pg_advisory_xact_lock(hashtextextended('hold:' || %(group_id)s::uuid::text, 0))

-- name: held
-- Which of these contacts a hold stands on.
select c.id from unnest(%(ids)s::uuid[]) as c (id) where is_held(%(group_id)s, c.id)

-- name: standing
-- How many holds stand.
select count(*) as n from legal_holds h where h.group_id = %(group_id)s and not exists (
    select from legal_hold_lifts l where l.group_id = h.group_id and l.hold_id = h.id)

-- name: subject_is_there
-- Whether the one a hold would be about is here.
select exists (
    select from contacts where %(kind)s = 'customer' and group_id = %(group_id)s and id = %(id)s
    union all
    select from members where %(kind)s = 'member' and group_id = %(group_id)s and id = %(id)s
    union all
    select from lines where %(kind)s = 'line' and group_id = %(group_id)s and id = %(id)s) as here

-- name: ask_erasure
-- An erasure waits for the end of a hold.
insert into erasures_asked (group_id, id, contact_id, reason, asked_by, asked_at)
select %(group_id)s, %(id)s, %(contact_id)s, %(reason)s, %(by)s, %(at)s
where not exists (
    select from erasures_asked a
    join contacts c on c.group_id = a.group_id and c.id = a.contact_id
    where a.group_id = %(group_id)s and a.contact_id = %(contact_id)s
        and c.key_wrapped is not null and (c.erased_at is null or c.erased_at < a.asked_at))

-- name: waiting_erasures
-- Erasures that were asked for and not done, oldest first, and whether a hold is what they wait for.
select a.id, a.contact_id, a.reason, a.asked_by, a.asked_at, c.name_ct, c.number_ct, c.key_wrapped,
    c.erased_at, is_held(a.group_id, a.contact_id) as held
from erasures_asked a
join contacts c on c.group_id = a.group_id and c.id = a.contact_id
where a.group_id = %(group_id)s and c.key_wrapped is not null
    and (c.erased_at is null or c.erased_at < a.asked_at)
order by a.id limit 200

-- name: one
-- Whether there is such a hold.
select id from legal_holds where group_id = %(group_id)s and id = %(hold_id)s
