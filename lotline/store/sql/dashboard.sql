-- name: lines
-- Lines in reach with their stores, in the order they were added.
select l.id, l.store_id, l.label_ct, l.target_s, s.name_ct, s.zone, s.open_hours
from lines l join stores s on s.group_id = l.group_id and s.id = l.store_id
where l.group_id = %(group_id)s and l.id = any(%(line_ids)s::uuid[])
order by l.created_at, l.id

-- name: days
-- What texts add up to: in all, by day, by author.
select d.day, d.author_id, grouping(d.day, d.author_id) as level, sum(d.sent)::int as sent,
    sum(d.received)::int as received, sum(d.allowed)::int as allowed, sum(d.held)::int as held,
    sum(d.blocked)::int as blocked
from count_days d
where d.group_id = %(group_id)s and d.line_id = any(%(line_ids)s::uuid[])
    and d.day between %(first)s and %(last)s
group by grouping sets ((), (d.day), (d.author_id))

-- name: texted
-- How many customers were sent a text.
select count(*)::int as n from (
    select distinct d.contact_id from count_days d
    where d.group_id = %(group_id)s and d.line_id = any(%(line_ids)s::uuid[])
        and d.day between %(first)s and %(last)s and d.sent > 0
) one

-- name: waits
-- How long the waits that ended were: in all, by author, by hour.
select w.author_id, w.hour, grouping(w.author_id, w.hour) as level, count(*)::int as n,
    percentile_disc(array[0.5, 0.9]) within group (order by w.open_s) as open_s,
    count(*) filter (where w.open_s <= 300)::int as five,
    count(*) filter (where w.open_s > 300 and w.open_s <= 900)::int as fifteen,
    count(*) filter (where w.open_s > 900 and w.open_s <= 3600)::int as sixty
from count_waits w
where w.group_id = %(group_id)s and w.line_id = any(%(line_ids)s::uuid[])
    and w.day between %(first)s and %(last)s
group by grouping sets ((), (w.author_id), (w.hour))

-- name: without
-- How many customers were texted without an opt-in: in all, by author.
select t.author_id, grouping(t.author_id) as level, count(distinct t.contact_id)::int as n
from count_texts t
where t.group_id = %(group_id)s and t.what = 'without' and t.line_id = any(%(line_ids)s::uuid[])
    and t.day between %(first)s and %(last)s
group by grouping sets ((), (t.author_id))

-- name: levels
-- How customers with a mobile number stand now. Of all of them, or of those on some lines.
select k.level, count(*)::int as n from contacts k
where k.group_id = %(group_id)s and k.key_wrapped is not null
    and k.number_kind not in ('landline', 'toll_free')
    and (%(everybody)s or k.id in (
        select c.contact_id from conversations c
        where c.group_id = %(group_id)s and c.line_id = any(%(line_ids)s::uuid[])))
group by k.level

-- name: opted_in
-- Who opted in: was not there at the start, and rose to either level since. One row a customer, the
-- first rise, with its source and whom it is credited to.
with moved as (
    select m.contact_id, m.at, m.was, m.now, m.source, m.credited_id,
        first_value(m.was) over (partition by m.contact_id order by m.at, m.entry_id) as began
    from count_moves m
    where m.group_id = %(group_id)s and m.at >= %(since)s and m.at < %(until)s
        and (%(everybody)s or m.contact_id in (
            select c.contact_id from conversations c
            where c.group_id = %(group_id)s and c.line_id = any(%(line_ids)s::uuid[])))
), risen as (
    select distinct on (m.contact_id) m.source, m.credited_id from moved m
    where m.began not in ('offers', 'replies') and m.now in ('offers', 'replies')
    order by m.contact_id, m.at
)
select r.source, r.credited_id, count(*)::int as n from risen r group by r.source, r.credited_id

-- name: stopped
-- How many customers opted out.
select count(distinct m.contact_id)::int as n from count_moves m
where m.group_id = %(group_id)s and m.at >= %(since)s and m.at < %(until)s and m.now = 'out'
    and (%(everybody)s or m.contact_id in (
        select c.contact_id from conversations c
        where c.group_id = %(group_id)s and c.line_id = any(%(line_ids)s::uuid[])))

-- name: weeks
-- Customers who opted in and who opted out, week by week of the store's clock.
select date_trunc('week', m.at at time zone %(zone)s)::date as week,
    count(distinct m.contact_id) filter (where m.was not in ('offers', 'replies')
        and m.now in ('offers', 'replies'))::int as opted_in,
    count(distinct m.contact_id) filter (where m.now = 'out')::int as stopped
from count_moves m
where m.group_id = %(group_id)s and m.at >= %(since)s and m.at < %(until)s
    and (%(everybody)s or m.contact_id in (
        select c.contact_id from conversations c
        where c.group_id = %(group_id)s and c.line_id = any(%(line_ids)s::uuid[])))
group by 1 order by 1

-- name: waiting
-- Conversations that wait past their line's target: since before the instant that is a target of
-- open time ago.
select w.line_id, c.n, c.since
from unnest(%(lines)s::uuid[], %(before)s::timestamptz[]) as w (line_id, before)
cross join lateral (
    select count(*)::int as n, min(c.waiting_since) as since from conversations c
    where c.group_id = %(group_id)s and c.line_id = w.line_id and c.done_at is null
        and coalesce(c.waiting_since, 'infinity') < w.before
        and (c.snoozed_until is null or c.snoozed_until <= %(now)s)
) c
where c.n > 0 order by 3

-- name: flags
-- Texts that wait in Review, by who wrote them.
select f.author_id, count(*)::int as n
from flags_open o
join flags f on f.group_id = o.group_id and f.id = o.flag_id
join texts t on t.group_id = f.group_id and t.id = f.text_id
where o.group_id = %(group_id)s and o.line_id = any(%(line_ids)s::uuid[])
    and f.author_id is not null and (not f.held or t.state = 'held')
group by f.author_id

-- name: left
-- Who left for good, and when.
select member_id, left_at from leavings where group_id = %(group_id)s

-- name: opted_by
-- Customers who are opted in now, by whom it is credited to, by source and by store.
with here as (
    select m.contact_id, m.source, m.credited_id from count_moves m
    join contacts k on k.group_id = m.group_id and k.id = m.contact_id
        and k.key_wrapped is not null and k.number_kind not in ('landline', 'toll_free')
    where m.group_id = %(group_id)s and m.last and m.now in ('offers', 'replies')
        and (%(everybody)s or m.contact_id in (
            select c.contact_id from conversations c
            where c.group_id = %(group_id)s and c.line_id = any(%(line_ids)s::uuid[])))
)
select 'person' as by, h.credited_id as id, '' as source, count(*)::int as n from here h
group by h.credited_id
union all
select 'source', null, h.source, count(*)::int from here h group by h.source
union all
select 'store', s.store_id, '', count(*)::int
from (
    select distinct c.store_id, c.contact_id from here h
    join conversations c on c.group_id = %(group_id)s and c.contact_id = h.contact_id
        and c.line_id = any(%(line_ids)s::uuid[])
) s
group by s.store_id

-- name: newest
-- The newest texts on some lines, of the last days.
select t.id, t.conversation_id, t.contact_id, t.line_id, t.direction, t.author_id, t.purpose,
    t.state, t.body_ct, t.created_at, k.name_ct, k.number_ct, k.key_wrapped, k.erased_at,
    a.name_ct as author_ct, d.hold_until, d.binding_rule, o.store_id
from (
    select t.id from texts t
    where t.group_id = %(group_id)s and t.id > %(after)s::uuid
        and t.line_id = any(%(line_ids)s::uuid[]) and t.state <> 'cancelled'
    order by t.id desc limit %(limit)s
) w
join texts t on t.group_id = %(group_id)s and t.id = w.id
join contacts k on k.group_id = t.group_id and k.id = t.contact_id
join conversations o on o.group_id = t.group_id and o.id = t.conversation_id
left join members a on a.group_id = t.group_id and a.id = t.author_id
left join lateral (
    select d.hold_until, d.binding_rule from decisions d
    where d.group_id = t.group_id and d.text_id = t.id order by d.id desc limit 1
) d on true
order by t.id desc

-- name: rows_texts
-- The texts behind a number: held, blocked, or without an opt-in. The newest first.
select w.text_id, w.conversation_id, w.contact_id, w.line_id, w.author_id, w.at, w.why,
    t.body_ct, t.state, o.store_id, k.name_ct, k.number_ct, k.key_wrapped, k.erased_at, k.level
from (
    select * from count_texts w
    where w.group_id = %(group_id)s and w.what = %(what)s
        and w.line_id = any(%(line_ids)s::uuid[]) and w.day between %(first)s and %(last)s
        and (%(author_id)s::uuid is null or w.author_id = %(author_id)s)
    order by w.at desc, w.text_id desc limit %(limit)s offset %(skip)s
) w
join texts t on t.group_id = %(group_id)s and t.id = w.text_id
join conversations o on o.group_id = %(group_id)s and o.id = w.conversation_id
join contacts k on k.group_id = %(group_id)s and k.id = w.contact_id
order by w.at desc, w.text_id desc

-- name: rows_days
-- The customers behind a number of texts, day by day, with who wrote.
select w.*, k.name_ct, k.number_ct, k.key_wrapped, k.erased_at
from (
    select w.day, w.contact_id, w.conversation_id, w.line_id, w.author_id, w.sent, w.received,
        w.allowed, w.held, w.blocked
    from count_days w
    where w.group_id = %(group_id)s and w.line_id = any(%(line_ids)s::uuid[])
        and w.day between %(first)s and %(last)s
        and (%(author_id)s::uuid is null or w.author_id = %(author_id)s)
        and case %(what)s when 'in' then w.received when 'allowed' then w.allowed else w.sent end > 0
    order by w.day desc, w.contact_id, w.conversation_id, w.author_id
    limit %(limit)s offset %(skip)s
) w
join contacts k on k.group_id = %(group_id)s and k.id = w.contact_id
order by w.day desc, w.contact_id, w.conversation_id, w.author_id

-- name: rows_waits
-- The waits behind a number, the longest first.
select w.*, k.name_ct, k.number_ct, k.key_wrapped, k.erased_at
from (
    select w.text_id, w.contact_id, w.conversation_id, w.line_id, w.author_id, w.started_at,
        w.ended_at, w.open_s
    from count_waits w
    where w.group_id = %(group_id)s and w.line_id = any(%(line_ids)s::uuid[])
        and w.day between %(first)s and %(last)s
        and (%(author_id)s::uuid is null or w.author_id = %(author_id)s)
        and (%(hour)s::int is null or w.hour = %(hour)s)
    order by w.open_s desc, w.text_id limit %(limit)s offset %(skip)s
) w
join contacts k on k.group_id = %(group_id)s and k.id = w.contact_id
order by w.open_s desc, w.text_id

-- name: rows_moves
-- The customers behind opt-ins or stops, the newest first.
with moved as (
    select m.contact_id, m.entry_id, m.at, m.was, m.now, m.source, m.credited_id,
        first_value(m.was) over (partition by m.contact_id order by m.at, m.entry_id) as began
    from count_moves m
    where m.group_id = %(group_id)s and m.at >= %(since)s and m.at < %(until)s
        and (%(everybody)s or m.contact_id in (
            select c.contact_id from conversations c
            where c.group_id = %(group_id)s and c.line_id = any(%(line_ids)s::uuid[])))
), wanted as (
    select distinct on (m.contact_id) m.* from moved m
    where case when %(what)s = 'stops' then m.now = 'out'
        else m.began not in ('offers', 'replies') and m.now in ('offers', 'replies') end
    order by m.contact_id, m.at
), page as (
    select w.* from wanted w
    where %(author_id)s::uuid is null or w.credited_id = %(author_id)s
    order by w.at desc, w.contact_id limit %(limit)s offset %(skip)s
)
select p.*, k.name_ct, k.number_ct, k.key_wrapped, k.erased_at from page p
join contacts k on k.group_id = %(group_id)s and k.id = p.contact_id
order by p.at desc, p.contact_id

-- name: rows_waiting
-- The conversations that wait past their line's target, the longest first.
select c.id as conversation_id, c.contact_id, c.line_id, c.assignee_id as author_id,
    c.waiting_since, k.name_ct, k.number_ct, k.key_wrapped, k.erased_at
from unnest(%(lines)s::uuid[], %(before)s::timestamptz[]) as w (line_id, before)
join conversations c on c.group_id = %(group_id)s and c.line_id = w.line_id
    and c.done_at is null and c.waiting_since < w.before
    and (c.snoozed_until is null or c.snoozed_until <= %(now)s)
join contacts k on k.group_id = c.group_id and k.id = c.contact_id
order by c.waiting_since, c.id limit %(limit)s offset %(skip)s

-- name: rows_levels
-- The customers of one level, the newest first.
select k.id as contact_id, k.level, k.level_at, k.created_at, k.name_ct, k.number_ct,
    k.key_wrapped, k.erased_at
from contacts k
where k.group_id = %(group_id)s and k.key_wrapped is not null
    and k.number_kind not in ('landline', 'toll_free') and k.level = any(%(levels)s::text[])
    and (%(everybody)s or k.id in (
        select c.contact_id from conversations c
        where c.group_id = %(group_id)s and c.line_id = any(%(line_ids)s::uuid[])))
order by k.id desc limit %(limit)s offset %(skip)s
