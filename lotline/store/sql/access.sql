-- name: record
-- One act about access; it is never changed.
insert into access_acts (group_id, id, what, actor_id, about_id, detail, happened_at)
values (%(group_id)s, %(id)s, %(what)s, %(actor_id)s, %(about_id)s, %(detail)s, %(at)s)

-- name: list
-- The newest acts, of one subject or of all, before a place.
select a.id, a.what, a.actor_id, a.about_id, a.detail, a.happened_at,
    m.name_ct as actor_ct, s.name_ct as about_ct
from access_acts a
left join members m on m.group_id = a.group_id and m.id = a.actor_id
left join members s on s.group_id = a.group_id and s.id = a.about_id
where a.group_id = %(group_id)s and a.id < %(before)s::uuid
    and (%(about_id)s::uuid is null or a.about_id = %(about_id)s)
order by a.id desc limit %(limit)s

-- name: done_lately
-- Whether a member did the same thing a moment ago: it is written down once.
select 1 from access_acts
where group_id = %(group_id)s and about_id = %(member_id)s and actor_id = %(member_id)s
    and what = %(what)s and happened_at > %(since)s and detail ->> 'seen' = %(seen)s
limit 1
