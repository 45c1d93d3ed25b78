-- name: wake_snoozed
-- Conversations whose snooze is over come back by themselves.
update conversations set snoozed_until = null
where group_id = %(group_id)s and snoozed_until <= %(now)s
returning id, store_id, line_id, contact_id

-- name: next_snooze
-- When the next snooze ends.
select min(snoozed_until) as at from conversations
where group_id = %(group_id)s and snoozed_until is not null
