-- Programs that text by themselves, what each may do, and what they are told when something happens.

create table programs (
    group_id uuid not null references groups (id),
    id uuid not null,
    member_id uuid not null,           -- who answers for it: what they may not, it may not
    name_ct bytea not null,
    token_hash bytea not null,         -- keyed hash under the installation's key
    token_end text not null,           -- its last letters, to tell one from another
    scopes text[] not null,
    whole_group boolean not null default false,
    store_ids uuid[] not null default '{}',
    line_ids uuid[] not null default '{}',
    per_minute integer not null check (per_minute > 0),
    addresses text[] not null default '{}',
    made_at timestamptz not null,
    expires_at timestamptz,
    revoked_at timestamptz,
    revoked_by uuid,
    primary key (group_id, id),
    unique (group_id, token_hash),
    foreign key (group_id, member_id) references members (group_id, id)
);

-- Whose a token is, asked before any tenant is known.
create table program_doors (
    token_hash bytea primary key,
    group_id uuid not null references groups (id),
    program_id uuid not null
);

-- The bucket that a program's calls are paid from, and when it last called. Apart from `programs`,
-- so that the row everybody reads is not the row everybody writes.
create table program_uses (
    group_id uuid not null,
    program_id uuid not null,
    level double precision not null,
    filled_at timestamptz not null,
    used_at timestamptz,
    primary key (group_id, program_id),
    foreign key (group_id, program_id) references programs (group_id, id)
);

-- What a request with an idempotency key was answered, so that its repetition does nothing. The
-- answer names texts by id; a caller's own words are not in it.
create table program_requests (
    group_id uuid not null,
    program_id uuid not null,
    key_hash bytea not null,
    body_hash bytea not null,
    answer jsonb,
    made_at timestamptz not null,
    primary key (group_id, program_id, key_hash),
    foreign key (group_id, program_id) references programs (group_id, id)
);
create index program_requests_by_age on program_requests (group_id, made_at);

-- Addresses of others that are told what happens here.
create table webhooks (
    group_id uuid not null references groups (id),
    id uuid not null,
    member_id uuid not null,           -- who made it
    url_ct bytea not null,             -- an address may hold a secret
    secrets_ct bytea not null,         -- the signing secret, and while it is replaced the one before
    kinds text[] not null,
    words boolean not null default false,   -- whether it is told what customers wrote
    told_to text not null,             -- the cursor in `events` up to which it has been told
    made_at timestamptz not null,
    failing_since timestamptz,
    stopped_at timestamptz,
    stopped_why text,
    removed_at timestamptz,
    primary key (group_id, id),
    foreign key (group_id, member_id) references members (group_id, id)
);

create table webhook_calls (
    group_id uuid not null,
    id uuid not null,
    webhook_id uuid not null,
    event_xid xid8 not null,
    event_n bigint not null,
    kind text not null,
    event jsonb not null,              -- ids and times
    state text not null check (state in ('waiting', 'told', 'failed')),
    attempts smallint not null default 0,
    due_at timestamptz not null,
    claimed_until timestamptz,
    status smallint,
    outcome text not null default '',  -- in one word, never what they answered
    took_ms integer,
    made_at timestamptz not null,
    done_at timestamptz,
    primary key (group_id, id),
    unique (group_id, webhook_id, event_xid, event_n),
    foreign key (group_id, webhook_id) references webhooks (group_id, id)
);
create index webhook_calls_due on webhook_calls (group_id, due_at, id) where state = 'waiting';
create index webhook_calls_by_webhook on webhook_calls (group_id, webhook_id, id desc);
create index webhook_calls_by_age on webhook_calls (group_id, made_at);

grant delete on program_requests, webhook_calls to lotline_app;
grant select, insert on program_doors to lotline_app;
grant select on program_doors to lotline_reader;
