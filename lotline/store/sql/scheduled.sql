-- name: choose
-- The owner chooses how often evidence leaves by the clock.
insert into export_schedules (group_id, id, every, texts, chosen_by, chosen_at)
values (%(group_id)s, %(id)s, %(every)s, %(texts)s, %(by)s, %(at)s)

-- name: chosen
-- What stands.
select every, texts, chosen_at from export_schedules
where group_id = %(group_id)s order by id desc limit 1

-- name: record_file
-- A file is in its folder. A stretch of the log is in one file.
insert into export_files (group_id, id, first, end_, export_id, name, size, sha256, made_at)
values (%(group_id)s, %(id)s, %(first)s, %(end)s, %(export_id)s, %(name)s, %(size)s, %(sha256)s, %(at)s)
on conflict (group_id, first) do nothing

-- name: last_file
-- How far the exports came.
select end_, made_at from export_files where group_id = %(group_id)s order by first desc limit 1

-- name: files
-- The files, newest first.
select id, first, end_ as "end", name, size, made_at from export_files
where group_id = %(group_id)s order by first desc limit %(limit)s

-- name: is_recorded
-- Whether a file of this name was finished.
select exists (select from export_files where group_id = %(group_id)s and name = %(name)s) as known

-- name: old_files
-- Files that are older than they are kept, unless any hold stands.
select name from export_files
where group_id = %(group_id)s and made_at < %(before)s and size > 0 and not exists (
    select from legal_holds h where h.group_id = %(group_id)s and not exists (
        select from legal_hold_lifts l where l.group_id = h.group_id and l.hold_id = h.id))

-- name: record_failure
-- It did not work, and why.
insert into export_failures (group_id, id, why, failed_at)
values (%(group_id)s, %(id)s, %(why)s, %(at)s)

-- name: last_failure
-- The newest that did not work.
select why, failed_at from export_failures where group_id = %(group_id)s order by id desc limit 1
