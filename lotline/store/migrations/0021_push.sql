-- Notices on members' own devices: where each goes, and which are due.

-- What a company's notices are signed with, made when the first of its people looks at notices.
-- What happened is followed from then on by a cursor, as webhooks follow it.
create table push_keys (
    group_id uuid not null references groups (id),
    private_ct bytea not null,
    public_key bytea not null,
    told_to text not null,
    made_at timestamptz not null,
    primary key (group_id)
);

-- Where one signed-in browser takes notices. It goes when its session ends.
create table push_subscriptions (
    group_id uuid not null,
    id uuid not null,
    member_id uuid not null,
    device_id uuid not null,
    way_ct bytea not null,             -- address and keys, sealed as one
    way_hash bytea not null,           -- keyed hash of the address: one browser is here once
    service text not null,             -- whose machine takes them: calls are claimed by it
    made_at timestamptz not null,
    primary key (group_id, id),
    unique (group_id, device_id),
    unique (group_id, way_hash),
    foreign key (group_id, member_id) references members (group_id, id),
    foreign key (group_id, device_id) references devices (group_id, id)
);

-- One for each conversation on each device, however many texts came; a test has none.
create table push_notices (
    group_id uuid not null,
    id uuid not null,
    subscription_id uuid not null,
    conversation_id uuid,
    heard_at timestamptz not null,     -- when the newest text came
    due_at timestamptz not null,
    waiting boolean not null default true,
    attempts integer not null default 0,
    claimed_until timestamptz,
    told_at timestamptz,
    primary key (group_id, id),
    unique (group_id, subscription_id, conversation_id),
    foreign key (group_id, subscription_id) references push_subscriptions (group_id, id)
        on delete cascade,
    foreign key (group_id, conversation_id) references conversations (group_id, id)
);
create index push_notices_due on push_notices (group_id, due_at) where waiting;

-- Whether a member is there and reaches a line to work on it: who only looks hears of nothing.
create function works_on(whose uuid, member uuid, line uuid) returns boolean language sql stable as $$
    select exists (
        select from members m
        where m.group_id = whose and m.id = member and m.role <> 'auditor'
            and not exists (
                select from suspensions s
                where s.group_id = whose and s.member_id = member and s.lifted_at is null)
            and (m.role = 'owner' or exists (
                select from member_reach r
                join lines l on l.group_id = r.group_id and l.id = line
                where r.group_id = whose and r.member_id = member
                    and (r.line_id = l.id or (r.line_id is null and r.store_id = l.store_id)))))
$$;
revoke all on function works_on(uuid, uuid, uuid) from public;
grant execute on function works_on(uuid, uuid, uuid) to lotline_app, lotline_reader;
