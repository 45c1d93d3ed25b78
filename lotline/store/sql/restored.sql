-- name: stops_since
-- What people refused or doubted since, and their sealed numbers.
select e.id, e.contact_id, e.says, e.scope, e.source, e.how, e.line_id, e.said_at, e.heard_at,
    c.number_ct, c.key_wrapped, c.erased_at
from consent_entries e
join contacts c on c.group_id = e.group_id and c.id = e.contact_id
where e.group_id = %(group_id)s and e.heard_at >= %(since)s
    and e.says in ('stop', 'wrong_number', 'doubt')
order by e.heard_at, e.id

-- name: present
-- Which of these contacts are here.
select id from contacts where group_id = %(group_id)s and id = any(%(ids)s::uuid[])
