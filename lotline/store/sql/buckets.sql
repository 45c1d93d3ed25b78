-- name: take
-- So many from a bucket that is full at its first use; no row when it does not hold so many.
insert into buckets as b (group_id, id, kind, per_s, burst, tokens, filled_at)
values (%(group_id)s, %(id)s, %(kind)s, %(per_s)s::float8, %(burst)s::float8, %(burst)s::float8 - %(amount)s::float8, %(now)s::timestamptz)
on conflict (group_id, id) do update set
    tokens = least(excluded.burst, b.tokens
        + excluded.per_s * greatest(0, extract(epoch from %(now)s::timestamptz - b.filled_at))) - %(amount)s::float8,
    filled_at = greatest(b.filled_at, %(now)s::timestamptz),
    per_s = excluded.per_s,
    burst = excluded.burst
where least(excluded.burst, b.tokens
    + excluded.per_s * greatest(0, extract(epoch from %(now)s::timestamptz - b.filled_at))) >= %(amount)s::float8
returning tokens

-- name: waits
-- In how many seconds a bucket will hold so many.
select greatest(0, (least(%(amount)s::float8, burst) - bucket_holds(b, %(now)s::timestamptz)) / per_s)::float8 as seconds
from buckets b where group_id = %(group_id)s and id = %(id)s

-- name: put
-- What a carrier allows, as our data has it today; what was drawn meanwhile stays drawn.
insert into buckets as b (group_id, id, kind, per_s, burst, tokens, filled_at, day_cap, day_zone)
select %(group_id)s, p.id, p.kind, p.per_s, p.burst, p.burst, %(now)s, p.day_cap, p.day_zone
from unnest(%(ids)s::uuid[], %(kinds)s::text[], %(rates)s::float8[], %(bursts)s::float8[],
    %(caps)s::bigint[], %(zones)s::text[]) as p (id, kind, per_s, burst, day_cap, day_zone)
order by p.id
on conflict (group_id, id) do update set per_s = excluded.per_s, burst = excluded.burst,
    tokens = excluded.burst - (b.burst - b.tokens), day_cap = excluded.day_cap,
    day_zone = excluded.day_zone
where (b.per_s, b.burst, b.day_cap, b.day_zone)
    is distinct from (excluded.per_s, excluded.burst, excluded.day_cap, excluded.day_zone)

-- name: join_lines
-- A line draws from these buckets.
insert into line_buckets (group_id, line_id, bucket_id)
select %(group_id)s, p.line_id, p.bucket_id
from unnest(%(lines)s::uuid[], %(buckets)s::uuid[]) as p (line_id, bucket_id)
on conflict do nothing

-- name: part_lines
-- And from no others.
delete from line_buckets m
where m.group_id = %(group_id)s and not exists (
    select from unnest(%(lines)s::uuid[], %(buckets)s::uuid[]) as p (line_id, bucket_id)
    where p.line_id = m.line_id and p.bucket_id = m.bucket_id)

-- name: metered
-- Every line of ours and what is known of how much it may send. The company's tier is one, however
-- many campaigns it has: the last word on it holds.
select l.id, l.kind, l.carrier, l.account, coalesce(l.messaging_service, '') as service,
    l.registration, r.volume,
    (
        select b.brand from registrations b where b.group_id = l.group_id
        order by b.said_at desc, b.id desc limit 1
    ) as brand
from lines l
left join registrations r on r.group_id = l.group_id and r.carrier = l.carrier
    and r.account = l.account and r.service = coalesce(l.messaging_service, '')
where l.group_id = %(group_id)s
order by l.created_at, l.id

-- name: of_lines
-- How full the buckets of these lines are.
select m.line_id, b.kind, b.per_s, b.burst, b.day_cap,
    case when b.day_ends is null or %(now)s >= b.day_ends then 0 else b.day_used end as day_used,
    case when b.day_zone is not null then bucket_day_ends(b.day_zone, %(now)s) end as day_ends
from line_buckets m
join buckets b on b.group_id = m.group_id and b.id = m.bucket_id
where m.group_id = %(group_id)s and m.line_id = any(%(lines)s::uuid[])
order by m.line_id, b.kind

-- name: give_back
-- Drawn for texts that did not leave after all.
with back as (
    select m.group_id, m.bucket_id, sum(p.segments) as segments
    from unnest(%(lines)s::uuid[], %(segments)s::int[]) as p (line_id, segments)
    join line_buckets m on m.group_id = %(group_id)s and m.line_id = p.line_id
    group by m.group_id, m.bucket_id
),
held as materialized (
    select b.group_id, b.id from buckets b
    join back k on k.group_id = b.group_id and k.bucket_id = b.id
    order by b.group_id, b.id
    for update of b
)
update buckets b set tokens = least(b.burst, b.tokens + k.segments),
    day_used = greatest(0, b.day_used - k.segments)
from back k join held h on h.group_id = k.group_id and h.id = k.bucket_id
where b.group_id = k.group_id and b.id = k.bucket_id

-- name: forget_full
-- Buckets of the moment that have long been full again say nothing.
delete from buckets where (group_id, id) in (
    select group_id, id from buckets
    where kind in ('token', 'try') and filled_at < %(before)s
    order by filled_at limit %(limit)s for update skip locked
)

-- name: record_registration
-- What the carrier approved for the lines of one service.
insert into registrations (group_id, id, carrier, account, service, volume, brand, said_by, said_at)
values (%(group_id)s, %(id)s, %(carrier)s, %(account)s, %(service)s, %(volume)s, %(brand)s,
    %(said_by)s, %(at)s)
on conflict (group_id, carrier, account, service) do update set volume = excluded.volume,
    brand = excluded.brand, said_by = excluded.said_by, said_at = excluded.said_at

-- name: service
-- Under which of the carrier's services a line sends; only a local line has a campaign.
select carrier, account, coalesce(messaging_service, '') as service from lines
where group_id = %(group_id)s and id = %(line_id)s and kind = 'local'
    and registration <> 'simulated'
