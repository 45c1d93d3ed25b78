-- name: save
-- The last edit wins, from whichever screen.
insert into drafts (group_id, conversation_id, member_id, body_ct, device_id, updated_at)
values (%(group_id)s, %(conversation_id)s, %(member_id)s, %(body_ct)s, %(device_id)s, %(at)s)
on conflict (group_id, conversation_id, member_id) do update
set body_ct = excluded.body_ct, device_id = excluded.device_id, updated_at = excluded.updated_at

-- name: clear
-- An empty box is no draft.
delete from drafts
where group_id = %(group_id)s and conversation_id = %(conversation_id)s
    and member_id = %(member_id)s
