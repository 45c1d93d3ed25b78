-- name: house
-- What is the same for everybody in the company: its settings, and all that an owner reaches.
select g.settings, coalesce(%(now)s, now()) as at,
    (select array_agg(s.id) from stores s where s.group_id = g.id) as store_ids,
    (select array_agg(l.id) from lines l where l.group_id = g.id) as line_ids
from groups g where g.id = %(group_id)s

-- name: devices
-- Of these devices those that are still signed in, by the account that signed in on them.
select d.id, d.member_id, d.tablet_id is not null as shared, d.by_pin,
    d.locked_at is not null as locked, d.seen_at
from unnest(%(ids)s::uuid[], %(account_ids)s::uuid[]) as o (id, account_id)
join devices d on d.group_id = %(group_id)s and d.id = o.id
join seats s on s.account_id = o.account_id and s.group_id = d.group_id
    and s.member_id = d.member_id
left join tablets t on t.group_id = d.group_id and t.id = d.tablet_id
where d.ended_at is null and t.ended_at is null

-- name: members
-- These members' roles, and their reach where it is not the whole company. Who is suspended is not
-- among them.
select m.id, m.role,
    (
        select array_agg(distinct r.store_id) from member_reach r
        where r.group_id = m.group_id and r.member_id = m.id and r.line_id is null
    ) as store_ids,
    (
        select array_agg(distinct l.id)
        from member_reach r
        join lines l on l.group_id = r.group_id
            and (l.id = r.line_id or (r.line_id is null and l.store_id = r.store_id))
        where r.group_id = m.group_id and r.member_id = m.id
    ) as line_ids
from members m
where m.group_id = %(group_id)s and m.id = any(%(ids)s::uuid[])
    and not exists (
        select from suspensions s
        where s.group_id = m.group_id and s.member_id = m.id and s.lifted_at is null
    )
