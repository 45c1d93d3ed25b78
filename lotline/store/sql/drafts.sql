-- name: save
-- The last edit wins, from whichever screen.
insert into drafts (group_id, conversation_id, member_id, body_ct, device_id, updated_at)
values (%(group_id)s, %(conversation_id)s, %(member_id)s, %(body_ct)s, %(device_id)s, %(at)s)
on conflict (group_id, conversation_id, member_id) do update
set body_ct = excluded.body_ct, device_id = excluded.device_id, updated_at = excluded.updated_at

-- name: clear
-- An empty box is no draft. What was kept when a stop came stays, as long as the stop does.
delete from drafts d
using conversations c, contacts k
where d.group_id = %(group_id)s and d.conversation_id = %(conversation_id)s
    and d.member_id = %(member_id)s
    and c.group_id = d.group_id and c.id = d.conversation_id
    and k.group_id = c.group_id and k.id = c.contact_id
    and (d.kept_why is null or k.level <> 'out')
