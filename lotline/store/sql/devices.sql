-- name: list
-- Signed-in sessions, the open ones first. One's own; for who may end others', theirs as well.
select d.id, d.member_id, m.name_ct, d.label_ct, d.address_ct, d.signed_in_at, d.seen_at,
    d.ended_at, d.ended_why,
    exists (
        select from push_subscriptions p
        where p.group_id = d.group_id and p.device_id = d.id and d.ended_at is null
    ) as notices
from devices d
join members m on m.group_id = d.group_id and m.id = d.member_id
where d.group_id = %(group_id)s
    and (d.ended_at is null or d.ended_at > coalesce(%(now)s, now()) - interval '30 days')
    and (%(of)s::uuid is null or d.member_id = %(of)s)
    and (
        %(sees_all)s or d.member_id = %(member_id)s
        or (%(leads)s and m.role = 'staff' and exists (
            select from member_reach r
            join lines l on l.group_id = r.group_id
                and (l.id = r.line_id or (r.line_id is null and l.store_id = r.store_id))
            where r.group_id = d.group_id and r.member_id = d.member_id
                and l.id = any(%(line_ids)s::uuid[])
        ))
    )
order by d.ended_at is not null, d.seen_at desc, d.id
limit 500

-- name: record
-- A session begins.
insert into devices (group_id, id, member_id, session_hash, label_ct, address_ct, signed_in_at,
    seen_at, tablet_id, by_pin)
values (%(group_id)s, %(id)s, %(member_id)s, %(session_hash)s, %(label_ct)s, %(address_ct)s,
    %(at)s, %(at)s, %(tablet_id)s, %(by_pin)s)

-- name: one
-- One session that has not ended, locked, and whose it is.
select d.id, d.member_id from devices d
where d.group_id = %(group_id)s and d.id = %(id)s and d.ended_at is null
for no key update of d

-- name: end
-- Sessions of one member: this one, or each, or each but one. Where they took notices goes with them.
with silenced as (
    delete from push_subscriptions p using devices d
    where p.group_id = %(group_id)s and d.group_id = p.group_id and d.id = p.device_id
        and d.member_id = %(member_id)s and d.ended_at is null
        and (%(id)s::uuid is null or d.id = %(id)s)
        and (%(but)s::uuid is null or d.id <> %(but)s)
)
update devices set ended_at = %(at)s, ended_by = %(ended_by)s, ended_why = %(why)s
where group_id = %(group_id)s and member_id = %(member_id)s and ended_at is null
    and (%(id)s::uuid is null or id = %(id)s)
    and (%(but)s::uuid is null or id <> %(but)s)
returning id

-- name: by_session
-- A session by its key, ended or not.
select d.id, d.member_id, d.ended_at, d.ended_by, d.ended_why, e.role as ended_by_role
from devices d
left join members e on e.group_id = d.group_id and e.id = d.ended_by
where d.group_id = %(group_id)s and d.session_hash = any(%(session_hashes)s::bytea[])

-- name: lock
-- Shut until its person proves to be there.
update devices set locked_at = %(at)s
where group_id = %(group_id)s and id = %(id)s and ended_at is null and locked_at is null

-- name: unlock
-- Its person proved to be there.
update devices set locked_at = null, seen_at = %(at)s
where group_id = %(group_id)s and id = %(id)s and ended_at is null

-- name: touch
-- Somebody is using it. A session left alone too long is not woken by this: it stays shut.
update devices set seen_at = %(at)s
where group_id = %(group_id)s and id = %(id)s and ended_at is null and locked_at is null
    and seen_at > %(at)s::timestamptz - make_interval(mins => %(idle_minutes)s)
    and seen_at < %(at)s::timestamptz - interval '15 seconds'
