-- name: lock
-- Contacts, locked in one order by everybody whose act changes or relies on their standing.
select id, number_ct, name_ct, key_wrapped, number_kind, area_code, states, zones, place_source,
    reassigned, level, chain_seq, chain_head, erased_at, created_at
from contacts
where group_id = %(group_id)s and id = any(%(ids)s::uuid[])
order by id
for no key update

-- name: by_number
-- Which of these numbers are known, by any version of the keyed hash.
select id, number_hash, key_wrapped, erased_at, level from contacts
where group_id = %(group_id)s and number_hash = any(%(hashes)s::bytea[])

-- name: record_contacts
-- New contacts, in the order of their hashes, so that two batches cannot wait for each other.
insert into contacts (group_id, id, number_hash, number_ct, name_ct, name_tokens, key_wrapped,
    number_kind, area_code, states, zones, place_source, created_at)
select %(group_id)s, c.id, c.number_hash, c.number_ct, c.name_ct,
    array(select decode(jsonb_array_elements_text(c.tokens::jsonb), 'hex')), c.key_wrapped,
    c.number_kind, c.area_code, array(select jsonb_array_elements_text(c.states::jsonb)),
    array(select jsonb_array_elements_text(c.zones::jsonb)), c.place_source, %(at)s
from unnest(%(ids)s::uuid[], %(hashes)s::bytea[], %(numbers)s::bytea[], %(names)s::bytea[],
    %(tokens)s::text[], %(keys)s::bytea[], %(kinds)s::text[], %(area_codes)s::text[],
    %(states)s::text[], %(zones)s::text[], %(place_sources)s::text[]) as c (id, number_hash,
    number_ct, name_ct, tokens, key_wrapped, number_kind, area_code, states, zones, place_source)
order by c.number_hash
on conflict (group_id, number_hash) do nothing

-- name: revive
-- A number that writes again after its contact was erased begins anew under a new key; its stops hold.
update contacts set key_wrapped = %(key)s, number_ct = %(number_ct)s, name_ct = %(name_ct)s,
    name_tokens = %(tokens)s
where group_id = %(group_id)s and id = %(contact_id)s and key_wrapped is null

-- name: keep_number
-- A stop told of after its person was erased: the hash finds them again, or nobody would heed it.
update contacts set number_hash = %(hash)s
where group_id = %(group_id)s and id = %(contact_id)s and key_wrapped is null

-- name: entries
-- Every consent entry of these contacts, oldest first.
select contact_id, id, says, scope, kind, source, line_id, corrects, seller_named, said_at,
    heard_at, how
from consent_entries
where group_id = %(group_id)s and contact_id = any(%(ids)s::uuid[])
order by contact_id, said_at, id

-- name: last_in
-- When these contacts last wrote, on any line.
select contact_id, max(last_in_at) as at from conversations
where group_id = %(group_id)s and contact_id = any(%(ids)s::uuid[])
group by contact_id

-- name: record_entries
-- Acts of agreeing and refusing. They are only ever added.
insert into consent_entries (group_id, id, contact_id, says, scope, kind, source, how, line_id,
    store_id, text_id, member_id, wording_id, corrects, seller_named, heard, proof_ct, said_at, heard_at)
select %(group_id)s, e.id, e.contact_id, e.says, e.scope, e.kind, e.source, e.how, e.line_id, e.store_id,
    e.text_id, e.member_id, e.wording_id, e.corrects, e.seller_named, e.heard::jsonb, e.proof_ct,
    e.said_at, e.heard_at
from unnest(%(ids)s::uuid[], %(contacts)s::uuid[], %(says)s::text[], %(scopes)s::text[],
    %(kinds)s::text[], %(sources)s::text[], %(hows)s::text[], %(lines)s::uuid[],
    %(stores)s::uuid[], %(texts)s::uuid[], %(members)s::uuid[], %(wordings)s::uuid[], %(corrects)s::uuid[],
    %(seller_named)s::boolean[], %(heard)s::text[], %(proofs)s::bytea[], %(said)s::timestamptz[],
    %(heard_at)s::timestamptz[]) as e (id, contact_id, says, scope, kind, source, how, line_id,
    store_id, text_id, member_id, wording_id, corrects, seller_named, heard, proof_ct, said_at, heard_at)

-- name: set_levels
-- The cache that lists show; the gate folds the entries again.
update contacts c set level = l.level, level_at = %(at)s
from unnest(%(ids)s::uuid[], %(levels)s::text[]) as l (id, level)
where c.group_id = %(group_id)s and c.id = l.id and c.level is distinct from l.level

-- name: set_place
-- Where the person may be, by a better source than the number alone.
update contacts set states = %(states)s, zones = %(zones)s, place_source = %(source)s
where group_id = %(group_id)s and id = %(contact_id)s

-- name: keep_drafts
-- What members were writing when the stop came: kept for the record, not sent.
update drafts d set kept_why = %(why)s
from conversations c
where d.group_id = %(group_id)s and c.group_id = d.group_id and c.id = d.conversation_id
    and c.contact_id = any(%(contacts)s::uuid[]) and d.kept_why is null

-- name: erase
-- The key is what made the person readable anywhere; without it every copy is noise.
update contacts set key_wrapped = null, number_ct = ''::bytea, name_ct = ''::bytea,
    former_name_ct = null, name_tokens = '{}', place_shown_ct = null, zip_ct = null, card_ct = null,
    erased_at = %(at)s
where group_id = %(group_id)s and id = %(contact_id)s and key_wrapped is not null

-- name: conversations
-- Every conversation of these contacts, for events.
select id, contact_id, line_id, store_id from conversations
where group_id = %(group_id)s and contact_id = any(%(ids)s::uuid[])
order by id

-- name: key
-- One contact's key, without a lock.
select key_wrapped, erased_at from contacts where group_id = %(group_id)s and id = %(contact_id)s

-- name: keys
-- Several contacts' keys, without a lock.
select id, key_wrapped, erased_at from contacts
where group_id = %(group_id)s and id = any(%(ids)s::uuid[])

-- name: within_reach
-- Which contacts are within reach, without a lock: a stop must shut the gate before it locks.
select k.id
from contacts k
where k.group_id = %(group_id)s and k.id = any(%(contacts)s::uuid[]) and k.key_wrapped is not null
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
