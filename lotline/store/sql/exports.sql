-- name: of_member
-- Whom a member wrote to, or wrote something down about, in some days; with the length of each
-- chain. A text may leave later than it was written: whoever asks looks again at each.
select c.id, c.chain_seq from contacts c
where c.group_id = %(group_id)s and c.key_wrapped is not null and c.id in (
    select t.contact_id from texts t
    where t.group_id = %(group_id)s and t.author_id = %(member_id)s
        and (%(since)s::timestamptz is null or t.created_at >= %(since)s::timestamptz - interval '62 days')
        and (%(until)s::timestamptz is null or t.created_at < %(until)s)
        and (%(lines)s::uuid[] is null or t.line_id = any(%(lines)s))
    union
    select e.contact_id from consent_entries e
    where e.group_id = %(group_id)s and e.member_id = %(member_id)s
        and (%(since)s::timestamptz is null or e.heard_at >= %(since)s)
        and (%(until)s::timestamptz is null or e.heard_at < %(until)s)
        and (%(lines)s::uuid[] is null or e.line_id = any(%(lines)s))
    union
    select b.contact_id from brought_texts b
    where b.group_id = %(group_id)s and b.member_id = %(member_id)s and %(lines)s::uuid[] is null
        and (%(since)s::timestamptz is null or b.said_at >= %(since)s)
        and (%(until)s::timestamptz is null or b.said_at < %(until)s))
order by c.id

-- name: of_line
-- Who wrote to a line or was written to from it in some days, with the length of each chain.
select c.id, c.chain_seq from contacts c
where c.group_id = %(group_id)s and c.key_wrapped is not null and c.id in (
    select t.contact_id from texts t
    where t.group_id = %(group_id)s and t.line_id = %(line_id)s
        and (%(since)s::timestamptz is null or t.created_at >= %(since)s::timestamptz - interval '62 days')
        and (%(until)s::timestamptz is null or t.created_at < %(until)s))
order by c.id

-- name: of_places
-- About whom something got its place in a stretch of the log, with the length of each chain.
select c.id, c.chain_seq from contacts c
where c.group_id = %(group_id)s and c.key_wrapped is not null and c.id in (
    select l.contact_id from ledger_places p
    join ledger_leaves l on l.group_id = p.group_id and l.id = p.leaf_id
    where p.group_id = %(group_id)s and p.seq >= %(first)s and p.seq < %(end)s
        and l.contact_id is not null)
order by c.id

-- name: chains
-- Every leaf of some customers, chain by chain, with its place where it has one.
select l.contact_id, l.leaf, p.seq
from ledger_leaves l
left join ledger_places p on p.group_id = l.group_id and p.leaf_id = l.id
where l.group_id = %(group_id)s and l.contact_id = any(%(ids)s::uuid[])
order by l.contact_id, l.chain_seq

-- name: whom
-- Names and numbers of some customers, with their keys.
select id, name_ct, number_ct, key_wrapped from contacts
where group_id = %(group_id)s and id = any(%(ids)s::uuid[])

-- name: devices
-- What the devices call themselves on which these texts were written.
select t.id, t.device_id, d.label_ct
from texts t
join devices d on d.group_id = t.group_id and d.id = t.device_id
where t.group_id = %(group_id)s and t.id = any(%(ids)s::uuid[])

-- name: list
-- What left the house as evidence, newest first; all of it, or what one member let out.
select a.id, a.actor_id, a.about_id, a.detail, a.happened_at, c.key_wrapped, c.erased_at,
    c.id as contact_id
from access_acts a
left join contacts c on c.group_id = a.group_id and c.id = a.about_id
where a.group_id = %(group_id)s and a.what = 'exported' and a.id < %(before)s
    and (%(actor_id)s::uuid is null or a.actor_id = %(actor_id)s)
order by a.id desc limit %(limit)s

-- name: line_of
-- A line of ours by its number.
select id from lines where group_id = %(group_id)s and number_hash = any(%(hashes)s::bytea[])

-- name: members
-- Everybody who works or worked here.
select id, name_ct from members where group_id = %(group_id)s order by id
