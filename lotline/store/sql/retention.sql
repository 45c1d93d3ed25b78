-- name: choices
-- What the owner chose for each class, the newest of each.
select distinct on (class) class as word, months, chosen_by, chosen_at from retention_choices
where group_id = %(group_id)s order by class, id desc

-- name: choose
-- The owner keeps a class longer or shorter from now on.
insert into retention_choices (group_id, id, class, months, chosen_by, chosen_at)
values (%(group_id)s, %(id)s, %(class)s, %(months)s, %(by)s, %(at)s)

-- name: record_run
-- What a batch retired.
insert into retention_runs (group_id, id, class, before, retired, ran_at)
values (%(group_id)s, %(id)s, %(class)s, %(before)s, %(retired)s, %(at)s)

-- name: totals
-- What was retired of each class so far, and when last.
select class as word, sum(retired)::bigint as retired, max(ran_at) as last_at from retention_runs
where group_id = %(group_id)s group by class

-- name: lock
-- One worker a company at a time; the lock falls with the transaction.
select pg_try_advisory_xact_lock(hashtextextended('retire:' || %(group_id)s::uuid::text, 0)) as mine

-- name: mark
-- How far a class is retired.
select done_to from retention_marks where group_id = %(group_id)s and class = %(class)s

-- name: set_mark
-- It is retired up to here.
insert into retention_marks (group_id, class, done_to) values (%(group_id)s, %(class)s, %(to)s)
on conflict (group_id, class) do update set done_to = excluded.done_to

-- name: customers
-- Whom nobody texted with since, and no hold stands on.
select c.id from contacts c
where c.group_id = %(group_id)s and c.key_wrapped is not null and c.created_at < %(before)s
    and coalesce(greatest(c.bought_on, c.asked_on), '-infinity'::date) < %(before)s::timestamptz::date
    and (c.erased_at is null or c.erased_at < %(before)s)
    and not exists (
        select from conversations t where t.group_id = c.group_id and t.contact_id = c.id
            and t.last_at >= %(before)s)
    and not is_held(c.group_id, c.id)
order by c.id limit %(limit)s

-- name: customers_due
-- How many those are, and how many a hold keeps.
select count(*) filter (where not held) as due, count(*) filter (where held) as held from (
    select is_held(c.group_id, c.id) as held from contacts c
    where c.group_id = %(group_id)s and c.key_wrapped is not null and c.created_at < %(before)s
        and coalesce(greatest(c.bought_on, c.asked_on), '-infinity'::date)
            < %(before)s::timestamptz::date
        and (c.erased_at is null or c.erased_at < %(before)s)
        and not exists (
            select from conversations t where t.group_id = c.group_id and t.contact_id = c.id
                and t.last_at >= %(before)s)) s

-- name: texts
-- Texts that still have words, after a mark; none that waits to leave.
select t.id, t.contact_id from texts t
join contacts c on c.group_id = t.group_id and c.id = t.contact_id
where t.group_id = %(group_id)s and t.id > %(mark)s and t.id < %(upto)s
    and t.created_at < %(before)s and t.state_at < %(before)s
    and (length(t.body_ct) > 0 or t.added_ct is not null or t.media <> '[]')
    and t.state not in ('held', 'queued', 'sending', 'unknown')
    and c.key_wrapped is not null and not is_held(t.group_id, t.contact_id)
order by t.id limit %(limit)s

-- name: texts_due
-- How many those are, and how many a hold keeps.
select count(*) filter (where not held) as due, count(*) filter (where held) as held from (
    select is_held(t.group_id, t.contact_id) as held from texts t
    join contacts c on c.group_id = t.group_id and c.id = t.contact_id
    where t.group_id = %(group_id)s and t.id < %(upto)s
        and t.created_at < %(before)s and t.state_at < %(before)s
        and (length(t.body_ct) > 0 or t.added_ct is not null or t.media <> '[]')
        and t.state not in ('held', 'queued', 'sending', 'unknown')
        and c.key_wrapped is not null) s

-- name: wipe_texts
-- Their words and pictures go; the rows stay.
update texts set body_ct = ''::bytea, added_ct = null, media = '[]'
where group_id = %(group_id)s and id = any(%(ids)s::uuid[])

-- name: forget_words
-- And what finds them by their words.
delete from text_words where group_id = %(group_id)s and id = any(%(ids)s::uuid[])

-- name: notes
-- Notes after a mark.
select n.id from notes n
join conversations c on c.group_id = n.group_id and c.id = n.conversation_id
where n.group_id = %(group_id)s and n.id > %(mark)s and n.id < %(upto)s
    and n.created_at < %(before)s and not is_held(n.group_id, c.contact_id)
order by n.id limit %(limit)s

-- name: notes_due
-- How many those are, and how many a hold keeps.
select count(*) filter (where not held) as due, count(*) filter (where held) as held from (
    select is_held(n.group_id, c.contact_id) as held from notes n
    join conversations c on c.group_id = n.group_id and c.id = n.conversation_id
    where n.group_id = %(group_id)s and n.id < %(upto)s and n.created_at < %(before)s) s

-- name: retire_notes
-- They go, by age alone.
select retire_notes(%(group_id)s, %(ids)s::uuid[]) as n

-- name: drafts
-- Drafts nobody went on with.
delete from drafts d where d.group_id = %(group_id)s and (d.conversation_id, d.member_id) in (
    select o.conversation_id, o.member_id from drafts o
    join conversations c on c.group_id = o.group_id and c.id = o.conversation_id
    where o.group_id = %(group_id)s and o.updated_at < %(before)s
        and not is_held(o.group_id, c.contact_id) limit %(limit)s)

-- name: drafts_due
-- How many those are, and how many a hold keeps.
select count(*) filter (where not held) as due, count(*) filter (where held) as held from (
    select is_held(d.group_id, c.contact_id) as held from drafts d
    join conversations c on c.group_id = d.group_id and c.id = d.conversation_id
    where d.group_id = %(group_id)s and d.updated_at < %(before)s) s

-- name: arrivals
-- Raw calls after a mark.
select a.id from arrivals a
where a.group_id = %(group_id)s and a.id > %(mark)s and a.id < %(upto)s
    and a.arrived_at < %(before)s and length(a.raw_ct) > 0 and not is_held(a.group_id, a.contact_id)
order by a.id limit %(limit)s

-- name: arrivals_due
-- How many those are, and how many a hold keeps.
select count(*) filter (where not held) as due, count(*) filter (where held) as held from (
    select is_held(a.group_id, a.contact_id) as held from arrivals a
    where a.group_id = %(group_id)s and a.id < %(upto)s and a.arrived_at < %(before)s
        and length(a.raw_ct) > 0) s

-- name: retire_arrivals
-- They lose what they said, by age alone.
select retire_arrivals(%(group_id)s, %(ids)s::uuid[]) as n

-- name: turned_away
-- Calls that were turned away. Whose they are nobody knows, so any hold keeps them all.
delete from turned_away t where t.group_id = %(group_id)s and t.id in (
    select o.id from turned_away o
    where o.group_id = %(group_id)s and o.arrived_at < %(before)s
        and not exists (select from legal_holds h where h.group_id = %(group_id)s and not exists (
            select from legal_hold_lifts l where l.group_id = h.group_id and l.hold_id = h.id))
    limit %(limit)s)

-- name: turned_away_due
-- How many those are, and how many a hold keeps.
select count(*) filter (where not held) as due, count(*) filter (where held) as held from (
    select exists (select from legal_holds h where h.group_id = %(group_id)s and not exists (
        select from legal_hold_lifts l where l.group_id = h.group_id and l.hold_id = h.id)) as held
    from turned_away t where t.group_id = %(group_id)s and t.arrived_at < %(before)s) s

-- name: sessions
-- Addresses of sessions that ended.
update devices d set address_ct = null where d.group_id = %(group_id)s and d.id in (
    select o.id from devices o
    where o.group_id = %(group_id)s and o.address_ct is not null and o.ended_at < %(before)s
        and not exists (select from legal_holds h where h.group_id = %(group_id)s
            and (h.kind = 'company' or h.subject_id = o.member_id) and not exists (
                select from legal_hold_lifts l where l.group_id = h.group_id and l.hold_id = h.id))
    limit %(limit)s)

-- name: sessions_due
-- How many those are, and how many a hold keeps.
select count(*) filter (where not held) as due, count(*) filter (where held) as held from (
    select exists (select from legal_holds h where h.group_id = %(group_id)s
        and (h.kind = 'company' or h.subject_id = d.member_id) and not exists (
            select from legal_hold_lifts l where l.group_id = h.group_id and l.hold_id = h.id))
        as held
    from devices d where d.group_id = %(group_id)s and d.address_ct is not null
        and d.ended_at < %(before)s) s

-- name: exports_due
-- Files of the scheduled export that are old enough, and whether a hold keeps them.
select count(*) filter (where not held) as due, count(*) filter (where held) as held from (
    select exists (select from legal_holds h where h.group_id = %(group_id)s and not exists (
        select from legal_hold_lifts l where l.group_id = h.group_id and l.hold_id = h.id)) as held
    from export_files f where f.group_id = %(group_id)s and f.made_at < %(before)s
        and f.size > 0) s
