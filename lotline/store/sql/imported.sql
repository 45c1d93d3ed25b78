-- name: record
-- What another system knows of a contact; read only here.
update contacts set card_ct = %(card_ct)s, language = %(language)s, bought_on = %(bought_on)s
where group_id = %(group_id)s and id = %(contact_id)s and key_wrapped is not null
