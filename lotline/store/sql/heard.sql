-- name: record
-- What was heard in these texts and may have to be answered.
insert into heard_questions (group_id, id, contact_id, conversation_id, text_id, entry_id, decision,
    asked_at, due_at)
select %(group_id)s, q.* from unnest(%(ids)s::uuid[], %(contacts)s::uuid[],
    %(conversations)s::uuid[], %(texts)s::uuid[], %(entries)s::uuid[], %(decisions)s::text[],
    %(asked)s::timestamptz[], %(due)s::timestamptz[]) as q
on conflict (group_id, text_id) do nothing

-- name: open
-- What waits for a person within reach: what the clock takes first stands first.
select q.id, q.contact_id, q.conversation_id, q.text_id, q.decision, q.asked_at, q.due_at,
    k.name_ct, k.number_ct, k.key_wrapped, k.erased_at, t.body_ct, t.heard, s.zone
from heard_questions q
join conversations c on c.group_id = q.group_id and c.id = q.conversation_id
join contacts k on k.group_id = q.group_id and k.id = q.contact_id
join texts t on t.group_id = q.group_id and t.id = q.text_id
join stores s on s.group_id = c.group_id and s.id = c.store_id
where q.group_id = %(group_id)s and q.answered_at is null and q.decision in ('hold', 'partial')
    and c.line_id = any(%(line_ids)s::uuid[])
order by q.due_at nulls last, q.id limit %(limit)s

-- name: of_conversation
-- What was heard lately in one conversation within reach and can still be answered or undone.
select q.id, q.contact_id, q.conversation_id, q.text_id, q.decision, q.asked_at, q.due_at,
    k.name_ct, k.number_ct, k.key_wrapped, k.erased_at, t.body_ct, t.heard, s.zone
from heard_questions q
join conversations c on c.group_id = q.group_id and c.id = q.conversation_id
join contacts k on k.group_id = q.group_id and k.id = q.contact_id
join texts t on t.group_id = q.group_id and t.id = q.text_id
join stores s on s.group_id = c.group_id and s.id = c.store_id
where q.group_id = %(group_id)s and q.answered_at is null
    and q.conversation_id = %(conversation_id)s and c.line_id = any(%(line_ids)s::uuid[])
order by q.id desc limit %(limit)s

-- name: one
-- One of them within reach, whatever became of it; takes no lock.
select q.id, q.contact_id, q.conversation_id, q.text_id, q.entry_id, q.decision, q.asked_at,
    q.answered_at, c.line_id, e.how
from heard_questions q
join conversations c on c.group_id = q.group_id and c.id = q.conversation_id
join consent_entries e on e.group_id = q.group_id and e.id = q.entry_id
where q.group_id = %(group_id)s and q.id = %(id)s and c.line_id = any(%(line_ids)s::uuid[])

-- name: due
-- What nobody answered in time.
select id, contact_id, conversation_id from heard_questions
where group_id = %(group_id)s and answered_at is null and due_at <= %(now)s
order by contact_id, id limit %(limit)s

-- name: answer
-- Answered once: who was second finds nothing left to answer.
update heard_questions set answer = %(answer)s, answered_at = %(at)s, answered_by = %(by)s
where group_id = %(group_id)s and id = %(id)s and answered_at is null

-- name: overtake
-- The customer said it plainly since, or another answer settled all of them.
update heard_questions set answer = 'overtaken', answered_at = %(at)s, answered_by = null
where group_id = %(group_id)s and contact_id = any(%(contacts)s::uuid[]) and answered_at is null
    and decision in ('hold', 'partial')

-- name: store_zones
-- The clock of each of these stores.
select id, zone from stores where group_id = %(group_id)s and id = any(%(ids)s::uuid[])

-- name: detach
-- Somebody else has the number: the name no longer stands beside it, and is kept.
update contacts set former_name_ct = coalesce(former_name_ct, %(former_ct)s), name_ct = %(name_ct)s,
    name_tokens = %(tokens)s
where group_id = %(group_id)s and id = %(contact_id)s

-- name: attach
-- It was theirs after all.
update contacts set former_name_ct = null, name_ct = %(name_ct)s, name_tokens = %(tokens)s
where group_id = %(group_id)s and id = %(contact_id)s

-- name: names
-- The name and the one before.
select name_ct, former_name_ct, number_ct from contacts
where group_id = %(group_id)s and id = %(contact_id)s

-- name: said
-- What was said with these contacts just before: the last few texts that we sent, which a customer's
-- phone may quote, and theirs from which nothing was decided, pieces of one sentence. Each is read
-- from the end of its index, however long the past.
select c.contact_id, s.ours, s.id, s.body_ct, s.added_ct
from (
    select k.id as contact_id from contacts k
    where k.group_id = %(group_id)s and k.number_hash = any(%(hashes)s::bytea[])
) c
cross join lateral (
    (
        select true as ours, t.handed_at as at, t.id, t.body_ct, t.added_ct from texts t
        where t.group_id = %(group_id)s and t.contact_id = c.contact_id
            and t.handed_at is not null
        order by t.handed_at desc, t.id desc limit 4
    )
    union all
    (
        select false, t.created_at, t.id, t.body_ct, null from (
            select t.id, t.body_ct, t.created_at, t.direction, t.heard from texts t
            where t.group_id = %(group_id)s and t.contact_id = c.contact_id
            order by t.contact_id, t.id desc limit 2 * %(pieces)s::integer
        ) t
        where t.direction = 'in' and t.created_at > %(since)s
            and t.heard ->> 'decision' in ('none', 'hold')
        order by t.id desc limit %(pieces)s::integer
    )
) s
order by s.at desc, s.id desc
