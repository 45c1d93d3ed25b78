-- Leaving, access review, and identities from a provider.

-- Somebody left for good: who let them go, and what it did. What it did is never changed.
create table leavings (
    group_id uuid not null,
    id uuid not null,
    member_id uuid not null,
    left_at timestamptz not null,
    let_go_by uuid,
    receipt jsonb not null,            -- counts and ids; names nobody
    primary key (group_id, id),
    unique (group_id, member_id),
    foreign key (group_id, member_id) references members (group_id, id)
);

-- Whose conversations became whose by it.
create table leaving_moves (
    group_id uuid not null,
    leaving_id uuid not null,
    conversation_id uuid not null,
    to_member_id uuid,
    primary key (group_id, leaving_id, conversation_id),
    foreign key (group_id, leaving_id) references leavings (group_id, id),
    foreign key (group_id, conversation_id) references conversations (group_id, id)
);
