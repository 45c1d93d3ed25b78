-- name: list
-- Webhooks that failed verification: this company's, and those that named no company at all.
select t.id, t.carrier, t.account, t.reason, t.arrived_at, t.seen_by, t.seen_at
from turned_away t
where (t.group_id = %(group_id)s or t.group_id is null)
order by t.arrived_at desc, t.id desc
limit %(limit)s

-- name: seen
-- The owner looked at them.
update turned_away set seen_by = %(member_id)s, seen_at = %(at)s
where group_id = %(group_id)s and id = any(%(ids)s::uuid[]) and seen_at is null
