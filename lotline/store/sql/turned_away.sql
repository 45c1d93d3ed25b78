-- name: list
-- Webhooks that failed verification: this company's, and those that named no company at all.
select t.id, t.carrier, t.account, t.reason, t.arrived_at, t.seen_by, t.seen_at
from turned_away t
where (t.group_id = %(group_id)s or t.group_id is null)
order by t.arrived_at desc, t.id desc
limit %(limit)s
