-- name: record
-- A tablet that several use, from now on.
insert into tablets (group_id, id, key_hash, label_ct, shared_by, shared_at)
values (%(group_id)s, %(id)s, %(key_hash)s, %(label_ct)s, %(by)s, %(at)s)

-- name: known
-- The tablet whose browser holds this key, unless it is shared no more; takes no lock.
select id, label_ct from tablets
where group_id = %(group_id)s and id = %(id)s and key_hash = any(%(hashes)s::bytea[])
    and ended_at is null

-- name: lock
-- The same, locked: two guesses at a PIN come one after the other.
select id, wrong, shut_until from tablets
where group_id = %(group_id)s and id = %(id)s and key_hash = any(%(hashes)s::bytea[])
    and ended_at is null
for no key update

-- name: people
-- Who has a PIN on it and may use it.
select m.id, m.name_ct, m.hue, p.shut_until
from tablet_pins p
join members m on m.group_id = p.group_id and m.id = p.member_id
where p.group_id = %(group_id)s and p.tablet_id = %(tablet_id)s and m.role <> 'auditor'
    and not exists (
        select from suspensions s
        where s.group_id = m.group_id and s.member_id = m.id and s.lifted_at is null
    )
order by m.created_at, m.id

-- name: pin
-- A member's PIN on a locked tablet.
select p.pin_hash, p.wrong, p.shut_until, a.account_id
from tablet_pins p
join members m on m.group_id = p.group_id and m.id = p.member_id
join seats a on a.group_id = p.group_id and a.member_id = p.member_id
where p.group_id = %(group_id)s and p.tablet_id = %(tablet_id)s and p.member_id = %(member_id)s
    and m.role <> 'auditor'
    and not exists (
        select from suspensions s
        where s.group_id = m.group_id and s.member_id = m.id and s.lifted_at is null
    )

-- name: set_pin
-- A new PIN, or another one.
insert into tablet_pins (group_id, tablet_id, member_id, pin_hash, made_at)
values (%(group_id)s, %(tablet_id)s, %(member_id)s, %(pin_hash)s, %(at)s)
on conflict (group_id, tablet_id, member_id) do update
    set pin_hash = excluded.pin_hash, made_at = excluded.made_at, wrong = 0, shut_until = null

-- name: count_pin
-- How many tries went wrong, and until when no more is heard.
update tablet_pins set wrong = %(wrong)s, shut_until = %(shut_until)s
where group_id = %(group_id)s and tablet_id = %(tablet_id)s and member_id = %(member_id)s

-- name: count_tablet
-- The same for all who use it together.
update tablets set wrong = %(wrong)s, shut_until = %(shut_until)s
where group_id = %(group_id)s and id = %(tablet_id)s

-- name: void_pin
-- One PIN is none any more.
delete from tablet_pins
where group_id = %(group_id)s and tablet_id = %(tablet_id)s and member_id = %(member_id)s

-- name: void_pins
-- A member's PINs, wherever they have one.
delete from tablet_pins where group_id = %(group_id)s and member_id = %(member_id)s

-- name: void_all
-- Every PIN on a tablet that is shared no more.
delete from tablet_pins where group_id = %(group_id)s and tablet_id = %(tablet_id)s

-- name: end
-- Shared no more.
update tablets set ended_at = %(at)s, ended_by = %(by)s
where group_id = %(group_id)s and id = %(id)s and ended_at is null
    and (%(sees_all)s or shared_by = %(by)s)

-- name: end_sessions
-- Whoever was switched in, but the one who is now; and where they took notices.
with silenced as (
    delete from push_subscriptions p using devices d
    where p.group_id = %(group_id)s and d.group_id = p.group_id and d.id = p.device_id
        and d.tablet_id = %(tablet_id)s and d.ended_at is null
        and (%(but)s::uuid is null or d.id <> %(but)s)
)
update devices set ended_at = %(at)s, ended_by = %(by)s, ended_why = %(why)s
where group_id = %(group_id)s and tablet_id = %(tablet_id)s and ended_at is null
    and (%(but)s::uuid is null or id <> %(but)s)
returning id, member_id

-- name: list
-- The tablets that are shared, and how many have a PIN there.
select t.id, t.label_ct, t.shared_by, t.shared_at, m.name_ct,
    (
        select count(*)::int from tablet_pins p
        where p.group_id = t.group_id and p.tablet_id = t.id
    ) as pins
from tablets t
join members m on m.group_id = t.group_id and m.id = t.shared_by
where t.group_id = %(group_id)s and t.ended_at is null
    and (%(sees_all)s or t.shared_by = %(member_id)s)
order by t.shared_at, t.id

-- name: pins_of
-- On how many tablets each of these members has a PIN.
select member_id, count(*)::int as pins from tablet_pins
where group_id = %(group_id)s and member_id = any(%(members)s::uuid[])
group by member_id
