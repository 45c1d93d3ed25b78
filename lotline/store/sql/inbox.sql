-- name: team_newest
-- Open conversations of the lines in reach, newest first: the top of each line, then the top of all,
-- so that a group with a million conversations costs no more than one with a hundred.
select c.id, c.last_at, c.waiting_since
from unnest(%(line_ids)s::uuid[]) as reach (line_id)
cross join lateral (
    select c.id, c.last_at, c.waiting_since from conversations c
    where c.group_id = %(group_id)s and c.line_id = reach.line_id and c.done_at is null
        and (c.last_at, c.id) < (%(at)s::timestamptz, %(id)s::uuid)
        and (%(box)s <> 'unassigned' or c.assignee_id is null)
        and (%(is_)s = 'snoozed')
            = (c.snoozed_until is not null and c.snoozed_until > coalesce(%(now)s, now()))
        and (%(is_)s <> 'waiting' or c.waiting_since is not null)
        and (%(is_)s <> 'held' or c.id in (
        select w.conversation_id from texts w
        where w.group_id = %(group_id)s and w.state = 'held'
    ))
        and (%(is_)s <> 'unread' or c.last_in_at > coalesce((
            select r.read_at from reads r
            where r.group_id = c.group_id and r.conversation_id = c.id
                and r.member_id = %(member_id)s
        ), %(since)s::timestamptz, '-infinity'))
    order by c.last_at desc, c.id desc limit %(limit)s
) c
order by c.last_at desc, c.id desc limit %(limit)s

-- name: mine_newest
-- Open conversations that are the viewer's, on lines they still reach, newest first.
select c.id, c.last_at, c.waiting_since from conversations c
where c.group_id = %(group_id)s and c.assignee_id = %(member_id)s and c.done_at is null
    and c.line_id = any(%(line_ids)s::uuid[])
    and (c.last_at, c.id) < (%(at)s::timestamptz, %(id)s::uuid)
    and (%(is_)s = 'snoozed')
        = (c.snoozed_until is not null and c.snoozed_until > coalesce(%(now)s, now()))
    and (%(is_)s <> 'waiting' or c.waiting_since is not null)
    and (%(is_)s <> 'held' or c.id in (
        select w.conversation_id from texts w
        where w.group_id = %(group_id)s and w.state = 'held'
    ))
    and (%(is_)s <> 'unread' or c.last_in_at > coalesce((
        select r.read_at from reads r
        where r.group_id = c.group_id and r.conversation_id = c.id and r.member_id = %(member_id)s
    ), %(since)s::timestamptz, '-infinity'))
order by c.last_at desc, c.id desc limit %(limit)s

-- name: oldest
-- Open conversations, longest waiting first; those nobody waits in come after, oldest first.
select c.id, c.last_at, c.waiting_since
from unnest(%(line_ids)s::uuid[]) as reach (line_id)
cross join lateral (
    select c.id, c.last_at, c.waiting_since from conversations c
    where c.group_id = %(group_id)s and c.line_id = reach.line_id and c.done_at is null
        and (coalesce(c.waiting_since, 'infinity'), c.last_at, c.id)
            > (coalesce(%(waiting)s::timestamptz, 'infinity'), %(at)s::timestamptz, %(id)s::uuid)
        and (%(box)s <> 'mine' or c.assignee_id = %(member_id)s)
        and (%(box)s <> 'unassigned' or c.assignee_id is null)
        and (%(is_)s = 'snoozed')
            = (c.snoozed_until is not null and c.snoozed_until > coalesce(%(now)s, now()))
        and (%(is_)s <> 'waiting' or c.waiting_since is not null)
        and (%(is_)s <> 'held' or c.id in (
            select w.conversation_id from texts w
            where w.group_id = %(group_id)s and w.state = 'held'
        ))
        and (%(is_)s <> 'unread' or c.last_in_at > coalesce((
            select r.read_at from reads r
            where r.group_id = c.group_id and r.conversation_id = c.id
                and r.member_id = %(member_id)s
        ), %(since)s::timestamptz, '-infinity'))
    order by coalesce(c.waiting_since, 'infinity'), c.last_at, c.id limit %(limit)s
) c
order by coalesce(c.waiting_since, 'infinity'), c.last_at, c.id limit %(limit)s

-- name: unassigned_newest
-- Open conversations that are nobody's, newest first, line by line.
select c.id, c.last_at, c.waiting_since
from unnest(%(line_ids)s::uuid[]) as reach (line_id)
cross join lateral (
    select c.id, c.last_at, c.waiting_since from conversations c
    where c.group_id = %(group_id)s and c.line_id = reach.line_id and c.done_at is null
        and c.assignee_id is null
        and (c.last_at, c.id) < (%(at)s::timestamptz, %(id)s::uuid)
        and (c.snoozed_until is null or c.snoozed_until <= coalesce(%(now)s, now()))
    order by c.last_at desc, c.id desc limit %(limit)s
) c
order by c.last_at desc, c.id desc limit %(limit)s

-- name: widely_newest
-- The same of whoever reaches many lines: from the top of the company's open conversations, as far as
-- `look`; only where these do not fill the page, the top of each line.
with near as materialized (
    select n.id, n.last_at, n.waiting_since from (
        select c.id, c.line_id, c.last_at, c.waiting_since, c.assignee_id, c.snoozed_until
        from conversations c
        where c.group_id = %(group_id)s and c.done_at is null
            and (c.last_at, c.id) < (%(at)s::timestamptz, %(id)s::uuid)
        order by c.last_at desc, c.id desc limit %(look)s
    ) n
    where n.line_id = any(%(line_ids)s::uuid[])
        and (%(box)s <> 'unassigned' or n.assignee_id is null)
        and (n.snoozed_until is null or n.snoozed_until <= coalesce(%(now)s, now()))
    order by n.last_at desc, n.id desc limit %(limit)s
)
select n.id, n.last_at, n.waiting_since from near n
where (select count(*) from near) >= %(limit)s
union all
select c.id, c.last_at, c.waiting_since
from unnest(%(line_ids)s::uuid[]) as reach (line_id)
cross join lateral (
    select c.id, c.last_at, c.waiting_since from conversations c
    where c.group_id = %(group_id)s and c.line_id = reach.line_id and c.done_at is null
        and (c.last_at, c.id) < (%(at)s::timestamptz, %(id)s::uuid)
        and (%(box)s <> 'unassigned' or c.assignee_id is null)
        and (c.snoozed_until is null or c.snoozed_until <= coalesce(%(now)s, now()))
    order by c.last_at desc, c.id desc limit %(limit)s
) c
where (select count(*) from near) < %(limit)s
order by last_at desc, id desc limit %(limit)s

-- name: done_newest
-- What is done, newest first.
select c.id, c.last_at, c.waiting_since
from unnest(%(line_ids)s::uuid[]) as reach (line_id)
cross join lateral (
    select c.id, c.last_at, c.waiting_since from conversations c
    where c.group_id = %(group_id)s and c.line_id = reach.line_id and c.done_at is not null
        and (c.last_at, c.id) < (%(at)s::timestamptz, %(id)s::uuid)
        and (%(box)s <> 'mine' or c.assignee_id = %(member_id)s)
        and (%(box)s <> 'unassigned' or c.assignee_id is null)
    order by c.last_at desc, c.id desc limit %(limit)s
) c
order by c.last_at desc, c.id desc limit %(limit)s

-- name: done_oldest
-- What is done, oldest first.
select c.id, c.last_at, c.waiting_since
from unnest(%(line_ids)s::uuid[]) as reach (line_id)
cross join lateral (
    select c.id, c.last_at, c.waiting_since from conversations c
    where c.group_id = %(group_id)s and c.line_id = reach.line_id and c.done_at is not null
        and (c.last_at, c.id) > (%(at)s::timestamptz, %(id)s::uuid)
        and (%(box)s <> 'mine' or c.assignee_id = %(member_id)s)
        and (%(box)s <> 'unassigned' or c.assignee_id is null)
    order by c.last_at, c.id limit %(limit)s
) c
order by c.last_at, c.id limit %(limit)s

-- name: rows
-- What a list shows of these conversations, in the order asked. The last text is the last one the
-- viewer may see: an attempt that never left is its author's and the managers' alone. A text's id
-- grows with time, so unread ones are looked for only behind the moment of reading.
select
    c.id as conversation_id, c.contact_id, c.line_id, c.store_id, c.assignee_id,
    c.last_at, c.waiting_since, c.snoozed_until, c.done_at is not null as done,
    k.name_ct, k.number_ct, k.card_ct, k.key_wrapped, k.erased_at, k.level, k.zones,
    l.target_s, a.name_ct as assignee_ct,
    t.id as text_id, t.body_ct, t.direction, t.state, t.has_media,
    d.body_ct as draft_ct, coalesce(u.unread, 0) as unread, h.held_until, h.held_by
from unnest(%(ids)s::uuid[]) with ordinality as asked (id, place)
join conversations c on c.group_id = %(group_id)s and c.id = asked.id
join contacts k on k.group_id = c.group_id and k.id = c.contact_id
join lines l on l.group_id = c.group_id and l.id = c.line_id
left join members a on a.group_id = c.group_id and a.id = c.assignee_id
left join lateral (
    select t.id, t.body_ct, t.direction, t.state, t.media <> '[]' as has_media from texts t
    where t.group_id = c.group_id and t.conversation_id = c.id
        and (t.state not in ('blocked', 'cancelled') or %(sees_attempts)s
            or t.author_id = %(member_id)s)
    order by t.id desc limit 1
) t on true
left join drafts d on d.group_id = c.group_id and d.conversation_id = c.id
    and d.member_id = %(member_id)s
left join reads r on r.group_id = c.group_id and r.conversation_id = c.id
    and r.member_id = %(member_id)s
left join lateral (
    select count(*)::int as unread from (
        select from texts i
        where c.last_in_at > coalesce(r.read_at, %(since)s::timestamptz, '-infinity')
            and i.group_id = c.group_id and i.conversation_id = c.id and i.direction = 'in'
            and i.created_at > coalesce(r.read_at, %(since)s::timestamptz, '-infinity')
            and i.id > coalesce(rpad(lpad(to_hex((extract(
                epoch from coalesce(r.read_at, %(since)s::timestamptz) - interval '1 hour'
            ) * 1000)::bigint), 12, '0'), 32, '0')::uuid,
            '00000000-0000-0000-0000-000000000000'::uuid)
        order by i.id desc limit 99
    ) n
) u on true
left join lateral (
    -- What waits for a person has no hour of its own; what has one is said first.
    select o.due_at as held_until,
        case when d.verdict = 'hold' and d.hold_until is null then d.binding_rule end as held_by
    from texts w join outbox o on o.group_id = w.group_id and o.text_id = w.id
    left join lateral (
        select d.verdict, d.hold_until, d.binding_rule from decisions d
        where d.group_id = w.group_id and d.text_id = w.id order by d.id desc limit 1
    ) d on true
    where w.group_id = c.group_id and w.conversation_id = c.id and w.state = 'held'
    order by (d.verdict = 'hold' and d.hold_until is null) is true, o.due_at limit 1
) h on true
where c.line_id = any(%(line_ids)s::uuid[])
order by asked.place

-- name: counts
-- The numbers on tabs: open conversations in reach, those asleep left out. Nobody reads more than two
-- figures in a tab, so each is counted up to `most`, line by line from its own index.
with reach as (select unnest(%(line_ids)s::uuid[]) as line_id)
select
    (
        select count(*)::int from (
            select from conversations c
            where c.group_id = %(group_id)s and c.assignee_id = %(member_id)s and c.done_at is null
                and c.line_id = any(%(line_ids)s::uuid[])
                and (c.snoozed_until is null or c.snoozed_until <= coalesce(%(now)s, now()))
            limit %(most)s
        ) n
    ) as mine,
    (
        select count(*)::int from (
            select from reach cross join lateral (
                select from conversations c
                where c.group_id = %(group_id)s and c.line_id = reach.line_id and c.done_at is null
                    and c.assignee_id is null
                    and (c.snoozed_until is null or c.snoozed_until <= coalesce(%(now)s, now()))
                limit %(most)s
            ) c limit %(most)s
        ) n
    ) as unassigned,
    (
        select count(*)::int from (
            select from reach cross join lateral (
                select from conversations c
                where c.group_id = %(group_id)s and c.line_id = reach.line_id and c.done_at is null
                    and (c.snoozed_until is null or c.snoozed_until <= coalesce(%(now)s, now()))
                limit %(most)s
            ) c limit %(most)s
        ) n
    ) as team

-- name: chips_of_mine
-- Unread, waiting and held among the viewer's own open conversations.
select
    count(*) filter (
        where c.last_in_at > coalesce(r.read_at, %(since)s::timestamptz, '-infinity')
    )::int as unread,
    count(*) filter (where c.waiting_since is not null)::int as waiting,
    count(*) filter (where exists (
        select from texts w
        where w.group_id = %(group_id)s and w.conversation_id = c.id and w.state = 'held'
    ))::int as held
from (
    select c.id, c.group_id, c.last_in_at, c.waiting_since from conversations c
    where c.group_id = %(group_id)s and c.assignee_id = %(member_id)s and c.done_at is null
        and c.line_id = any(%(line_ids)s::uuid[])
        and (c.snoozed_until is null or c.snoozed_until <= coalesce(%(now)s, now()))
    order by c.last_at desc, c.id desc limit %(look)s
) c
left join reads r on r.group_id = c.group_id and r.conversation_id = c.id
    and r.member_id = %(member_id)s

-- name: chips
-- Waiting and held among the team's open conversations, or those that are nobody's.
with reach as (select unnest(%(line_ids)s::uuid[]) as line_id)
select
    (
        select count(*)::int from (
            select from reach cross join lateral (
                select from conversations c
                where c.group_id = %(group_id)s and c.line_id = reach.line_id and c.done_at is null
                    and coalesce(c.waiting_since, 'infinity') < 'infinity'
                    and (%(box)s <> 'unassigned' or c.assignee_id is null)
                    and (c.snoozed_until is null or c.snoozed_until <= coalesce(%(now)s, now()))
                order by coalesce(c.waiting_since, 'infinity') limit %(most)s
            ) c limit %(most)s
        ) n
    ) as waiting,
    (
        select count(*)::int from (
            select distinct w.conversation_id from texts w
            join conversations c on c.group_id = w.group_id and c.id = w.conversation_id
            where w.group_id = %(group_id)s and w.state = 'held'
                and c.line_id = any(%(line_ids)s::uuid[]) and c.done_at is null
                and (%(box)s <> 'unassigned' or c.assignee_id is null)
                and (c.snoozed_until is null or c.snoozed_until <= coalesce(%(now)s, now()))
            limit %(most)s
        ) n
    ) as held

-- name: unread
-- Unread ones among the `look` newest open conversations of each line.
select count(*)::int as unread from (
    select from unnest(%(line_ids)s::uuid[]) as reach (line_id)
    cross join lateral (
        select c.id, c.last_in_at from conversations c
        where c.group_id = %(group_id)s and c.line_id = reach.line_id and c.done_at is null
            and (%(box)s <> 'unassigned' or c.assignee_id is null)
            and (c.snoozed_until is null or c.snoozed_until <= coalesce(%(now)s, now()))
        order by c.last_at desc, c.id desc limit %(look)s
    ) c
    where c.last_in_at > coalesce((
        select r.read_at from reads r
        where r.group_id = %(group_id)s and r.conversation_id = c.id
            and r.member_id = %(member_id)s
    ), %(since)s::timestamptz, '-infinity')
    limit %(most)s
) n

-- name: unread_widely
-- The same of whoever reaches many lines: among the company's `look` newest, those in reach.
select count(*)::int as unread from (
    select from (
        select c.id, c.line_id, c.last_in_at, c.assignee_id, c.snoozed_until from conversations c
        where c.group_id = %(group_id)s and c.done_at is null
        order by c.last_at desc, c.id desc limit %(look)s
    ) c
    where c.line_id = any(%(line_ids)s::uuid[])
        and (%(box)s <> 'unassigned' or c.assignee_id is null)
        and (c.snoozed_until is null or c.snoozed_until <= coalesce(%(now)s, now()))
        and c.last_in_at > coalesce((
            select r.read_at from reads r
            where r.group_id = %(group_id)s and r.conversation_id = c.id
                and r.member_id = %(member_id)s
        ), %(since)s::timestamptz, '-infinity')
    limit %(most)s
) n
