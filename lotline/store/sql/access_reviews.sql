-- name: people
-- Everybody who works here and what opens for them, but for those who left.
select m.id, m.name_ct, m.role, m.hue, m.created_at,
    (
        select coalesce(array_agg(distinct r.store_id order by r.store_id), '{}')
        from member_reach r
        where r.group_id = m.group_id and r.member_id = m.id and r.line_id is null
    ) as store_ids,
    (
        select coalesce(array_agg(distinct r.line_id order by r.line_id), '{}')
        from member_reach r
        where r.group_id = m.group_id and r.member_id = m.id and r.line_id is not null
    ) as line_ids,
    (
        select coalesce(array_agg(distinct l.id), '{}') from member_reach r
        join lines l on l.group_id = r.group_id
            and (l.id = r.line_id or (r.line_id is null and l.store_id = r.store_id))
        where r.group_id = m.group_id and r.member_id = m.id
    ) as reached,
    (
        select coalesce(array_agg(r.name order by r.name), '{}') from member_rights r
        where r.group_id = m.group_id and r.member_id = m.id and r.given
    ) as given,
    (
        select coalesce(array_agg(r.name order by r.name), '{}') from member_rights r
        where r.group_id = m.group_id and r.member_id = m.id and not r.given
    ) as taken,
    exists (
        select from suspensions s
        where s.group_id = m.group_id and s.member_id = m.id and s.lifted_at is null
    ) as suspended,
    (
        select count(*)::int from devices d
        where d.group_id = m.group_id and d.member_id = m.id and d.ended_at is null
    ) as devices,
    (
        select max(d.seen_at) from devices d
        where d.group_id = m.group_id and d.member_id = m.id
    ) as seen_at,
    (
        select count(*)::int from programs p
        where p.group_id = m.group_id and p.member_id = m.id and p.revoked_at is null
            and (p.expires_at is null or p.expires_at > %(now)s)
    ) as tokens,
    (
        select count(*)::int from tablet_pins p
        where p.group_id = m.group_id and p.member_id = m.id
    ) as pins,
    (
        select a.account_id from seats a where a.group_id = m.group_id and a.member_id = m.id
    ) as account_id,
    r.signed_at, r.due_at
from members m
left join lateral (
    select v.signed_at, v.due_at
    from access_review_rows w
    join access_reviews v on v.group_id = w.group_id and v.id = w.review_id
    where w.group_id = m.group_id and w.member_id = m.id
    order by v.signed_at desc, v.id desc limit 1
) r on true
where m.group_id = %(group_id)s
    and not exists (
        select from leavings l where l.group_id = m.group_id and l.member_id = m.id
    )
order by m.created_at, m.id

-- name: dues
-- Of the same people only what tells whether a review is due: a dashboard asks it again and again.
-- Whoever sees all need not know which lines each of them reaches.
with signed as (
    select distinct on (w.member_id) w.member_id, v.due_at
    from access_review_rows w
    join access_reviews v on v.group_id = w.group_id and v.id = w.review_id
    where w.group_id = %(group_id)s
    order by w.member_id, v.signed_at desc, v.id desc
), reaching as (
    select r.member_id, array_agg(distinct l.id) as reached from member_reach r
    join lines l on l.group_id = r.group_id
        and (l.id = r.line_id or (r.line_id is null and l.store_id = r.store_id))
    where r.group_id = %(group_id)s and not %(sees_all)s
    group by r.member_id
)
select m.id, m.role, m.created_at, s.due_at, coalesce(r.reached, '{}') as reached,
    exists (
        select from suspensions s
        where s.group_id = m.group_id and s.member_id = m.id and s.lifted_at is null
    ) as suspended
from members m
left join signed s on s.member_id = m.id
left join reaching r on r.member_id = m.id
where m.group_id = %(group_id)s
    and not exists (
        select from leavings l where l.group_id = m.group_id and l.member_id = m.id
    )

-- name: record
-- A review, signed.
insert into access_reviews (group_id, id, signed_by, device_id, signed_name_ct, signed_at, due_at)
values (%(group_id)s, %(id)s, %(by)s, %(device_id)s, %(name_ct)s, %(at)s, %(due_at)s)

-- name: record_rows
-- What was decided about each, and what they had.
insert into access_review_rows (group_id, review_id, member_id, decision, had)
select %(group_id)s, %(review_id)s, r.member_id, r.decision, r.had::jsonb
from unnest(%(members)s::uuid[], %(decisions)s::text[], %(had)s::text[])
    as r (member_id, decision, had)

-- name: past
-- The reviews that were signed, the latest first.
select v.id, v.signed_name_ct, v.signed_at, v.due_at, count(w.member_id)::int as people,
    count(*) filter (where w.decision = 'change')::int as changes,
    count(*) filter (where w.decision = 'remove')::int as removals
from access_reviews v
join access_review_rows w on w.group_id = v.group_id and w.review_id = v.id
where v.group_id = %(group_id)s and (%(sees_all)s or v.signed_by = %(member_id)s)
group by v.group_id, v.id, v.signed_name_ct, v.signed_at, v.due_at
order by v.signed_at desc, v.id desc limit 20

-- name: store_names
-- What each store is called.
select id, name_ct from stores where group_id = %(group_id)s
