-- What intake and its speed need.

-- Nothing ever wrote calls to carriers down: what became of a text is told by its state, its receipts
-- and the metrics of the worker.
drop table carrier_calls;

-- Each text that comes in moves its contact's place in the ledger and its conversation to the top.
-- With room left in their pages the new row stands beside the old one.
alter table contacts set (fillfactor = 70);
alter table conversations set (fillfactor = 70);

-- A leaf's id is that of the row it records, so this index was the primary key's twin.
drop index ledger_leaves_by_subject;
