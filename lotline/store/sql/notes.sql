-- name: record
-- What only the team sees, and what it is found by.
with kept as (
    insert into notes (group_id, id, conversation_id, author_id, body_ct, mentions, created_at)
    select %(group_id)s, n.id, n.conversation_id, %(author_id)s, n.body_ct, n.mentions::uuid[], %(at)s
    from unnest(%(ids)s::uuid[], %(conversations)s::uuid[], %(bodies)s::bytea[],
        %(mentions)s::text[]) as n (id, conversation_id, body_ct, mentions)
    returning group_id, id
)
insert into text_words (group_id, id, kind, line_id, words)
select k.group_id, k.id, 'note', w.line_id, w.words::bigint[] from kept k
join unnest(%(ids)s::uuid[], %(lines)s::uuid[], %(words)s::text[]) as w (id, line_id, words)
    on w.id = k.id
