-- name: entries
-- The ledger as it is read, newest place first: of one kind, of some days, of one member's doing.
-- Checkpoints narrow the places that some days can be in, so that the walk does not begin at today.
select p.seq, l.leaf
from ledger_places p
join ledger_leaves l on l.group_id = p.group_id and l.id = p.leaf_id
where p.group_id = %(group_id)s and p.seq < %(before)s
    and (%(kind)s::text is null or l.kind = %(kind)s)
    and (%(since)s::timestamptz is null or (l.made_at >= %(since)s and p.seq >= coalesce((
        select max(c.size) from ledger_checkpoints c
        where c.group_id = %(group_id)s and c.signed_at <= %(since)s), 0)))
    and (%(until)s::timestamptz is null or (l.made_at < %(until)s and p.seq < coalesce((
        select min(c.size) from ledger_checkpoints c
        where c.group_id = %(group_id)s and c.signed_at >= %(until)s::timestamptz + interval '1 hour'
    ), 9223372036854775807)))
    and (%(member_id)s::uuid is null or l.id in (
        select a.id from access_acts a
        where a.group_id = %(group_id)s
            and (a.actor_id = %(member_id)s or a.about_id = %(member_id)s)
        union all
        select t.id from texts t
        where t.group_id = %(group_id)s and t.author_id = %(member_id)s
        union all
        select d.id from decisions d
        join texts t on t.group_id = d.group_id and t.id = d.text_id
        where d.group_id = %(group_id)s and t.author_id = %(member_id)s
        union all
        select e.id from consent_entries e
        where e.group_id = %(group_id)s and e.member_id = %(member_id)s
        union all
        select s.id from policy_signatures s
        where s.group_id = %(group_id)s and s.member_id = %(member_id)s))
order by p.seq desc limit %(limit)s

-- name: members
-- Whose doing the ledger can be asked for.
select id, name_ct from members where group_id = %(group_id)s order by id limit 500

-- name: record_check
-- What came of a check of the whole log.
insert into ledger_checks (group_id, id, checked_at, size, faults, first_fault)
values (%(group_id)s, %(id)s, %(at)s, %(size)s, %(faults)s, %(first_fault)s)

-- name: newest_check
-- The last check of the whole log.
select checked_at, size, faults, first_fault from ledger_checks
where group_id = %(group_id)s order by checked_at desc, id desc limit 1
