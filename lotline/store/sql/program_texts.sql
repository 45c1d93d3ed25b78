-- name: page
-- Texts as programs read them, in the order they were made. A stretch of the key is looked at and
-- what lies within reach is taken from it, so that no page costs more than its stretch.
select t.id, t.conversation_id, t.contact_id, t.line_id, t.direction, t.sender, t.author_id,
    t.purpose, t.body_ct, t.added_ct, t.segments, t.state, t.state_at, t.error_code, t.created_at,
    t.handed_at, k.number_ct, k.key_wrapped, k.erased_at, o.due_at,
    t.line_id = any(%(line_ids)s::uuid[])
        and (t.state not in ('blocked', 'cancelled') or t.author_id = %(member_id)s)
        and (%(state)s::text is null or t.state = %(state)s)
        and (%(direction)s::text is null or t.direction = %(direction)s)
        and (%(line_id)s::uuid is null or t.line_id = %(line_id)s) as seen
from (
    select t.* from texts t
    where t.group_id = %(group_id)s and t.id > %(after)s::uuid
        and (%(contact_id)s::uuid is null or t.contact_id = %(contact_id)s)
    order by t.id limit %(stretch)s
) t
join contacts k on k.group_id = t.group_id and k.id = t.contact_id
left join outbox o on o.group_id = t.group_id and o.text_id = t.id
order by t.id

-- name: some
-- Texts by id, within reach.
select t.id, t.conversation_id, t.contact_id, t.line_id, t.direction, t.sender, t.author_id,
    t.purpose, t.body_ct, t.added_ct, t.segments, t.state, t.state_at, t.error_code, t.created_at,
    t.handed_at, k.number_ct, k.key_wrapped, k.erased_at, o.due_at, true as seen
from texts t
join contacts k on k.group_id = t.group_id and k.id = t.contact_id
left join outbox o on o.group_id = t.group_id and o.text_id = t.id
where t.group_id = %(group_id)s and t.id = any(%(ids)s::uuid[])
    and t.line_id = any(%(line_ids)s::uuid[])
    and (t.state not in ('blocked', 'cancelled') or t.author_id = %(member_id)s)
order by t.id

-- name: words
-- One text's words, and its customer's number.
select t.contact_id, t.body_ct, t.state, k.number_ct, k.key_wrapped, k.erased_at
from texts t join contacts k on k.group_id = t.group_id and k.id = t.contact_id
where t.group_id = %(group_id)s and t.id = %(id)s
