-- name: save
-- The last edit wins, from whichever screen. Words that were on their way when a stop came are kept for
-- the record like those that were there before it, for as long as the stop stands.
insert into drafts
    (group_id, conversation_id, member_id, body_ct, device_id, updated_at, kept_why)
select %(group_id)s, c.id, %(member_id)s, %(body_ct)s, %(device_id)s, %(at)s,
    case when k.level = 'out' then 'stop' end
from conversations c join contacts k on k.group_id = c.group_id and k.id = c.contact_id
where c.group_id = %(group_id)s and c.id = %(conversation_id)s
on conflict (group_id, conversation_id, member_id) do update
set body_ct = excluded.body_ct, device_id = excluded.device_id, updated_at = excluded.updated_at,
    kept_why = excluded.kept_why

-- name: clear
-- An empty box is no draft. What was kept when a stop came stays, as long as the stop does.
delete from drafts d
using conversations c, contacts k
where d.group_id = %(group_id)s and d.conversation_id = %(conversation_id)s
    and d.member_id = %(member_id)s
    and c.group_id = d.group_id and c.id = d.conversation_id
    and k.group_id = c.group_id and k.id = c.contact_id
    and (d.kept_why is null or k.level <> 'out')
