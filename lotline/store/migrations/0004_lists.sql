-- Imported lists with their dates, and what a house chose of the rulebook.

-- What a house chose of the rulebook's points: every row is the whole of it, the newest is in force and
-- the older ones stay, so that an old decision can be made again under the choices of its day.
create table profile_settings (
    group_id uuid not null references groups (id),
    id uuid not null,                  -- the act that chose it, and its ledger entry
    settings jsonb not null,           -- profile, and each point with its choice, day and chooser
    book text not null,                -- digest of the rulebook as this house then reads it
    set_by uuid not null,
    word_ct bytea,                     -- reason, name of counsel, day of their word (JSON); null: stricter
    set_at timestamptz not null,
    primary key (group_id, id),
    foreign key (group_id, set_by) references members (group_id, id)
);
create index profile_settings_newest on profile_settings (group_id, set_at desc, id desc);

-- One row for each list that was imported. Of each kind and region the newest by its own date is in
-- force; the numbers of older ones are dropped with its arrival.
create table list_imports (
    group_id uuid not null references groups (id),
    id uuid not null,
    kind text not null check (kind in ('national_dnc', 'state_dnc', 'reassigned', 'litigators')),
    region text not null default '',   -- the state of a state's list
    as_of date not null,               -- the list's own date, not that of its import
    numbers bigint not null,
    bad integer not null,              -- lines that were no number
    file_sha256 bytea not null,
    hash_version smallint not null,    -- under which look-up key its numbers were hashed
    imported_by uuid,                  -- null: by command
    imported_at timestamptz not null,
    primary key (group_id, id),
    unique (group_id, kind, region, as_of, file_sha256),
    check ((kind = 'state_dnc') = (region <> ''))
);
create index list_imports_newest on list_imports (group_id, kind, region, as_of desc, imported_at desc);

-- Keyed hashes alone, never a number.
create table list_numbers (
    group_id uuid not null,
    import_id uuid not null,
    number_hash bytea not null,
    since date,                        -- reassigned: the day its last holder gave it up, where known
    primary key (group_id, import_id, number_hash),
    foreign key (group_id, import_id) references list_imports (group_id, id)
);

grant delete on list_numbers to lotline_app;
grant update (word_ct) on profile_settings to lotline_app;  -- sealed anew when keys are rotated
