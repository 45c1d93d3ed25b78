-- name: list
-- Who works here, as far as the viewer's reach goes: those who share a line with them, and those
-- who reach everything; for nobody (no viewer), nobody.
with reached as (
    select r.member_id, l.id as line_id
    from member_reach r
    join lines l on l.group_id = r.group_id
        and (l.id = r.line_id or (r.line_id is null and l.store_id = r.store_id))
    where r.group_id = %(group_id)s
),
newest as (
    select p.version, p.sign_by from policies p
    where p.group_id = %(group_id)s and p.adopted_at <= coalesce(%(now)s, now())
    order by p.version desc limit 1
)
select m.id, m.name_ct, m.title_ct, m.role, m.hue, m.created_at, coalesce(%(now)s, now()) as at,
    (
        select array_agg(s.name_ct order by s.created_at, s.id) from stores s
        where s.group_id = m.group_id and s.id in (
            select r.store_id from member_reach r
            where r.group_id = m.group_id and r.member_id = m.id and r.line_id is null
        )
    ) as store_cts,
    (
        select array_agg(s.id order by s.created_at, s.id) from stores s
        where s.group_id = m.group_id and s.id in (
            select r.store_id from member_reach r
            where r.group_id = m.group_id and r.member_id = m.id and r.line_id is null
        )
    ) as store_ids,
    (
        select array_agg(distinct r.line_id) from member_reach r
        where r.group_id = m.group_id and r.member_id = m.id and r.line_id is not null
    ) as line_ids,
    exists (
        select from suspensions s
        where s.group_id = m.group_id and s.member_id = m.id and s.lifted_at is null
    ) as suspended,
    exists (
        select from texting_stops x
        where x.group_id = m.group_id and x.member_id = m.id and x.lifted_at is null
    ) as stopped,
    n.version as policy_version, n.sign_by,
    (
        select max(s.version) from policy_signatures s
        where s.group_id = m.group_id and s.member_id = m.id
    ) as signed_version,
    exists (
        select from training_passes t
        where t.group_id = m.group_id and t.member_id = m.id
            and t.valid_until > coalesce(%(now)s, now())
    ) as trained,
    (
        select count(*)::int from conversations c
        where c.group_id = m.group_id and c.assignee_id = m.id and c.done_at is null
            and c.line_id = any(%(line_ids)s::uuid[])
    ) as open_count,
    (
        select max(d.seen_at) from devices d
        where d.group_id = m.group_id and d.member_id = m.id
    ) as seen_at
from members m
left join newest n on true
where m.group_id = %(group_id)s and %(member_id)s::uuid is not null
    and (
        %(sees_all)s or m.id = %(member_id)s or m.role in ('owner', 'auditor')
        or exists (
            select from reached r
            where r.member_id = m.id and r.line_id = any(%(line_ids)s::uuid[])
        )
    )
order by m.created_at, m.id

-- name: line_labels
-- What each line is called, for the cards of who reaches it.
select id, label_ct from lines where group_id = %(group_id)s

-- name: on_line
-- Who may take a conversation of this line: those who reach it and do not only look.
select m.id, m.name_ct, m.hue, m.role
from members m
where m.group_id = %(group_id)s and m.role <> 'auditor'
    and not exists (
        select from suspensions s
        where s.group_id = m.group_id and s.member_id = m.id and s.lifted_at is null
    )
    and (
        m.role = 'owner'
        or exists (
            select from member_reach r
            join lines l on l.group_id = r.group_id and l.id = %(line_id)s
            where r.group_id = m.group_id and r.member_id = m.id
                and (r.line_id = l.id or (r.line_id is null and r.store_id = l.store_id))
        )
    )
order by m.created_at, m.id

-- name: one
-- One member, locked: role, the lines they reach, and whether they are suspended.
select m.id, m.role, m.name_ct,
    (
        select coalesce(array_agg(distinct l.id), '{}') from member_reach r
        join lines l on l.group_id = r.group_id
            and (l.id = r.line_id or (r.line_id is null and l.store_id = r.store_id))
        where r.group_id = m.group_id and r.member_id = m.id
    ) as line_ids,
    exists (
        select from suspensions s
        where s.group_id = m.group_id and s.member_id = m.id and s.lifted_at is null
    ) as suspended
from members m
where m.group_id = %(group_id)s and m.id = %(id)s
for no key update of m

-- name: in_turn
-- Two who change members of one company take turns, so that the last owner cannot go twice.
select pg_advisory_xact_lock(hashtextextended('members ' || %(group_id)s::text, 0))

-- name: owners_left
-- Owners who could still sign in if this member were not one.
select count(*)::int as owners from members m
where m.group_id = %(group_id)s and m.role = 'owner' and m.id <> %(id)s
    and not exists (
        select from suspensions s
        where s.group_id = m.group_id and s.member_id = m.id and s.lifted_at is null
    )

-- name: record
-- Somebody new works here.
insert into members (group_id, id, name_ct, role, title_ct, hue, settings, created_at)
values (%(group_id)s, %(id)s, %(name_ct)s, %(role)s, %(title_ct)s, %(hue)s, %(settings)s, %(at)s)

-- name: set_role
-- Another role.
update members set role = %(role)s where group_id = %(group_id)s and id = %(id)s

-- name: set_names
-- What they are called.
update members set name_ct = %(name_ct)s, title_ct = %(title_ct)s
where group_id = %(group_id)s and id = %(id)s

-- name: set_settings
-- The member's own choices, those given only.
update members set settings = settings || %(settings)s
where group_id = %(group_id)s and id = %(id)s

-- name: clear_reach
-- All of it; what is to stay is recorded anew.
delete from member_reach where group_id = %(group_id)s and member_id = %(id)s

-- name: record_reach
-- Stores whole and lines one by one.
insert into member_reach (group_id, id, member_id, store_id, line_id)
select %(group_id)s, made.id, %(member_id)s, made.store_id, made.line_id
from unnest(%(new_ids)s::uuid[], %(store_ids)s::uuid[], %(line_ids)s::uuid[])
    as made (id, store_id, line_id)

-- name: suspend
-- From now on they get nothing.
insert into suspensions (group_id, id, member_id, suspended_by, suspended_at, reason)
values (%(group_id)s, %(id)s, %(member_id)s, %(suspended_by)s, %(at)s, %(reason)s)

-- name: lift
-- Back at work.
update suspensions set lifted_by = %(lifted_by)s, lifted_at = %(at)s
where group_id = %(group_id)s and member_id = %(member_id)s and lifted_at is null

-- name: policy
-- The policy in force: the newest one adopted.
select p.version, p.body, p.body_sha256, p.adopted_at, p.sign_by, p.changes, p.counsel_ct,
    p.counsel_on
from policies p
where p.group_id = %(group_id)s and p.adopted_at <= coalesce(%(now)s, now())
order by p.version desc limit 1

-- name: policies
-- Every version, the newest first.
select p.version, p.body, p.body_sha256, p.adopted_at, p.sign_by, p.changes, p.counsel_ct,
    p.counsel_on
from policies p
where p.group_id = %(group_id)s
order by p.version desc

-- name: signed
-- The name a member put under a version, and when.
select s.id, s.signed_name_ct, s.signed_at from policy_signatures s
where s.group_id = %(group_id)s and s.member_id = %(member_id)s and s.version = %(version)s

-- name: record_policy
-- A new version of it.
insert into policies (group_id, version, body, body_sha256, adopted_at, sign_by, changes,
    counsel_ct, counsel_on)
values (%(group_id)s, %(version)s, %(body)s, %(body_sha256)s, %(at)s, %(sign_by)s, %(changes)s,
    %(counsel_ct)s, %(counsel_on)s)

-- name: record_signature
-- The name they typed under it, and where.
insert into policy_signatures (group_id, id, member_id, version, signed_name_ct, device_id,
    signed_at)
values (%(group_id)s, %(id)s, %(member_id)s, %(version)s, %(signed_name_ct)s, %(device_id)s, %(at)s)

-- name: release
-- What they may no longer see is nobody's, so that somebody takes it. Locked in one order, as by
-- everybody who changes several.
with lost as (
    select c.id from conversations c
    where c.group_id = %(group_id)s and c.assignee_id = %(member_id)s and c.done_at is null
        and not exists (
            select from member_reach r
            join lines l on l.group_id = r.group_id and l.id = c.line_id
            where r.group_id = c.group_id and r.member_id = %(member_id)s
                and (r.line_id = l.id or (r.line_id is null and r.store_id = l.store_id))
        )
    order by c.id
    for no key update of c
)
update conversations c set assignee_id = null
from lost where c.group_id = %(group_id)s and c.id = lost.id
returning c.id, c.line_id, c.store_id, c.contact_id

-- name: signature
-- Their signature under a version, if there is one.
select s.id from policy_signatures s
where s.group_id = %(group_id)s and s.member_id = %(member_id)s and s.version = %(version)s

-- name: reach_exists
-- How many of these stores and lines are the company's.
select
    (select count(*)::int from stores s
        where s.group_id = %(group_id)s and s.id = any(%(store_ids)s::uuid[])) as stores,
    (select count(*)::int from lines l
        where l.group_id = %(group_id)s and l.id = any(%(line_ids)s::uuid[])) as lines

-- name: names
-- What a few members are called, and their colour.
select id, name_ct, hue from members
where group_id = %(group_id)s and id = any(%(ids)s::uuid[])

-- name: rights
-- What a member was given beyond their role, and what was taken from it.
select name, given from member_rights
where group_id = %(group_id)s and member_id = %(member_id)s
order by name

-- name: clear_rights
-- All of them; what is to stay is recorded anew.
delete from member_rights where group_id = %(group_id)s and member_id = %(member_id)s

-- name: record_rights
-- Given and taken.
insert into member_rights (group_id, member_id, name, given, set_by, set_at)
select %(group_id)s, %(member_id)s, r.name, r.given, %(by)s, %(at)s
from unnest(%(names)s::text[], %(given)s::boolean[]) as r (name, given)
