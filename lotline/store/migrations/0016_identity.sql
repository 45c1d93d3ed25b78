-- Sign-in and provisioning by an identity provider: who it is, what it may do, whom it told us of.

-- One provider for a company. Who takes a leaver's open conversations is said here beforehand.
create table identity_providers (
    group_id uuid not null references groups (id),
    id uuid not null,
    name_ct bytea not null,
    heir text not null check (heir in ('nobody', 'in_turn', 'member')),
    heir_id uuid,
    way_ct bytea,                      -- issuer, client id and secret, domains: sealed as one
    sign_in boolean not null default false,
    required boolean not null default false,   -- owners keep their own way in
    made_at timestamptz not null,
    primary key (group_id, id),
    unique (group_id),
    foreign key (group_id, heir_id) references members (group_id, id)
);

-- Whose provider stands on the sign-in page, asked before any tenant is known.
create table provider_doors (
    provider_id uuid primary key,
    group_id uuid not null references groups (id)
);

-- What opens /scim/v2/. The bucket that its calls are paid from stands in the same row: a provider
-- calls seldom, and one at a time.
create table provisioning_tokens (
    group_id uuid not null,
    id uuid not null,
    provider_id uuid not null,
    token_hash bytea not null,         -- keyed hash under the installation's key
    token_end text not null,           -- its last letters, to tell one from another
    made_by uuid not null,
    made_at timestamptz not null,
    ends_at timestamptz,               -- replaced or ended by the owner
    level double precision not null,
    filled_at timestamptz not null,
    used_at timestamptz,
    primary key (group_id, id),
    unique (group_id, token_hash),
    foreign key (group_id, provider_id) references identity_providers (group_id, id),
    foreign key (group_id, made_by) references members (group_id, id)
);

create table provisioning_doors (
    token_hash bytea primary key,
    group_id uuid not null references groups (id),
    token_id uuid not null
);

-- Every call, for the owner to see: what it asked for, never what it said.
create table provisioning_calls (
    group_id uuid not null,
    id uuid not null,
    token_id uuid not null,
    method text not null,
    place text not null,
    status smallint not null,
    address_ct bytea,
    called_at timestamptz not null,
    primary key (group_id, id),
    foreign key (group_id, token_id) references provisioning_tokens (group_id, id)
);

-- Somebody as the provider describes them, and who they are here. Whoever comes back after leaving
-- is a new member, so the member changes and the identity stays.
create table identities (
    group_id uuid not null,
    id uuid not null,
    provider_id uuid not null,
    member_id uuid,                    -- null until they first worked here
    active boolean not null,
    by_groups boolean not null default false,  -- role and stores come from the provider's groups
    person_ct bytea not null,
    user_name_hash bytea not null,
    external_hash bytea,
    email_hashes bytea[] not null default '{}',
    version integer not null default 1,
    made_at timestamptz not null,
    changed_at timestamptz not null,
    removed_at timestamptz,
    primary key (group_id, id),
    foreign key (group_id, provider_id) references identity_providers (group_id, id),
    foreign key (group_id, member_id) references members (group_id, id)
);
create unique index identities_by_user_name on identities (group_id, user_name_hash)
    where removed_at is null;
create unique index identities_by_external on identities (group_id, external_hash)
    where removed_at is null and external_hash is not null;
create unique index identities_by_member on identities (group_id, member_id)
    where removed_at is null and member_id is not null;

-- A group at the provider, and what the owner says it means here. Never an owner.
create table provider_groups (
    group_id uuid not null,
    id uuid not null,
    provider_id uuid not null,
    words_ct bytea not null,           -- what it is called there
    version integer not null default 1,
    role text check (role in ('manager', 'staff', 'auditor')),
    store_ids uuid[] not null default '{}',
    made_at timestamptz not null,
    changed_at timestamptz not null,
    removed_at timestamptz,
    primary key (group_id, id),
    foreign key (group_id, provider_id) references identity_providers (group_id, id)
);

create table provider_group_people (
    group_id uuid not null,
    provider_group_id uuid not null,
    identity_id uuid not null,
    primary key (group_id, provider_group_id, identity_id),
    foreign key (group_id, provider_group_id) references provider_groups (group_id, id),
    foreign key (group_id, identity_id) references identities (group_id, id)
);
create index provider_group_people_by_identity on provider_group_people (group_id, identity_id);
create index provisioning_calls_by_age on provisioning_calls (group_id, called_at);

grant select, insert, delete on provider_doors to lotline_app;
grant select, insert on provisioning_doors to lotline_app;
grant select on provider_doors, provisioning_doors to lotline_reader;
