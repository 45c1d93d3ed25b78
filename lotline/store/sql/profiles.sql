-- name: lock
-- One change of what the house chose at a time.
select id from groups where id = %(group_id)s for no key update

-- name: newest
-- Which choice is in force, if any was ever made.
select id from profile_settings where group_id = %(group_id)s order by set_at desc, id desc limit 1

-- name: load
-- One choice in full.
select p.id, p.settings, p.book, p.set_by, p.word_ct, p.set_at, m.name_ct as set_by_ct
from profile_settings p
left join members m on m.group_id = p.group_id and m.id = p.set_by
where p.group_id = %(group_id)s and p.id = %(id)s

-- name: list
-- Every choice ever made, the newest first.
select p.id, p.settings, p.book, p.set_by, p.word_ct, p.set_at, m.name_ct as set_by_ct
from profile_settings p
left join members m on m.group_id = p.group_id and m.id = p.set_by
where p.group_id = %(group_id)s order by p.set_at desc, p.id desc

-- name: record
-- What the house has chosen from now on; the rows before it stay.
insert into profile_settings (group_id, id, settings, book, set_by, word_ct, set_at)
values (%(group_id)s, %(id)s, %(settings)s, %(book)s, %(set_by)s, %(word_ct)s, %(at)s)
