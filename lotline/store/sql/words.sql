-- name: record
-- Hashes of the words of texts or notes that have none yet, or are hashed anew.
insert into text_words (group_id, id, kind, line_id, words)
select %(group_id)s, w.id, %(kind)s, w.line_id, w.words::bigint[]
from unnest(%(ids)s::uuid[], %(lines)s::uuid[], %(words)s::text[]) as w (id, line_id, words)
on conflict (group_id, id) do update set words = excluded.words

-- name: texts_behind
-- Texts whose words are not kept yet, oldest first. Nobody is erased while theirs are written.
select t.id, t.line_id, t.contact_id, t.body_ct, k.key_wrapped, k.erased_at
from texts t join contacts k on k.group_id = t.group_id and k.id = t.contact_id
where t.group_id = %(group_id)s and t.id > %(after)s::uuid
    and (%(anew)s or not exists (
        select from text_words w where w.group_id = t.group_id and w.id = t.id
    ))
order by t.id limit %(limit)s
for share of k

-- name: notes_behind
-- Notes whose words are not kept yet, oldest first.
select n.id, c.line_id, c.contact_id, n.body_ct, k.key_wrapped, k.erased_at
from notes n
join conversations c on c.group_id = n.group_id and c.id = n.conversation_id
join contacts k on k.group_id = c.group_id and k.id = c.contact_id
where n.group_id = %(group_id)s and n.id > %(after)s::uuid
    and (%(anew)s or not exists (
        select from text_words w where w.group_id = n.group_id and w.id = n.id
    ))
order by n.id limit %(limit)s
for share of k

-- name: forget
-- Of everything that was said with a contact who is erased.
delete from text_words w
where w.group_id = %(group_id)s and w.id in (
    select t.id from texts t where t.group_id = %(group_id)s and t.contact_id = %(contact_id)s
    union all
    select n.id from conversations c
    join notes n on n.group_id = c.group_id and n.conversation_id = c.id
    where c.group_id = %(group_id)s and c.contact_id = %(contact_id)s
)
