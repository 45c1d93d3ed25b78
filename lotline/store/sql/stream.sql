-- name: edge
-- How far the stream is complete: everything before this transaction number has ended, so nothing
-- can still come before it. And the first event that is still kept.
select pg_snapshot_xmin(pg_current_snapshot())::text as xid,
    first.xid::text as first_xid, first.n as first_n, first.happened_at as first_at,
    coalesce(%(now)s, now()) as at
from (select) as one
left join lateral (
    select e.xid, e.n, e.happened_at from events e
    where e.group_id = %(group_id)s
    order by e.group_id, e.xid, e.n limit 1
) first on true

-- name: since
-- What came after a cursor and before the edge, as far as the viewer's reach goes. An event for one
-- member is for nobody else; one that names no line and no store follows its conversation or contact.
select e.xid::text as xid, e.n, e.name, e.store_id, e.line_id, e.conversation_id, e.contact_id,
    e.subject_id, e.member_id, e.happened_at
from events e
where e.group_id = %(group_id)s
    and (e.xid, e.n) > (%(after_xid)s::text::xid8, %(after_n)s::bigint)
    and e.xid < %(edge)s::text::xid8
    and case
        when e.member_id is not null then e.member_id = %(member_id)s
        when %(sees_all)s then true
        when e.line_id is not null then e.line_id = any(%(line_ids)s::uuid[])
        when e.store_id is not null then e.store_id = any(%(store_ids)s::uuid[])
        when e.conversation_id is not null or e.contact_id is not null then exists (
            select from conversations c
            where c.group_id = e.group_id and c.line_id = any(%(line_ids)s::uuid[])
                and (c.id = e.conversation_id
                    or (e.conversation_id is null and c.contact_id = e.contact_id))
        )
        else false
    end
order by e.xid, e.n
limit %(limit)s

-- name: news
-- Everything after a cursor, whoever it is for, beside the edge: also what has ended already and
-- waits for an older transaction, so that an end of access is seen before its turn to be told.
select edge.xid::text as edge, e.xid::text as xid, e.n, e.name, e.store_id, e.line_id,
    e.conversation_id, e.contact_id, e.subject_id, e.member_id, e.happened_at,
    e.xid < edge.xid as settled,
    case
        when e.member_id is null and e.line_id is null and e.store_id is null
            and (e.conversation_id is not null or e.contact_id is not null)
        then (
            select array_agg(distinct c.line_id) from conversations c
            where c.group_id = %(group_id)s
                and (c.id = e.conversation_id
                    or (e.conversation_id is null and c.contact_id = e.contact_id))
        )
    end as talk_line_ids
from (select pg_snapshot_xmin(pg_current_snapshot()) as xid) edge
left join lateral (
    select e.* from events e
    where e.group_id = %(group_id)s
        and (e.xid, e.n) > (%(after_xid)s::text::xid8, %(after_n)s::bigint)
    order by e.xid, e.n limit %(limit)s
) e on true
order by e.xid, e.n

-- name: prune
-- Forget what is old, a batch at a time. The newest of the old stays as the mark up to which the
-- stream was cut, so a reader from before it knows that something is missing.
delete from events e
using (
    select o.group_id, o.n from events o
    where o.group_id = %(group_id)s
        and (o.xid, o.n) < (
            select b.xid, b.n from events b
            where b.group_id = %(group_id)s and b.happened_at < %(before)s
            order by b.xid desc, b.n desc limit 1
        )
    order by o.xid, o.n limit %(limit)s
) old
where e.group_id = old.group_id and e.n = old.n
