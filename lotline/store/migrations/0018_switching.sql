-- Switching users on a shared tablet, access reviews, what was brought in from private phones.

-- A right given to a member beyond their role, or taken from it. What was before is in the ledger.
create table member_rights (
    group_id uuid not null,
    member_id uuid not null,
    name text not null,
    given boolean not null,            -- false: taken away
    set_by uuid,
    set_at timestamptz not null,
    primary key (group_id, member_id, name),
    foreign key (group_id, member_id) references members (group_id, id)
);

-- A tablet that several members use. It is known by a keyed hash of what its browser holds.
create table tablets (
    group_id uuid not null references groups (id),
    id uuid not null,
    key_hash bytea not null,
    label_ct bytea not null,
    shared_by uuid not null,
    shared_at timestamptz not null,
    ended_at timestamptz,
    ended_by uuid,
    wrong smallint not null default 0, -- wrong PINs since the last right one or the last pause
    shut_until timestamptz,
    primary key (group_id, id)
);

-- A member's PIN on one tablet: a slow hash of a keyed hash. It opens nothing anywhere else.
create table tablet_pins (
    group_id uuid not null,
    tablet_id uuid not null,
    member_id uuid not null,
    pin_hash text not null,
    made_at timestamptz not null,
    wrong smallint not null default 0,
    shut_until timestamptz,
    primary key (group_id, tablet_id, member_id),
    foreign key (group_id, tablet_id) references tablets (group_id, id),
    foreign key (group_id, member_id) references members (group_id, id)
);

alter table devices
    add column tablet_id uuid,
    add column by_pin boolean not null default false,
    add foreign key (group_id, tablet_id) references tablets (group_id, id);

-- Somebody looked at who may do what and put their name to it. Written whole, never changed.
create table access_reviews (
    group_id uuid not null references groups (id),
    id uuid not null,
    signed_by uuid not null,
    device_id uuid not null,
    signed_name_ct bytea not null,
    signed_at timestamptz not null,
    due_at timestamptz not null,       -- when these members are to be looked at again
    primary key (group_id, id),
    foreign key (group_id, signed_by) references members (group_id, id)
);

create table access_review_rows (
    group_id uuid not null,
    review_id uuid not null,
    member_id uuid not null,
    decision text not null check (decision in ('keep', 'change', 'remove')),
    had jsonb not null,                -- role, rights, ids and counts as they were shown; no name
    primary key (group_id, review_id, member_id),
    foreign key (group_id, review_id) references access_reviews (group_id, id),
    foreign key (group_id, member_id) references members (group_id, id)
);
create index access_review_rows_by_member on access_review_rows (group_id, member_id);

-- One private phone's export. Only counts are kept of what was of no customer of ours.
create table bringings (
    group_id uuid not null,
    id uuid not null,
    member_id uuid not null,
    device_id uuid not null,
    kind text not null check (kind in ('android', 'iphone')),
    state text not null default 'reading'
        check (state in ('reading', 'found', 'kept', 'cancelled', 'failed')),
    why text not null default '',      -- one of our sentences, when it failed
    done bigint not null default 0,
    total bigint not null,
    read integer not null default 0,
    others integer not null default 0,
    stops integer not null default 0,
    doubts integer not null default 0,
    cancel_asked boolean not null default false,
    began_at timestamptz not null,
    beat_at timestamptz not null,
    ended_at timestamptz,
    primary key (group_id, id),
    foreign key (group_id, member_id) references members (group_id, id)
);
create index bringings_by_member on bringings (group_id, member_id, began_at);

-- One customer in it, held against the ledger.
create table bringing_threads (
    group_id uuid not null,
    bringing_id uuid not null,
    contact_id uuid not null,
    texts integer not null,
    fresh integer not null,            -- of these, not brought in before
    sent integer not null,
    without integer not null,          -- sent while there was no opt-in
    after_stop integer not null,       -- sent although they had asked to stop
    stops integer not null,
    doubts integer not null,
    first_at timestamptz not null,
    last_at timestamptz not null,
    kept_at timestamptz,
    primary key (group_id, bringing_id, contact_id),
    foreign key (group_id, bringing_id) references bringings (group_id, id),
    foreign key (group_id, contact_id) references contacts (group_id, id)
);

-- Waits until the member says which conversations come over; the others are dropped.
create table bringing_texts (
    group_id uuid not null,
    bringing_id uuid not null,
    id uuid not null,
    contact_id uuid not null,
    digest bytea not null,             -- keyed hash: the same text is found again, and not readable
    direction text not null check (direction in ('in', 'out')),
    said_at timestamptz not null,
    body_ct bytea not null,
    primary key (group_id, bringing_id, id),
    foreign key (group_id, bringing_id, contact_id)
        references bringing_threads (group_id, bringing_id, contact_id)
);

-- History from a private phone. It is shown as such and is never a text of ours, nor a consent.
create table brought_texts (
    group_id uuid not null,
    id uuid not null,
    contact_id uuid not null,
    digest bytea not null,
    bringing_id uuid not null,
    member_id uuid not null,           -- whose phone it was on
    direction text not null check (direction in ('in', 'out')),
    said_at timestamptz not null,
    body_ct bytea not null,
    kept_at timestamptz not null,
    primary key (group_id, id),
    unique (group_id, contact_id, digest),
    foreign key (group_id, contact_id) references contacts (group_id, id),
    foreign key (group_id, bringing_id) references bringings (group_id, id)
);
create index brought_texts_by_contact on brought_texts (group_id, contact_id, said_at, id);

-- Which text on a private phone became which consent entry, so that no second import says it twice.
create table brought_entries (
    group_id uuid not null,
    contact_id uuid not null,
    digest bytea not null,
    entry_id uuid not null,
    primary key (group_id, contact_id, digest),
    foreign key (group_id, entry_id) references consent_entries (group_id, id)
);
