-- name: record
-- A text begins to wait.
insert into outbox (group_id, text_id, contact_id, line_id, due_at, kind)
values (%(group_id)s, %(text_id)s, %(contact_id)s, %(line_id)s, %(due_at)s, %(kind)s)

-- name: claim
-- The oldest that are due, skipping what another has; a lease that ran out may be taken over.
update outbox o set claimed_by = %(worker)s, claimed_until = %(until)s
from (
    select group_id, text_id from outbox
    where due_at <= %(now)s and (claimed_until is null or claimed_until < %(now)s)
    order by due_at, text_id
    limit %(limit)s
    for update skip locked
) d
where o.group_id = d.group_id and o.text_id = d.text_id
returning o.group_id, o.text_id, o.contact_id, o.line_id, o.kind, o.due_at, o.attempts

-- name: next_due
-- When there is something to do next.
select least(
    (select due_at from outbox where claimed_until is null order by due_at limit 1),
    (select claimed_until from outbox where claimed_until is not null
        order by claimed_until limit 1)
) as at

-- name: lock
-- Those that this worker still holds.
select text_id from outbox
where group_id = %(group_id)s and text_id = any(%(ids)s::uuid[]) and claimed_by = %(worker)s
order by text_id
for update

-- name: remove
-- It waits no longer: it left, or it never will.
delete from outbox where group_id = %(group_id)s and text_id = any(%(ids)s::uuid[])

-- name: release
-- They are nobody's again, and still due.
update outbox set claimed_by = null, claimed_until = null
where group_id = %(group_id)s and text_id = any(%(ids)s::uuid[])

-- name: put_back
-- It waits until another time.
update outbox set due_at = %(due_at)s, kind = coalesce(%(kind)s, kind), claimed_by = null,
    claimed_until = null
where group_id = %(group_id)s and text_id = %(text_id)s

-- name: return
-- It was handed out and not taken: it waits again.
insert into outbox (group_id, text_id, contact_id, line_id, due_at, kind, attempts)
values (%(group_id)s, %(text_id)s, %(contact_id)s, %(line_id)s, %(due_at)s, %(kind)s, %(attempts)s)
on conflict (group_id, text_id) do update set due_at = excluded.due_at, claimed_by = null,
    claimed_until = null, attempts = excluded.attempts

-- name: of_contacts
-- What waits for these contacts.
select text_id, contact_id, line_id, due_at, kind from outbox
where group_id = %(group_id)s and contact_id = any(%(contacts)s::uuid[])
order by text_id
for update

-- name: row
-- One that waits.
select text_id, contact_id, line_id, due_at, kind, claimed_until from outbox
where group_id = %(group_id)s and text_id = %(text_id)s
for update

-- name: count
-- How many wait, and since when the oldest has been due.
select count(*) as waiting, min(due_at) as oldest from outbox

-- name: lines
-- What the carrier must be told of the lines that texts leave from.
select id, store_id, kind, carrier, account, messaging_service, number_ct, registration, label_ct
from lines where group_id = %(group_id)s and id = any(%(ids)s::uuid[])

-- name: overdue
-- What was due before an instant, under lock.
select text_id, contact_id from outbox
where group_id = %(group_id)s and due_at <= %(before)s
order by text_id
for update
