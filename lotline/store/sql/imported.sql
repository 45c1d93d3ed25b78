-- name: record
-- What another system knows of a contact; read only here. They stay findable by an older stock number.
update contacts set card_ct = %(card_ct)s, language = %(language)s, bought_on = %(bought_on)s,
    name_tokens = case when name_tokens @> %(tokens)s::bytea[] then name_tokens
        else name_tokens || %(tokens)s::bytea[] end
where group_id = %(group_id)s and id = %(contact_id)s and key_wrapped is not null
