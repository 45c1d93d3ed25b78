-- name: newest
-- What each store that ever chose watches for now.
select distinct on (w.store_id) w.id, w.store_id, w.choice, w.words_ct
from watches w where w.group_id = %(group_id)s
order by w.store_id, w.id desc

-- name: chosen
-- Who chose it, and when.
select w.chosen_by, w.chosen_at, m.name_ct
from watches w
left join members m on m.group_id = w.group_id and m.id = w.chosen_by
where w.group_id = %(group_id)s and w.store_id = %(store_id)s
order by w.id desc limit 1

-- name: record
-- Another choice; those before it stay.
insert into watches (group_id, id, store_id, choice, words_ct, chosen_by, chosen_at)
values (%(group_id)s, %(id)s, %(store_id)s, %(choice)s, %(words_ct)s, %(chosen_by)s, %(at)s)

-- name: lines
-- Every number that is ours.
select id, number_ct from lines where group_id = %(group_id)s

-- name: number
-- A customer's own number.
select number_ct from contacts where group_id = %(group_id)s and id = %(contact_id)s
