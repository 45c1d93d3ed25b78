-- name: record
-- What only the team sees, and what it is found by.
with kept as (
    insert into notes (group_id, id, conversation_id, author_id, body_ct, mentions, created_at)
    values (%(group_id)s, %(id)s, %(conversation_id)s, %(author_id)s, %(body_ct)s,
        %(mentions)s::uuid[], %(at)s)
    returning group_id, id
)
insert into text_words (group_id, id, kind, line_id, words)
select group_id, id, 'note', %(line_id)s, %(words)s::bigint[] from kept
