-- name: record
-- Texts begin to wait. What answers a stop goes before what people wrote.
insert into outbox (group_id, text_id, contact_id, line_id, due_at, kind, segments, rank)
select %(group_id)s, w.* from unnest(%(texts)s::uuid[], %(contacts)s::uuid[], %(lines)s::uuid[],
    %(due)s::timestamptz[], %(kinds)s::text[], %(segments)s::smallint[], %(ranks)s::smallint[]) as w

-- name: claim
-- What may leave now, taken by turns from the lines that have something due, and never more than
-- their buckets hold: those are locked in one order, drawn from and written back at once, so that
-- whoever claims beside us, on whatever host, draws from what is left. Lines whose buckets are empty
-- cost nothing: what waits there is not touched. A lease that ran out may be taken over; it was
-- drawn for when it was first claimed.
with recursive heads as (
    -- The oldest of each line and rank, found by leaping from one to the next in the index.
    (
        select o.group_id, o.line_id, o.rank, o.due_at from outbox o
        where o.claimed_until is null
        order by o.group_id, o.line_id, o.rank, o.due_at limit 1
    )
    union all
    select n.group_id, n.line_id, n.rank, n.due_at from heads h
    cross join lateral (
        select o.group_id, o.line_id, o.rank, o.due_at from outbox o
        where o.claimed_until is null
            and (o.group_id, o.line_id, o.rank) > (h.group_id, h.line_id, h.rank)
        order by o.group_id, o.line_id, o.rank, o.due_at limit 1
    ) n
),
-- Not more lines than texts are asked for, those with notices first, then whichever: no line is
-- always behind the others, however long their queues.
chosen as materialized (
    select h.group_id, h.line_id, h.rank from heads h
    where h.due_at <= %(now)s and h.line_id <> all(%(busy)s::uuid[]) and not exists (
        select from line_buckets m join buckets b on b.group_id = m.group_id and b.id = m.bucket_id
        where m.group_id = h.group_id and m.line_id = h.line_id
            and bucket_holds(b, %(now)s) < 1
    )
    order by (h.rank > 0), random() limit %(limit)s
),
drawn as materialized (
    select b.group_id, b.id, b.burst, bucket_holds(b, %(now)s) as holds
    from buckets b
    where (b.group_id, b.id) in (
        select m.group_id, m.bucket_id from line_buckets m
        join chosen c on c.group_id = m.group_id and c.line_id = m.line_id
    )
    order by b.group_id, b.id
    for update
),
-- Two shares of each are looked at, so that what one line leaves over another may have.
seen as materialized (
    select c.group_id, c.line_id, c.rank, o.text_id, o.due_at, o.segments,
        row_number() over (
            partition by c.group_id, c.line_id order by c.rank, o.due_at, o.text_id
        ) as turn
    from (
        select c.*, least(%(limit)s, ceil(2.0 * %(limit)s / count(*) over ()))::bigint as share
        from chosen c
    ) c
    cross join lateral (
        select o.text_id, o.due_at, o.segments from outbox o
        where o.group_id = c.group_id and o.line_id = c.line_id and o.rank = c.rank
            and o.claimed_until is null and o.due_at <= %(now)s
        order by o.due_at, o.text_id limit c.share
        for update skip locked
    ) o
),
placed as (
    select s.*, row_number() over (order by s.rank > 0, s.turn, s.due_at, s.text_id) as place
    from seen s
),
-- A text of more segments than a bucket ever holds leaves when the bucket is full, on debt.
weighed as (
    select p.group_id, p.line_id, p.text_id, p.segments, p.place,
        d.id is null or least(p.segments, d.burst) - p.segments
            + sum(p.segments) over (partition by d.group_id, d.id order by p.place) <= d.holds
            as fits
    from placed p
    left join line_buckets m on m.group_id = p.group_id and m.line_id = p.line_id
    left join drawn d on d.group_id = m.group_id and d.id = m.bucket_id
),
lapsed as materialized (
    select group_id, text_id from outbox
    where claimed_until < %(now)s and line_id <> all(%(busy)s::uuid[])
    order by claimed_until limit %(limit)s
    for update skip locked
),
taken as materialized (
    select w.group_id, w.line_id, w.text_id, w.segments from weighed w
    group by w.group_id, w.line_id, w.text_id, w.segments, w.place
    having bool_and(w.fits)
    order by w.place limit greatest(0, %(limit)s - (select count(*) from lapsed))
),
spent as (
    update buckets b set
        tokens = case when b.per_s is null then b.tokens else least(b.burst, b.tokens
            + b.per_s * greatest(0, extract(epoch from %(now)s - b.filled_at))) - t.segments end,
        filled_at = greatest(b.filled_at, %(now)s),
        day_used = t.segments
            + case when b.day_ends is null or %(now)s >= b.day_ends then 0 else b.day_used end,
        day_ends = case when b.day_zone is null then null
            when b.day_ends is null or %(now)s >= b.day_ends
                then bucket_day_ends(b.day_zone, %(now)s)
            else b.day_ends end
    from (
        select m.group_id, m.bucket_id, sum(t.segments) as segments from taken t
        join line_buckets m on m.group_id = t.group_id and m.line_id = t.line_id
        group by m.group_id, m.bucket_id
    ) t
    where b.group_id = t.group_id and b.id = t.bucket_id
)
update outbox o set claimed_by = %(worker)s, claimed_until = %(until)s
from (
    select group_id, text_id from lapsed
    union all
    select group_id, text_id from taken
) d
where o.group_id = d.group_id and o.text_id = d.text_id
returning o.group_id, o.text_id, o.contact_id, o.line_id, o.kind, o.due_at, o.attempts, o.segments

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
-- They wait until another time.
update outbox o set due_at = p.due_at, kind = %(kind)s, claimed_by = null, claimed_until = null
from unnest(%(texts)s::uuid[], %(due)s::timestamptz[]) as p (text_id, due_at)
where o.group_id = %(group_id)s and o.text_id = p.text_id

-- name: return
-- They were handed out and not taken: they wait again.
insert into outbox (group_id, text_id, contact_id, line_id, due_at, kind, attempts, segments, rank)
select %(group_id)s, r.* from unnest(%(texts)s::uuid[], %(contacts)s::uuid[], %(lines)s::uuid[],
    %(due)s::timestamptz[], %(kinds)s::text[], %(attempts)s::int[], %(segments)s::smallint[],
    %(ranks)s::smallint[]) as r
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
-- How many wait.
select count(*) as waiting from outbox

-- name: lines
-- What the carrier must be told of the lines that texts leave from.
select id, store_id, kind, carrier, account, messaging_service, number_ct, registration, label_ct
from lines where group_id = %(group_id)s and id = any(%(ids)s::uuid[])

-- name: accounts
-- Through which of the carrier's accounts these lines send.
select id, account from lines where group_id = %(group_id)s and id = any(%(ids)s::uuid[])

-- name: overdue
-- What was due before an instant, under lock.
select text_id, contact_id from outbox
where group_id = %(group_id)s and due_at <= %(before)s
order by text_id
for update
