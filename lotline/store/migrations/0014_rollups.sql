-- Counts: what each customer's texts and consents add up to, by the store's days. Each row is made
-- from texts, decisions and entries alone and is made anew when one of them changes; nothing is
-- ever read from here that is not on record elsewhere. No words and no names.

-- How far a company is counted: up to which event, and while it is counted from scratch, up to
-- which customer. Whoever counts holds this row.
create table counted (
    group_id uuid not null references groups (id),
    xid xid8 not null,
    n bigint not null,
    behind uuid,                       -- customers up to here were counted from scratch; null: all
    counted_at timestamptz not null,
    primary key (group_id)
);

create table count_days (
    group_id uuid not null,
    contact_id uuid not null,
    conversation_id uuid not null,
    line_id uuid not null,
    day date not null,
    author_id uuid not null,           -- all zeros: nobody
    sent integer not null,
    received integer not null,
    allowed integer not null,
    held integer not null,
    blocked integer not null,
    primary key (group_id, contact_id, conversation_id, day, author_id),
    foreign key (group_id, contact_id) references contacts (group_id, id)
);
create index count_days_by_day on count_days (group_id, line_id, day)
    include (author_id, contact_id, sent, received, allowed, held, blocked);

create table count_texts (
    group_id uuid not null,
    contact_id uuid not null,
    text_id uuid not null,
    what text not null check (what in ('held', 'blocked', 'without')),
    conversation_id uuid not null,
    line_id uuid not null,
    author_id uuid not null,
    at timestamptz not null,
    day date not null,
    why text not null,
    primary key (group_id, contact_id, text_id, what),
    foreign key (group_id, contact_id) references contacts (group_id, id)
);
create index count_texts_by_day on count_texts (group_id, what, line_id, day)
    include (author_id, contact_id);

create table count_waits (
    group_id uuid not null,
    contact_id uuid not null,
    text_id uuid not null,             -- the customer's, that began it
    conversation_id uuid not null,
    line_id uuid not null,
    author_id uuid not null,           -- who ended it
    started_at timestamptz not null,
    ended_at timestamptz not null,
    day date not null,
    hour smallint not null,
    open_s integer not null,
    primary key (group_id, contact_id, text_id),
    foreign key (group_id, contact_id) references contacts (group_id, id)
);
create index count_waits_by_day on count_waits (group_id, line_id, day)
    include (author_id, hour, open_s);

create table count_moves (
    group_id uuid not null,
    contact_id uuid not null,
    entry_id uuid not null,
    at timestamptz not null,
    was text not null,
    now text not null,
    source text not null,
    credited_id uuid not null,
    last boolean not null,             -- it is how the customer stands now
    primary key (group_id, contact_id, entry_id),
    foreign key (group_id, contact_id) references contacts (group_id, id)
);
create index count_moves_by_time on count_moves (group_id, at)
    include (contact_id, was, now, source, credited_id);
