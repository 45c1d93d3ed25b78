-- name: room
-- For what follows: a million contacts are gathered by what they have in common, in memory and by
-- hashes, for sorting them takes half as long again, and by a second core where one is free. Nothing
-- is compiled for a single run.
select set_config('work_mem', '256MB', true) as memory,
    set_config('plan_cache_mode', 'force_custom_plan', true) as plans,
    set_config('enable_sort', 'off', true) as sorting,
    set_config('max_parallel_workers_per_gather', '2', true) as hands,
    set_config('parallel_tuple_cost', '0.001', true) as handing_over,
    set_config('jit', 'off', true) as compiling
where %(group_id)s::uuid is not null

-- name: line
-- What the gate is told about the line of an audience.
select l.id, l.kind, l.registration, exists (
    select from line_pauses p
    where p.group_id = %(group_id)s and p.line_id = l.id and p.resumed_at is null
) as paused
from lines l where l.group_id = %(group_id)s and l.id = %(line_id)s

-- name: lists
-- The copy in force of each list, whichever state it is of.
select distinct on (kind, region) kind, region, as_of, hash_version
from list_imports where group_id = %(group_id)s
order by kind, region, as_of desc, imported_at desc

-- name: classes
-- Contacts by what the gate would see of them, in one pass over each table. `apart`: there is more to
-- them than a class can say. Their ids come packed, 16 bytes each, and go back as they came.
-- A yes is one bit of sixteen: its scope by its kind. After a stop of all nothing else is asked; what
-- somebody wrote founds an update, and no offer. Erased contacts have nobody behind them.
with said as (
    select
        e.contact_id,
        bit_or(case when e.says = 'yes' and e.seller_named then 1 << (
            case e.scope when 'all' then 0 when 'offers' then 4 when 'updates' then 8 else 12 end
            + case e.kind when 'written' then 3 when 'express' then 2 when 'inquiry' then 1 else 0 end
        ) end) as yeses,
        bool_or(
            e.says not in ('yes', 'stop') or (e.says = 'stop' and e.scope <> 'all')
            or e.corrects is not null or e.said_at > %(at)s or e.heard_at > %(at)s
        ) as odd,
        max(case when e.says = 'yes' then greatest(e.said_at, e.heard_at) end) as agreed_at,
        min(case when e.says = 'stop' then e.said_at end) as stopped_at,
        count(case when e.says = 'stop' then 1 end) as stops,
        min(case when e.says = 'stop' then e.how end) as how,
        min(case when e.says = 'stop' then e.source end) as source
    from consent_entries e
    where e.group_id = %(group_id)s
        and (%(contacts)s::uuid[] is null or e.contact_id = any(%(contacts)s::uuid[]))
    group by e.contact_id
),
imports as materialized (
    select distinct on (kind, region) id, kind, region
    from list_imports where group_id = %(group_id)s
    order by kind, region, as_of desc, imported_at desc
),
listed as (
    select c.id, bit_or(case i.kind
        when 'national_dnc' then 1 when 'state_dnc' then 2 when 'litigators' then 4 else 8 end) as bits
    from imports i
    join contacts c on c.group_id = %(group_id)s and (i.region = '' or i.region = any(c.states))
    join list_numbers n
        on n.group_id = %(group_id)s and n.import_id = i.id and n.number_hash = c.number_hash
    where %(contacts)s::uuid[] is null or c.id = any(%(contacts)s::uuid[])
    group by c.id
),
recent as (
    select distinct t.contact_id from texts t
    where t.group_id = %(group_id)s and t.purpose = 'offer'
        and t.handed_at > %(at)s::timestamptz - interval '24 hours'
),
people as (
    select
        c.id, c.states, c.zones, c.place_source, c.number_kind, c.reassigned,
        case when s.stops > 0 then null else
            width_bucket(c.bought_on, %(bought)s::date[])::smallint end as bought,
        case when s.stops > 0 then null else
            width_bucket(c.asked_on, %(asked)s::date[])::smallint end as asked,
        %(writing)s::boolean and v.last_in_at is not null and coalesce(s.stops, 0) = 0 as wrote,
        case when c.asked_on is null or v.last_in_at is null or s.stops > 0 then false else exists (
            select from texts t
            where t.group_id = %(group_id)s and t.contact_id = c.id and t.conversation_id = v.id
                and t.direction = 'out' and t.handed_at >= v.last_in_at
        ) end as answered,
        case when s.stops > 0 then 0 else coalesce(s.yeses, 0) end as yeses,
        width_bucket(s.stopped_at, %(stopped)s::timestamptz[])::smallint as stopped,
        s.how, s.source,
        coalesce(l.bits, 0) as listed,
        get_byte(c.number_hash, 0) as hash_version,
        coalesce(s.odd, false) or coalesce(s.stops > 1 or s.agreed_at > s.stopped_at, false)
            or coalesce(v.last_in_at > %(lately)s, false) or coalesce(l.bits >= 8, false)
            or o.contact_id is not null as apart
    from contacts c
    left join said s on s.contact_id = c.id
    left join conversations v
        on v.group_id = %(group_id)s and v.contact_id = c.id and v.line_id = %(line_id)s
    left join listed l on l.id = c.id
    left join recent o on o.contact_id = c.id
    where c.group_id = %(group_id)s and c.key_wrapped is not null
        and (%(contacts)s::uuid[] is null or c.id = any(%(contacts)s::uuid[]))
)
select
    p.states, p.zones, p.place_source, p.number_kind, p.reassigned, p.bought, p.asked, p.wrote,
    p.answered, p.yeses, p.stopped, p.how, p.source, p.listed, p.hash_version, p.apart,
    string_agg(uuid_send(p.id), ''::bytea) as members
from people p
group by p.states, p.zones, p.place_source, p.number_kind, p.reassigned, p.bought, p.asked, p.wrote,
    p.answered, p.yeses, p.stopped, p.how, p.source, p.listed, p.hash_version, p.apart
