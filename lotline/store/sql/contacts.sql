-- name: card
-- One contact within reach: of those who reach all, by a conversation on a line in reach, or by
-- having made it when nobody talks with it yet.
select k.id, k.name_ct, k.number_ct, k.key_wrapped, k.number_kind, k.states, k.zones,
    k.place_source, k.place_shown_ct, k.zip_ct, k.card_ct, k.language, k.level, k.level_at,
    k.created_at, k.erased_at
from contacts k
where k.group_id = %(group_id)s and k.id = %(contact_id)s
    and (
        %(sees_all)s
        or exists (
            select from conversations c
            where c.group_id = k.group_id and c.contact_id = k.id
                and c.line_id = any(%(line_ids)s::uuid[])
        )
        or (
            k.created_by = %(member_id)s and not exists (
                select from conversations c
                where c.group_id = k.group_id and c.contact_id = k.id
            )
        )
    )

-- name: timeline
-- Every act of agreeing or refusing, newest first, with its place in the ledger.
select e.id, e.says, e.scope, e.kind, e.source, e.line_id, e.corrects, e.seller_named, e.proof_ct,
    e.said_at, e.heard_at, e.text_id, e.member_id, m.name_ct as member_ct, w.body as wording,
    w.name as wording_name, w.version as wording_version,
    f.leaf_hash, f.sequenced
from consent_entries e
left join members m on m.group_id = e.group_id and m.id = e.member_id
left join wordings w on w.group_id = e.group_id and w.id = e.wording_id
left join lateral (
    select f.leaf_hash, p.seq is not null as sequenced
    from ledger_leaves f
    left join ledger_places p on p.group_id = f.group_id and p.leaf_id = f.id
    where f.group_id = e.group_id and f.id = e.id and f.kind = 'consent'
) f on true
where e.group_id = %(group_id)s and e.contact_id = %(contact_id)s
order by e.said_at desc, e.id desc

-- name: conversations
-- The contact's conversations on lines in reach, the newest first.
select c.id, c.line_id, l.label_ct
from conversations c join lines l on l.group_id = c.group_id and l.id = c.line_id
where c.group_id = %(group_id)s and c.contact_id = %(contact_id)s
    and c.line_id = any(%(line_ids)s::uuid[])
order by c.last_at desc, c.id desc

-- name: custom_plans
-- A search's cost hangs on how rare its word is, so each is planned for itself.
select set_config('plan_cache_mode', 'force_custom_plan', true)

-- name: pick
-- Contacts within reach, newest first, of one level if one is asked for. Reach is asked contact by
-- contact, so that a page ends the work early.
select k.id from contacts k
left join lateral (
    select true as here from conversations c
    where c.group_id = k.group_id and c.contact_id = k.id
        and c.line_id = any(%(line_ids)s::uuid[])
    limit 1
) c on true
where k.group_id = %(group_id)s and k.id < %(after)s::uuid and k.key_wrapped is not null
    and (%(level)s::text is null or k.level = %(level)s)
    and (
        %(sees_all)s
        or c.here
        or (
            k.created_by = %(member_id)s and not exists (
                select from conversations o
                where o.group_id = k.group_id and o.contact_id = k.id
            )
        )
    )
order by k.id desc limit %(limit)s

-- name: pick_number
-- The contact of a number, by any version of its hash.
select k.id from contacts k
left join lateral (
    select true as here from conversations c
    where c.group_id = k.group_id and c.contact_id = k.id
        and c.line_id = any(%(line_ids)s::uuid[])
    limit 1
) c on true
where k.group_id = %(group_id)s and k.number_hash = any(%(hashes)s::bytea[])
    and k.id < %(after)s::uuid and k.key_wrapped is not null
    and (%(level)s::text is null or k.level = %(level)s)
    and (
        %(sees_all)s
        or c.here
        or (
            k.created_by = %(member_id)s and not exists (
                select from conversations o
                where o.group_id = k.group_id and o.contact_id = k.id
            )
        )
    )
order by k.id desc limit %(limit)s

-- name: pick_words
-- Contacts that have a token, and all the others asked for with it, newest first.
select k.id
from contact_tokens f
join contacts k on k.group_id = f.group_id and k.id = f.contact_id
left join lateral (
    select true as here from conversations c
    where c.group_id = k.group_id and c.contact_id = k.id
        and c.line_id = any(%(line_ids)s::uuid[])
    limit 1
) c on true
where f.group_id = %(group_id)s and f.token = %(token)s and f.contact_id < %(after)s::uuid
    and k.key_wrapped is not null
    and (%(level)s::text is null or k.level = %(level)s)
    and not exists (
        select from unnest(%(others)s::bytea[]) as o (token)
        where not exists (
            select from contact_tokens g
            where g.group_id = f.group_id and g.token = o.token and g.contact_id = f.contact_id
        )
    )
    and (
        %(sees_all)s
        or c.here
        or (
            k.created_by = %(member_id)s and not exists (
                select from conversations o
                where o.group_id = k.group_id and o.contact_id = k.id
            )
        )
    )
order by f.contact_id desc limit %(limit)s

-- name: rows
-- What a list shows of these contacts, in the order asked, each with its newest conversation in
-- reach. They were picked within reach.
select k.id, k.name_ct, k.number_ct, k.key_wrapped, k.level, k.level_at, k.zones, k.created_at,
    k.card_ct, k.erased_at, c.id as conversation_id, c.line_id, c.last_at, c.assignee_id,
    a.name_ct as assignee_ct
from unnest(%(ids)s::uuid[]) with ordinality as asked (id, place)
join contacts k on k.group_id = %(group_id)s and k.id = asked.id
left join lateral (
    select c.id, c.line_id, c.last_at, c.assignee_id from conversations c
    where c.group_id = k.group_id and c.contact_id = k.id
        and c.line_id = any(%(line_ids)s::uuid[])
    order by c.last_at desc, c.id desc limit 1
) c on true
left join members a on a.group_id = k.group_id and a.id = c.assignee_id
order by asked.place

-- name: find
-- By number, whoever asks: the company has one card per number.
select k.id, k.name_ct, k.key_wrapped, k.level, k.level_at, k.number_kind, k.erased_at
from contacts k
where k.group_id = %(group_id)s and k.number_hash = any(%(hashes)s::bytea[])

-- name: record
-- A new contact; when the number is known already, nothing.
insert into contacts (group_id, id, number_hash, number_ct, name_ct, name_tokens, key_wrapped,
    number_kind, area_code, states, zones, place_source, place_shown_ct, zip_ct, card_ct, language,
    created_by, created_at)
values (%(group_id)s, %(id)s, %(number_hash)s, %(number_ct)s, %(name_ct)s, %(name_tokens)s,
    %(key_wrapped)s, %(number_kind)s, %(area_code)s, %(states)s, %(zones)s, %(place_source)s,
    %(place_shown_ct)s, %(zip_ct)s, %(card_ct)s, %(language)s, %(created_by)s, %(at)s)
on conflict (group_id, number_hash) do nothing

-- name: reached
-- The contact, locked, when it is within reach.
select k.id, k.number_ct, k.name_ct, k.card_ct, k.key_wrapped, k.erased_at
from contacts k
where k.group_id = %(group_id)s and k.id = %(contact_id)s and k.key_wrapped is not null
    and (
        %(sees_all)s
        or exists (
            select from conversations c
            where c.group_id = k.group_id and c.contact_id = k.id
                and c.line_id = any(%(line_ids)s::uuid[])
        )
        or (
            k.created_by = %(member_id)s and not exists (
                select from conversations c
                where c.group_id = k.group_id and c.contact_id = k.id
            )
        )
    )
for no key update of k

-- name: rename
-- Another name, and what it is found by.
update contacts set name_ct = %(name_ct)s, name_tokens = %(name_tokens)s
where group_id = %(group_id)s and id = %(contact_id)s

-- name: place
-- Where the contact is, as somebody now says.
update contacts set states = %(states)s, zones = %(zones)s, place_source = %(place_source)s,
    place_shown_ct = %(place_shown_ct)s, zip_ct = coalesce(%(zip_ct)s, zip_ct)
where group_id = %(group_id)s and id = %(contact_id)s
