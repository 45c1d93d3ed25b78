-- How much a line or a registration may send: buckets and daily caps.

-- What a carrier approved for lines that share a campaign, as the owner was told by the carrier.
create table registrations (
    group_id uuid not null,
    id uuid not null,
    carrier text not null,
    account text not null,
    service text not null,             -- the carrier's messaging service; '' for lines without one
    volume text not null,              -- the campaign's class, a name in throughput.toml
    brand text not null,               -- the company's tier, ditto
    said_by uuid,
    said_at timestamptz not null,
    primary key (group_id, id),
    unique (group_id, carrier, account, service),
    foreign key (group_id) references groups (id)
);

-- A bucket fills by itself and is drawn from; beside the outbox, since both are asked across tenants.
-- What may be drawn on one day is counted apart, for the day ends at a midnight and not by degrees.
create table buckets (
    group_id uuid not null,
    id uuid not null,
    kind text not null check (kind in ('line', 'registration', 'brand', 'token', 'try')),
    per_s double precision,            -- null: no rate, only a day's cap
    burst double precision not null,   -- what it holds when full
    tokens double precision not null,  -- what it held at `filled_at`; less than nothing is a debt
    filled_at timestamptz not null,
    day_cap bigint,
    day_zone text,                     -- whose midnight ends the day
    day_used bigint not null default 0,
    day_ends timestamptz,
    primary key (group_id, id)
);
create index buckets_of_moment on buckets (filled_at) where kind in ('token', 'try');

-- Which buckets a line's texts are drawn from.
create table line_buckets (
    group_id uuid not null,
    line_id uuid not null,
    bucket_id uuid not null,
    primary key (group_id, line_id, bucket_id),
    foreign key (group_id, bucket_id) references buckets (group_id, id)
);
grant select on buckets, line_buckets to lotline_reader;
grant select, insert, update, delete on buckets, line_buckets to lotline_app;

-- How much may be drawn now.
create function bucket_holds(b buckets, at timestamptz) returns double precision
language sql stable as $$
    select least(
        case when b.per_s is null then 'Infinity'::float8
            else least(b.burst,
                b.tokens + b.per_s * greatest(0, extract(epoch from at - b.filled_at))) end,
        case when b.day_cap is null then 'Infinity'::float8
            when b.day_ends is null or at >= b.day_ends then b.day_cap
            else b.day_cap - b.day_used end
    )
$$;

-- The end of the day that an instant is in, where the cap is counted.
create function bucket_day_ends(zone text, at timestamptz) returns timestamptz
language sql stable as $$
    select (date_trunc('day', at at time zone zone) + interval '1 day') at time zone zone
$$;

-- Carriers count segments; a stop's answer goes before a person's text, a person's before the many.
alter table outbox add column segments smallint not null default 1;
alter table outbox add column rank smallint not null default 1;
create index outbox_by_line on outbox (group_id, line_id, rank, due_at, text_id)
    where claimed_until is null;
