-- name: keys
-- The group's own keys, each wrapped by the root key.
select keyset_ct, blind_ct, signer_ct, signer_public from groups where id = %(group_id)s

-- name: record
-- A new company.
insert into groups (id, name_ct, keyset_ct, blind_ct, signer_ct, signer_public, origin, settings,
    created_at)
values (%(group_id)s, %(name_ct)s, %(keyset_ct)s, %(blind_ct)s, %(signer_ct)s, %(signer_public)s,
    %(origin)s, %(settings)s, %(at)s)

-- name: load
-- The company's name and settings.
select id, name_ct, origin, settings, created_at from groups where id = %(group_id)s

-- name: rewrap
-- The same keys under another root key, or a keyset with one more key in it.
update groups set keyset_ct = %(keyset_ct)s, blind_ct = %(blind_ct)s, signer_ct = %(signer_ct)s
where id = %(group_id)s

-- name: known
-- Every group that has a seat or a line, for work that goes round all of them.
select group_id from seats union select group_id from line_directory order by group_id

-- name: settle
-- Some of the company's settings; those not named stay as they are.
update groups set settings = settings || %(settings)s where id = %(group_id)s
