-- What sending and its speed need.

-- A text that leaves moves the end of its contact's chain twice, and what its conversation says of
-- it: room on the page for the new row spares every index of the table. What is in the outbox is
-- written, claimed and gone within moments: its dead rows are taken away before they are many.
alter table contacts set (fillfactor = 75);
alter table conversations set (fillfactor = 80);
alter table outbox set (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02,
    autovacuum_vacuum_threshold = 500);

-- Calls of webhooks are claimed address by address, so that a slow one holds up no other.
create index webhook_calls_due_by_webhook on webhook_calls (group_id, webhook_id, due_at, id)
    where state = 'waiting';
drop index webhook_calls_due;
