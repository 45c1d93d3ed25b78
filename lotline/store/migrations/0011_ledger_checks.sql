-- What came of each check of the whole log: its newest row stands above the ledger's pages.
create table ledger_checks (
    group_id uuid not null,
    id uuid not null,
    checked_at timestamptz not null,
    size bigint not null,              -- places that were walked
    faults integer not null,
    first_fault text,                  -- kinds, places and ids; never a name or a word
    primary key (group_id, id),
    foreign key (group_id) references groups (id)
);
