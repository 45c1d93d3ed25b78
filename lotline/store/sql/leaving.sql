-- name: effect
-- What there is of a member that their leaving ends or moves.
select
    (
        select count(*)::int from devices d
        where d.group_id = %(group_id)s and d.member_id = %(member_id)s and d.ended_at is null
    ) as sessions,
    (
        select count(*)::int from templates t
        where t.group_id = %(group_id)s and t.owner_id = %(member_id)s and t.retired_at is null
    ) as templates,
    (
        select count(*)::int from programs p
        where p.group_id = %(group_id)s and p.member_id = %(member_id)s and p.revoked_at is null
    ) as programs,
    (
        select count(*)::int from texts t
        where t.group_id = %(group_id)s and t.author_id = %(member_id)s
            and t.state in ('queued', 'held')
    ) as waiting

-- name: open_conversations
-- What is open and theirs, by line.
select c.line_id, count(*)::int as open from conversations c
where c.group_id = %(group_id)s and c.assignee_id = %(member_id)s and c.done_at is null
group by c.line_id

-- name: lock_conversations
-- The same, one by one, locked in one order as by everybody who changes several.
select c.id, c.line_id, c.store_id, c.contact_id from conversations c
where c.group_id = %(group_id)s and c.assignee_id = %(member_id)s and c.done_at is null
order by c.id
for no key update of c

-- name: assign
-- Each to its new member.
update conversations c set assignee_id = n.member_id
from unnest(%(ids)s::uuid[], %(member_ids)s::uuid[]) as n (id, member_id)
where c.group_id = %(group_id)s and c.id = n.id

-- name: waiting
-- Their texts that have not left.
select t.id, t.contact_id, t.conversation_id, t.line_id from texts t
where t.group_id = %(group_id)s and t.author_id = %(member_id)s and t.state in ('queued', 'held')
order by t.contact_id, t.id

-- name: give_templates
-- Their own saved replies become somebody's, or are put away.
update templates set
    owner_id = coalesce(%(to_member_id)s::uuid, owner_id),
    retired_at = case when %(to_member_id)s::uuid is null then %(at)s else retired_at end,
    updated_at = %(at)s
where group_id = %(group_id)s and owner_id = %(member_id)s and retired_at is null

-- name: revoke_programs
-- What texts in their name texts no longer.
update programs set revoked_at = %(at)s, revoked_by = %(by)s
where group_id = %(group_id)s and member_id = %(member_id)s and revoked_at is null
returning id

-- name: record
-- They left.
insert into leavings (group_id, id, member_id, left_at, let_go_by, receipt)
values (%(group_id)s, %(id)s, %(member_id)s, %(at)s, %(by)s, %(receipt)s)

-- name: record_moves
-- Whose conversations became whose.
insert into leaving_moves (group_id, leaving_id, conversation_id, to_member_id)
select %(group_id)s, %(leaving_id)s, n.id, n.member_id
from unnest(%(ids)s::uuid[], %(member_ids)s::uuid[]) as n (id, member_id)

-- name: of_member
-- When they left, by whom, and what it did.
select l.id, l.left_at, l.let_go_by, l.receipt from leavings l
where l.group_id = %(group_id)s and l.member_id = %(member_id)s

-- name: moved_still
-- Those that are still where leaving put them, locked.
select c.id, c.line_id, c.store_id, c.contact_id from leaving_moves v
join conversations c on c.group_id = v.group_id and c.id = v.conversation_id
where v.group_id = %(group_id)s and v.leaving_id = %(leaving_id)s
    and v.to_member_id is not null and c.assignee_id = v.to_member_id and c.done_at is null
order by c.id
for no key update of c
