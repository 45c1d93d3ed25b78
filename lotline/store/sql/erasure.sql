-- name: forget_number
-- No stop needs the number's hash any more: what stands in its place leads nowhere.
update contacts set number_hash = %(nothing)s, area_code = null
where group_id = %(group_id)s and id = %(contact_id)s

-- name: forget_past
-- What the company knew of the person beside their words.
update contacts set bought_on = null, asked_on = null, language = 'en'
where group_id = %(group_id)s and id = %(contact_id)s

-- name: forget_pictures
-- Where a carrier keeps what they sent and were sent: the address is not sealed, and opens there.
update texts set media = '[]'
where group_id = %(group_id)s and contact_id = %(contact_id)s and media <> '[]'

-- name: turned_away
-- Calls that nobody could place, sealed under the company's keys.
select id, raw_ct from turned_away
where group_id = %(group_id)s and length(raw_ct) > 0

-- name: wipe_turned_away
-- Those that named the person lose their words.
update turned_away set raw_ct = ''::bytea
where group_id = %(group_id)s and id = any(%(ids)s::uuid[])

-- name: list
-- Who was erased since, by id alone; also those who wrote again and have a new key.
select id, erased_at from contacts
where group_id = %(group_id)s and erased_at is not null
    and (%(since)s::timestamptz is null or erased_at >= %(since)s)
order by erased_at, id

-- name: foreseen
-- How much there is of somebody, for whoever is about to erase them.
select
    (select count(*) from texts where group_id = %(group_id)s and contact_id = %(contact_id)s)
        as texts,
    (select count(*) from notes n
        join conversations c on c.group_id = n.group_id and c.id = n.conversation_id
        where n.group_id = %(group_id)s and c.contact_id = %(contact_id)s) as notes,
    (select count(*) from outbox where group_id = %(group_id)s and contact_id = %(contact_id)s)
        as waiting,
    (select count(*) from consent_entries
        where group_id = %(group_id)s and contact_id = %(contact_id)s) as entries,
    (select count(*) from decisions
        where group_id = %(group_id)s and text_id in (
            select id from texts where group_id = %(group_id)s and contact_id = %(contact_id)s))
        as decisions,
    (select count(*) from access_acts
        where group_id = %(group_id)s and about_id = %(contact_id)s and what = 'exported')
        as exports
