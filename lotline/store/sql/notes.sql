-- name: record
-- What only the team sees.
insert into notes (group_id, id, conversation_id, author_id, body_ct, mentions, created_at)
values (%(group_id)s, %(id)s, %(conversation_id)s, %(author_id)s, %(body_ct)s,
    %(mentions)s::uuid[], %(at)s)
