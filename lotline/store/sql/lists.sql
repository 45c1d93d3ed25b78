-- name: lock
-- One import of a kind and region at a time.
select pg_advisory_xact_lock(hashtextextended(%(group_id)s::text || %(kind)s || %(region)s, 4))

-- name: in_force
-- The copy in force of one kind and region.
select id, as_of, numbers, bad, file_sha256, imported_at from list_imports
where group_id = %(group_id)s and kind = %(kind)s and region = %(region)s
order by as_of desc, imported_at desc limit 1

-- name: all
-- The copy in force of every kind and region.
select distinct on (kind, region) id, kind, region, as_of, numbers, bad, imported_by, imported_at
from list_imports where group_id = %(group_id)s
order by kind, region, as_of desc, imported_at desc

-- name: record
-- A list as it was read. It stays for ever; its numbers until a newer one comes.
insert into list_imports (group_id, id, kind, region, as_of, numbers, bad, file_sha256, hash_version,
    imported_by, imported_at)
values (%(group_id)s, %(id)s, %(kind)s, %(region)s, %(as_of)s, %(numbers)s, %(bad)s, %(file_sha256)s,
    %(hash_version)s, %(imported_by)s, %(at)s)

-- name: add
-- Some thousands of its numbers at once; one that stands twice in the file is one.
insert into list_numbers (group_id, import_id, number_hash, since)
select %(group_id)s, %(id)s, u.number_hash, max(u.since)
from unnest(%(hashes)s::bytea[], %(sinces)s::date[]) as u (number_hash, since)
group by u.number_hash
on conflict do nothing

-- name: count
-- How many numbers it came to.
select count(*) as numbers from list_numbers where group_id = %(group_id)s and import_id = %(id)s

-- name: drop_older
-- The numbers of the copies that this one replaces.
delete from list_numbers n using list_imports i
where n.group_id = %(group_id)s and i.group_id = %(group_id)s and i.id = n.import_id
    and i.kind = %(kind)s and i.region = %(region)s and i.id <> %(id)s
