-- name: list
-- Saved replies that the viewer may use: their own, the company's, those of stores in reach; the
-- most used first.
select t.id, t.shortcut, t.title_ct, t.body_ct, t.purpose, t.owner_id, t.store_id
from templates t
where t.group_id = %(group_id)s and t.retired_at is null
    and (
        t.owner_id = %(member_id)s
        or (t.owner_id is null and (
            t.store_id is null or t.store_id = any(%(store_ids)s::uuid[])
            or exists (
                select from lines l where l.group_id = t.group_id and l.store_id = t.store_id
                    and l.id = any(%(line_ids)s::uuid[])
            )
        ))
    )
order by t.used_count desc, t.shortcut, t.id

-- name: one
-- One saved reply, locked for a change; whose it is decides who may.
select t.id, t.owner_id, t.store_id from templates t
where t.group_id = %(group_id)s and t.id = %(id)s and t.retired_at is null
for no key update of t

-- name: record
-- A new saved reply.
insert into templates (group_id, id, store_id, owner_id, shortcut, title_ct, body_ct, purpose,
    updated_at)
values (%(group_id)s, %(id)s, %(store_id)s, %(owner_id)s, %(shortcut)s, %(title_ct)s, %(body_ct)s,
    %(purpose)s, %(at)s)

-- name: change
-- Other words for the same saved reply.
update templates set shortcut = %(shortcut)s, title_ct = %(title_ct)s, body_ct = %(body_ct)s,
    purpose = %(purpose)s, updated_at = %(at)s
where group_id = %(group_id)s and id = %(id)s

-- name: retire
-- No longer offered; what was sent with it stays.
update templates set retired_at = %(at)s where group_id = %(group_id)s and id = %(id)s

-- name: used
-- Counted, so that what is used most stands first.
update templates set used_count = used_count + 1
where group_id = %(group_id)s and id = %(id)s and retired_at is null
