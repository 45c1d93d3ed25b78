-- name: said
-- Texts, or notes, that have all of these words and none of those, newest first; `find_said` keeps to
-- the tenant and plans for these very words.
select found as id
from find_said(%(kind)s, %(has)s::bigint[], %(had)s::bigint[], %(lacks)s::bigint[],
    %(line_ids)s::uuid[], %(after)s::uuid, %(before)s::uuid, %(limit)s::int)
where %(group_id)s::uuid is not null

-- name: by_author
-- Texts of these authors, newest first: the top of each, then the top of all.
select t.id from unnest(%(authors)s::uuid[]) as a (id)
cross join lateral (
    select t.id from texts t
    where t.group_id = %(group_id)s and t.author_id = a.id
        and t.id > %(after)s::uuid and t.id < %(before)s::uuid
    order by t.id desc limit %(limit)s
) t
order by t.id desc limit %(limit)s

-- name: by_contact
-- Texts with these contacts, newest first.
select t.id from unnest(%(contacts)s::uuid[]) as k (id)
cross join lateral (
    select t.id from texts t
    where t.group_id = %(group_id)s and t.contact_id = k.id
        and t.id > %(after)s::uuid and t.id < %(before)s::uuid
    order by t.id desc limit %(limit)s
) t
order by t.id desc limit %(limit)s

-- name: by_rule
-- Texts that a rule held or refused, newest first.
select distinct t.id from unnest(%(rules)s::text[]) as r (rule)
cross join lateral (
    select d.text_id as id from decisions d
    where d.group_id = %(group_id)s and d.binding_rule = r.rule and d.verdict <> 'allow'
        and d.text_id > %(after)s::uuid and d.text_id < %(before)s::uuid
    order by d.text_id desc limit %(limit)s
) t
order by t.id desc limit %(limit)s

-- name: without
-- Texts that left without an opt-in under them, as the dashboard counts them and on its days, newest
-- first.
select w.text_id as id from count_texts w
where w.group_id = %(group_id)s and w.what = 'without' and w.line_id = any(%(lines)s::uuid[])
    and w.day >= %(first)s and w.day < %(until)s
    and w.text_id > %(after)s::uuid and w.text_id < %(before)s::uuid
order by w.text_id desc limit %(limit)s

-- name: waiting
-- Texts of open conversations in which a customer waits, newest first.
select t.id from unnest(%(line_ids)s::uuid[]) as l (id)
cross join lateral (
    select c.id from conversations c
    where c.group_id = %(group_id)s and c.line_id = l.id and c.done_at is null
        and coalesce(c.waiting_since, 'infinity') < 'infinity'
) c
cross join lateral (
    select t.id from texts t
    where t.group_id = %(group_id)s and t.conversation_id = c.id
        and t.id > %(after)s::uuid and t.id < %(before)s::uuid
    order by t.id desc limit 5
) t
order by t.id desc limit %(limit)s

-- name: held
-- Texts that are held, newest first; there are never many.
select t.id from texts t
where t.group_id = %(group_id)s and t.state = 'held'
    and t.id > %(after)s::uuid and t.id < %(before)s::uuid
order by t.id desc limit %(limit)s

-- name: blocked
-- Texts that were refused, newest first.
select t.id from texts t
where t.group_id = %(group_id)s and t.state = 'blocked'
    and t.id > %(after)s::uuid and t.id < %(before)s::uuid
order by t.id desc limit %(limit)s

-- name: flagged
-- Texts that somebody should look at or should have, newest first.
(
    select t.id from texts t
    where t.group_id = %(group_id)s and t.flagged
        and t.id > %(after)s::uuid and t.id < %(before)s::uuid
    order by t.id desc limit %(limit)s
)
union
(
    select f.text_id from flags f
    where f.group_id = %(group_id)s
        and f.text_id > %(after)s::uuid and f.text_id < %(before)s::uuid
    order by f.text_id desc limit %(limit)s
)
order by id desc limit %(limit)s

-- name: photos
-- Texts with something to see, newest first.
select t.id from texts t
where t.group_id = %(group_id)s and t.media <> '[]'
    and t.id > %(after)s::uuid and t.id < %(before)s::uuid
order by t.id desc limit %(limit)s

-- name: near
-- What was said around one text, a day before and after it, in the same conversation.
select t.id from texts n
join texts t on t.group_id = n.group_id and t.conversation_id = n.conversation_id
    and t.created_at between n.created_at - interval '1 day' and n.created_at + interval '1 day'
where n.group_id = %(group_id)s and n.id = %(near)s::uuid and n.line_id = any(%(line_ids)s::uuid[])
    and t.id > %(after)s::uuid and t.id < %(before)s::uuid
order by t.id desc limit %(limit)s

-- name: newest
-- Texts on lines in reach, newest first.
select t.id from texts t
where t.group_id = %(group_id)s and t.line_id = any(%(line_ids)s::uuid[])
    and t.id > %(after)s::uuid and t.id < %(before)s::uuid
order by t.id desc limit %(limit)s

-- name: sift
-- Of these texts, newest first, the ones that are in reach and as every filter asks, with what a hit
-- shows; it ends with the page. An attempt that never left is its author's and the managers' alone.
-- How a customer stood is asked for the moment of the text, from what is counted; `none` is what the
-- dashboard counts as without.
select t.id, t.conversation_id, t.contact_id, t.line_id, t.direction, t.sender, t.state, t.purpose,
    t.body_ct, t.created_at, t.author_id, t.media <> '[]' as has_media,
    k.name_ct, k.number_ct, k.key_wrapped, k.erased_at, k.level,
    (
        select a.name_ct from members a where a.group_id = t.group_id and a.id = t.author_id
    ) as author_ct
from unnest(%(ids)s::uuid[]) with ordinality as w (id, n)
join texts t on t.group_id = %(group_id)s and t.id = w.id
join contacts k on k.group_id = t.group_id and k.id = t.contact_id
join conversations c on c.group_id = t.group_id and c.id = t.conversation_id
cross join lateral (
    select array_remove(array[
        t.state,
        case when t.flagged or (%(flagging)s and exists (
            select from flags f where f.group_id = t.group_id and f.text_id = t.id
        )) then 'flagged' end,
        case when t.media <> '[]' then 'photo' end,
        case when c.done_at is not null then 'done' end,
        case when c.waiting_since is not null and c.done_at is null then 'waiting' end,
        case when %(reading)s and t.direction = 'in' and t.created_at > coalesce(
            (
                select r.read_at from reads r
                where r.group_id = t.group_id and r.conversation_id = t.conversation_id
                    and r.member_id = %(member_id)s
            ), %(since)s::timestamptz, '-infinity') then 'unread' end,
        case when %(noting)s and exists (
            select from notes n
            where n.group_id = t.group_id and n.conversation_id = t.conversation_id
        ) then 'note' end
    ], null) as marks
) m
cross join lateral (
    select case when %(leveling)s then array_remove(array[
        (
            select nullif(v.now, 'none') from count_moves v
            where v.group_id = t.group_id and v.contact_id = t.contact_id
                and v.at <= coalesce(t.handed_at, t.created_at)
            order by v.at desc, v.entry_id desc limit 1
        ),
        case when exists (
            select from count_texts w
            where w.group_id = t.group_id and w.contact_id = t.contact_id and w.text_id = t.id
                and w.what = 'without'
        ) then 'none' end
    ], null) else '{}' end as levels
) s
where t.line_id = any(%(line_ids)s::uuid[])
    and (t.state not in ('blocked', 'cancelled') or %(sees_attempts)s
        or t.author_id = %(member_id)s)
    and m.marks @> %(marks)s::text[] and not m.marks && %(no_marks)s::text[]
    and (%(levels)s::text[] is null or s.levels && %(levels)s::text[])
    and not s.levels && %(no_levels)s::text[]
    and (%(purposes)s::text[] is null or t.purpose = any(%(purposes)s::text[]))
    and (t.purpose is null or t.purpose <> all(%(no_purposes)s::text[]))
    and (%(lines)s::uuid[] is null or t.line_id = any(%(lines)s::uuid[]))
    and t.line_id <> all(%(no_lines)s::uuid[])
    and (%(contacts)s::uuid[] is null or t.contact_id = any(%(contacts)s::uuid[]))
    and t.contact_id <> all(%(no_contacts)s::uuid[])
    and (%(authors)s::uuid[] is null or t.author_id = any(%(authors)s::uuid[])
        or (t.direction = 'in' and t.contact_id = any(%(senders)s::uuid[])))
    and (t.author_id is null or t.author_id <> all(%(no_authors)s::uuid[]))
    and not (t.direction = 'in' and t.contact_id = any(%(no_senders)s::uuid[]))
    and (%(receivers)s::uuid[] is null
        or (t.direction = 'out' and t.contact_id = any(%(receivers)s::uuid[]))
        or (t.direction = 'in' and t.line_id = any(%(to_lines)s::uuid[])))
    and not (t.direction = 'out' and t.contact_id = any(%(no_receivers)s::uuid[]))
    and not (t.direction = 'in' and t.line_id = any(%(no_to_lines)s::uuid[]))
    and (%(rules)s::text[] is null or exists (
        select from decisions d
        where d.group_id = t.group_id and d.text_id = t.id and d.verdict <> 'allow'
            and d.binding_rule = any(%(rules)s::text[])
    ))
    and (%(no_rules)s::text[] = '{}' or not exists (
        select from decisions d
        where d.group_id = t.group_id and d.text_id = t.id and d.verdict <> 'allow'
            and d.binding_rule = any(%(no_rules)s::text[])
    ))
    and (%(has)s::bigint[] is null or exists (
        select from text_words f
        where f.group_id = t.group_id and f.id = t.id
            and (f.words @> %(has)s::bigint[] or f.words @> %(had)s::bigint[])
            and not f.words && %(lacks)s::bigint[]
    ))
order by w.n limit %(limit)s

-- name: notes
-- These notes, of conversations in reach, newest first.
select n.id, n.conversation_id, n.body_ct, n.created_at, n.author_id, c.contact_id, c.line_id,
    k.name_ct, k.number_ct, k.key_wrapped, k.erased_at, k.level, a.name_ct as author_ct
from notes n
join conversations c on c.group_id = n.group_id and c.id = n.conversation_id
join contacts k on k.group_id = c.group_id and k.id = c.contact_id
left join members a on a.group_id = n.group_id and a.id = n.author_id
where n.group_id = %(group_id)s and n.id = any(%(ids)s::uuid[])
    and c.line_id = any(%(line_ids)s::uuid[])
    and (%(lines)s::uuid[] is null or c.line_id = any(%(lines)s::uuid[]))
    and (%(contacts)s::uuid[] is null or c.contact_id = any(%(contacts)s::uuid[]))
    and (%(authors)s::uuid[] is null or n.author_id = any(%(authors)s::uuid[]))
order by n.id desc limit %(limit)s

-- name: members
-- Who works here or did, by name, to know whom a search means.
select m.id, m.name_ct from members m where m.group_id = %(group_id)s

-- name: lines
-- The lines in reach, by label and number.
select l.id, l.label_ct, l.number_ct from lines l
where l.group_id = %(group_id)s and l.id = any(%(line_ids)s::uuid[])

-- name: contacts_by_tokens
-- Contacts that have the first token and all the others, newest first.
select f.contact_id as id from contact_tokens f
where f.group_id = %(group_id)s and f.token = %(token)s
    and not exists (
        select from unnest(%(others)s::bytea[]) as o (token)
        where not exists (
            select from contact_tokens g
            where g.group_id = f.group_id and g.token = o.token and g.contact_id = f.contact_id
        )
    )
order by f.contact_id desc limit %(limit)s

-- name: contacts_by_number
-- The contact of a number.
select k.id from contacts k
where k.group_id = %(group_id)s and k.number_hash = any(%(hashes)s::bytea[])
