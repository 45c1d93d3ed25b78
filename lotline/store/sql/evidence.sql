-- name: chain
-- Every leaf of one contact, in the order of the chain, with its place where it has one.
select l.id, l.leaf, l.leaf_hash, p.seq
from ledger_leaves l
left join ledger_places p on p.group_id = l.group_id and p.leaf_id = l.id
where l.group_id = %(group_id)s and l.contact_id = %(contact_id)s
order by l.chain_seq

-- name: signatures_of
-- The leaves of these members' signatures under the policy, oldest first.
select l.id, l.leaf, l.leaf_hash, p.seq
from policy_signatures s
join ledger_leaves l on l.group_id = s.group_id and l.id = s.id
left join ledger_places p on p.group_id = l.group_id and p.leaf_id = l.id
where s.group_id = %(group_id)s and s.member_id = any(%(members)s::uuid[])
order by l.id

-- name: training_of
-- The leaves of these members' passes of the training, oldest first.
select l.id, l.leaf, l.leaf_hash, p.seq
from access_acts a
join ledger_leaves l on l.group_id = a.group_id and l.id = a.id
left join ledger_places p on p.group_id = l.group_id and p.leaf_id = l.id
where a.group_id = %(group_id)s and a.about_id = any(%(members)s::uuid[])
    and a.what = 'training_passed'
order by l.id

-- name: devices_of_texts
-- What the devices call themselves on which texts to a contact were written.
select t.id, t.device_id, d.label_ct
from texts t
join devices d on d.group_id = t.group_id and d.id = t.device_id
where t.group_id = %(group_id)s and t.contact_id = %(contact_id)s

-- name: places
-- Where these leaves stand in the log.
select leaf_id, seq from ledger_places
where group_id = %(group_id)s and leaf_id = any(%(ids)s::uuid[])

-- name: entries
-- Consent entries, as their leaves commit to them, with the wording that was shown.
select e.id, e.contact_id, e.says, e.scope, e.kind, e.source, e.how, e.line_id, e.corrects,
    e.seller_named, e.said_at, e.heard_at, e.text_id, e.member_id, e.wording_id, e.proof_ct,
    w.name as wording_name, w.version as wording_version, w.body as wording_body
from consent_entries e
left join wordings w on w.group_id = e.group_id and w.id = e.wording_id
where e.group_id = %(group_id)s and e.id = any(%(ids)s::uuid[])

-- name: texts
-- Texts, as their leaves commit to them.
select id, contact_id, line_id, direction, sender, author_id, purpose, body_ct, added_ct, media,
    created_at
from texts where group_id = %(group_id)s and id = any(%(ids)s::uuid[])

-- name: brought
-- Texts from private phones, as their leaves commit to them.
select b.id, b.contact_id, b.bringing_id, b.member_id, b.direction, b.said_at, b.body_ct, g.kind
from brought_texts b
join bringings g on g.group_id = b.group_id and g.id = b.bringing_id
where b.group_id = %(group_id)s and b.id = any(%(ids)s::uuid[])

-- name: decisions
-- Decisions, as their leaves commit to them, with the line that the text would leave from.
select d.id, d.text_id, d.contact_id, d.stage, d.verdict, d.rulebook, d.findings, d.facts,
    d.hold_until, d.decided_at, t.line_id, t.author_id
from decisions d
left join texts t on t.group_id = d.group_id and t.id = d.text_id
where d.group_id = %(group_id)s and d.id = any(%(ids)s::uuid[])

-- name: signatures
-- Signatures under the policy, as their leaves commit to them.
select s.id, s.member_id, s.version, s.signed_name_ct, s.device_id, p.body_sha256
from policy_signatures s
left join policies p on p.group_id = s.group_id and p.version = s.version
where s.group_id = %(group_id)s and s.id = any(%(ids)s::uuid[])

-- name: acts
-- Acts of access, rotations, erasures and exports, as their leaves commit to them.
select id, what, actor_id, about_id, detail from access_acts
where group_id = %(group_id)s and id = any(%(ids)s::uuid[])

-- name: contacts
-- The keys of contacts, and up to which leaf of their chain an erasure took the key away.
select c.id, c.key_wrapped, c.erased_at, (
    select max(l.chain_seq) from ledger_leaves l
    where l.group_id = c.group_id and l.contact_id = c.id and l.kind = 'erasure'
) as erased_to
from contacts c where c.group_id = %(group_id)s and c.id = any(%(ids)s::uuid[])

-- name: people
-- Members by id.
select id, name_ct from members where group_id = %(group_id)s and id = any(%(ids)s::uuid[])

-- name: lines
-- Lines by id.
select id, number_ct from lines where group_id = %(group_id)s and id = any(%(ids)s::uuid[])

-- name: name_and_number
-- Whom the evidence is about.
select id, name_ct, number_ct, key_wrapped from contacts
where group_id = %(group_id)s and id = %(contact_id)s

-- name: checkpoints
-- Signed words on the log, smallest first, from a size on.
select size, root, note from ledger_checkpoints
where group_id = %(group_id)s and size > %(after)s order by size limit %(limit)s

-- name: first_checkpoint
-- The first signed word that vouches for a place.
select size, root, note from ledger_checkpoints
where group_id = %(group_id)s and size > %(index)s order by size limit 1

-- name: wait_a_little
-- Others' transactions are given a moment to end.
select pg_sleep(0.05)

-- name: extent
-- How far the log goes, and how far a signature vouches for it, read at one instant.
select
    coalesce((select max(p.seq) + 1 from ledger_places p where p.group_id = %(group_id)s), 0)
        as size,
    coalesce((select max(c.size) from ledger_checkpoints c where c.group_id = %(group_id)s), 0)
        as signed

-- name: walk
-- A stretch of the log, place by place, whether or not each place still has its leaf.
select s.seq, p.leaf_id, l.leaf, l.leaf_hash, l.kind, l.contact_id, l.chain_seq, l.subject_id,
    n.hash as node
from generate_series(%(first)s::bigint, %(last)s::bigint) as s (seq)
left join ledger_places p on p.group_id = %(group_id)s and p.seq = s.seq
left join ledger_leaves l on l.group_id = %(group_id)s and l.id = p.leaf_id
left join ledger_nodes n on n.group_id = %(group_id)s and n.level = 0 and n.index = s.seq
order by s.seq

-- name: waiting
-- Leaves that have no place in the first so many of the log.
select l.id, l.leaf, l.leaf_hash, l.kind, l.contact_id, l.chain_seq, l.subject_id
from ledger_leaves l
left join ledger_places p on p.group_id = l.group_id and p.leaf_id = l.id
where l.group_id = %(group_id)s and (p.seq is null or p.seq >= %(size)s)
order by l.xid, l.id

-- name: unrecorded
-- Rows that must have a leaf and have none. A text has one once it came in or a carrier answered.
select 'consent entry' as what, e.id from consent_entries e
where e.group_id = %(group_id)s and not exists (
    select from ledger_leaves l where l.group_id = e.group_id and l.id = e.id)
union all
select 'decision', d.id from decisions d
where d.group_id = %(group_id)s and not exists (
    select from ledger_leaves l where l.group_id = d.group_id and l.id = d.id)
union all
select 'signature', s.id from policy_signatures s
where s.group_id = %(group_id)s and not exists (
    select from ledger_leaves l where l.group_id = s.group_id and l.id = s.id)
union all
select 'act', a.id from access_acts a
where a.group_id = %(group_id)s and not exists (
    select from ledger_leaves l where l.group_id = a.group_id and l.id = a.id)
union all
select 'text', t.id from texts t
where t.group_id = %(group_id)s
    and (t.direction = 'in' or t.state in ('accepted', 'sent', 'delivered'))
    and not exists (select from ledger_leaves l where l.group_id = t.group_id and l.id = t.id)
limit 100

-- name: chain_ends
-- Contacts whose row and whose chain do not end alike.
select c.id, c.chain_seq, h.seq
from contacts c
left join lateral (
    select l.chain_seq as seq, l.leaf_hash from ledger_leaves l
    where l.group_id = c.group_id and l.contact_id = c.id order by l.chain_seq desc limit 1
) h on true
where c.group_id = %(group_id)s
    and (c.chain_seq is distinct from coalesce(h.seq, 0) or c.chain_head is distinct from h.leaf_hash)
limit 100

-- name: retired
-- Texts of these contacts whose words went by age, as the acts on their chains name them.
select about_id, detail -> 'texts' as texts from access_acts
where group_id = %(group_id)s and about_id = any(%(ids)s::uuid[]) and what = 'words_retired'
