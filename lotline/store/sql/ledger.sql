-- name: record
-- Leaves of one transaction, in the order they were made.
insert into ledger_leaves (group_id, id, kind, subject_id, contact_id, chain_seq, leaf, leaf_hash,
    made_at)
select %(group_id)s, l.* from unnest(%(ids)s::uuid[], %(kinds)s::text[], %(subjects)s::uuid[],
    %(contacts)s::uuid[], %(seqs)s::bigint[], %(leaves)s::bytea[], %(hashes)s::bytea[],
    %(ats)s::timestamptz[]) as l

-- name: lock_head
-- The end of a contact's chain, under the contact's lock.
select chain_seq, chain_head, key_wrapped from contacts
where group_id = %(group_id)s and id = %(contact_id)s
for no key update

-- name: move_heads
-- Where the chains of the contacts of this transaction end now.
update contacts c set chain_seq = h.seq, chain_head = h.head
from unnest(%(ids)s::uuid[], %(seqs)s::bigint[], %(heads)s::bytea[]) as h (id, seq, head)
where c.group_id = %(group_id)s and c.id = h.id

-- name: lock_sequence
-- One sequencer a group at a time; the lock falls with the transaction.
select pg_try_advisory_xact_lock(hashtextextended('sequence:' || %(group_id)s::uuid::text, 0)) as mine

-- name: unplaced
-- Leaves that no running transaction can still come before, in the order they get their places:
-- by transaction, then by id. What was placed last says where to go on.
select l.id, l.leaf_hash, l.xid::text as xid from ledger_leaves l
where l.group_id = %(group_id)s
    and (l.xid, l.id) > (%(after_xid)s::text::xid8, %(after_id)s::uuid)
    and l.xid < pg_snapshot_xmin(pg_current_snapshot())
order by l.xid, l.id
limit %(limit)s

-- name: unplaced_since_restore
-- As above, looked for one by one: a restored database counts its transactions from the start again,
-- so their numbers do not compare with those that were placed before. What is visible and has a
-- number that this life has not reached is from the earlier life, and complete.
select l.id, l.leaf_hash, l.xid::text as xid from ledger_leaves l
where l.group_id = %(group_id)s
    and (l.xid < pg_snapshot_xmin(pg_current_snapshot())
        or l.xid >= pg_snapshot_xmax(pg_current_snapshot()))
    and not exists (
        select from ledger_places p where p.group_id = l.group_id and p.leaf_id = l.id
    )
order by l.xid >= pg_snapshot_xmax(pg_current_snapshot()) desc, l.xid, l.id
limit %(limit)s

-- name: last_place
-- The newest place and the leaf that has it; whether its transaction was one of an earlier life.
select seq, leaf_id, xid::text as xid,
    xid >= pg_snapshot_xmax(pg_current_snapshot()) as from_earlier_life
from ledger_places
where group_id = %(group_id)s order by seq desc limit 1

-- name: place
-- Leaves get their numbers, once and for ever.
insert into ledger_places (group_id, seq, leaf_id, xid, placed_at)
select %(group_id)s, p.seq, p.id, p.xid::xid8, %(at)s
from unnest(%(seqs)s::bigint[], %(ids)s::uuid[], %(xids)s::text[]) as p (seq, id, xid)

-- name: record_nodes
-- The roots of the subtrees that the append completed.
insert into ledger_nodes (group_id, level, index, hash)
select %(group_id)s, n.* from unnest(%(levels)s::smallint[], %(indexes)s::bigint[],
    %(hashes)s::bytea[]) as n

-- name: nodes
-- Some stored nodes of the tree.
select n.level, n.index, n.hash from ledger_nodes n
join unnest(%(levels)s::smallint[], %(indexes)s::bigint[]) as w (level, index)
    on w.level = n.level and w.index = n.index
where n.group_id = %(group_id)s

-- name: record_checkpoint
-- A signed word on the whole log up to here.
insert into ledger_checkpoints (group_id, size, root, note, signed_at)
values (%(group_id)s, %(size)s, %(root)s, %(note)s, %(at)s)
on conflict do nothing

-- name: checkpoint
-- The newest signed word, at or before a size.
select size, root, note, signed_at from ledger_checkpoints
where group_id = %(group_id)s and size <= coalesce(%(size)s, size)
order by size desc limit 1

-- name: of_contact
-- Every leaf of one contact's chain, with its place where it has one.
select l.id, l.kind, l.subject_id, l.chain_seq, l.leaf, l.leaf_hash, l.made_at, p.seq
from ledger_leaves l
left join ledger_places p on p.group_id = l.group_id and p.leaf_id = l.id
where l.group_id = %(group_id)s and l.contact_id = %(contact_id)s
order by l.chain_seq

-- name: present
-- Which of these rows have their leaf already.
select id from ledger_leaves where group_id = %(group_id)s and id = any(%(ids)s::uuid[])
