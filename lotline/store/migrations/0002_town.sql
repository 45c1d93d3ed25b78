-- The tenant's tables. Every row carries group_id, first in its key; row-level security is forced on
-- each (`0003_rights.sql`), so a query that forgets its tenant sees nothing.
--
-- *_ct   ciphertext (AES-256-GCM, the row's identity as associated data)
-- *_hash keyed hash, to find a thing by what it says without keeping what it says
-- States that a person causes are rows with an actor and a time, never a flag.

create table groups (
    id uuid primary key,
    name_ct bytea not null,
    keyset_ct bytea not null,          -- group AEAD keyset, wrapped by the root key
    blind_ct bytea not null,           -- keyed-hash key, wrapped by the root key
    signer_ct bytea not null,          -- Ed25519 checkpoint key, wrapped by the root key
    signer_public bytea not null,
    origin text not null,              -- the checkpoint's origin line
    settings jsonb not null default '{}',
    created_at timestamptz not null
);

create table stores (
    group_id uuid not null references groups (id),
    id uuid not null,
    name_ct bytea not null,
    zone text not null,
    open_hours jsonb not null default '{}',
    place text not null default '',
    created_at timestamptz not null,
    primary key (group_id, id)
);

create table lines (
    group_id uuid not null,
    id uuid not null,
    store_id uuid not null,
    label_ct bytea not null,
    number_ct bytea not null,
    number_hash bytea not null,
    kind text not null check (kind in ('local', 'toll_free', 'short_code')),
    carrier text not null check (carrier in ('twilio')),
    account text not null,             -- the carrier's account id
    messaging_service text,
    registration text not null
        check (registration in ('approved', 'waiting', 'refused', 'none', 'simulated')),
    target_s integer not null default 300,
    created_at timestamptz not null,
    primary key (group_id, id),
    unique (group_id, number_hash),
    foreign key (group_id, store_id) references stores (group_id, id)
);

create table line_pauses (
    group_id uuid not null,
    id uuid not null,
    line_id uuid not null,
    paused_by uuid,
    paused_at timestamptz not null,
    reason text not null default '',
    resumed_by uuid,
    resumed_at timestamptz,
    primary key (group_id, id),
    foreign key (group_id, line_id) references lines (group_id, id)
);

-- Which tenant a carrier's webhook belongs to, asked before any tenant is known. Hashes under the
-- installation's key, never a number.
create table line_directory (
    carrier text not null,
    account text not null,
    number_hash bytea not null,
    group_id uuid not null references groups (id),
    line_id uuid not null,
    primary key (carrier, account, number_hash)
);

create table carrier_accounts (
    group_id uuid not null references groups (id),
    carrier text not null,
    account text not null,
    base_url text not null,
    secrets_ct bytea not null,         -- auth token, API key, shared webhook keys (JSON)
    created_at timestamptz not null,
    primary key (group_id, carrier, account)
);

create table members (
    group_id uuid not null references groups (id),
    id uuid not null,
    name_ct bytea not null,
    role text not null check (role in ('owner', 'manager', 'staff', 'auditor')),
    title_ct bytea,
    hue smallint not null default 200,
    settings jsonb not null default '{}',   -- undo seconds, theme, shortcuts, density
    created_at timestamptz not null,
    primary key (group_id, id)
);

-- The door between sign-in (accounts, global) and the tenant: who sits where.
create table seats (
    account_id uuid primary key,
    group_id uuid not null references groups (id),
    member_id uuid not null,
    unique (group_id, member_id),
    foreign key (group_id, member_id) references members (group_id, id)
);

-- No row means no reach, except for owners and auditors, who reach the whole group.
create table member_reach (
    group_id uuid not null,
    id uuid not null,
    member_id uuid not null,
    store_id uuid,
    line_id uuid,
    primary key (group_id, id),
    check (store_id is not null or line_id is not null),
    foreign key (group_id, member_id) references members (group_id, id),
    foreign key (group_id, store_id) references stores (group_id, id),
    foreign key (group_id, line_id) references lines (group_id, id)
);

create table suspensions (
    group_id uuid not null,
    id uuid not null,
    member_id uuid not null,
    suspended_by uuid,
    suspended_at timestamptz not null,
    reason text not null default '',
    lifted_by uuid,
    lifted_at timestamptz,
    primary key (group_id, id),
    foreign key (group_id, member_id) references members (group_id, id)
);

create table policies (
    group_id uuid not null references groups (id),
    version integer not null,
    body text not null,
    body_sha256 bytea not null,
    adopted_at timestamptz not null,
    sign_by timestamptz not null,
    primary key (group_id, version)
);

create table policy_signatures (
    group_id uuid not null,
    id uuid not null,
    member_id uuid not null,
    version integer not null,
    signed_name_ct bytea not null,
    device_id uuid,
    signed_at timestamptz not null,
    primary key (group_id, id),
    foreign key (group_id, member_id) references members (group_id, id),
    foreign key (group_id, version) references policies (group_id, version)
);

create table training_passes (
    group_id uuid not null,
    id uuid not null,
    member_id uuid not null,
    score smallint not null,
    passed_at timestamptz not null,
    valid_until timestamptz not null,
    primary key (group_id, id),
    foreign key (group_id, member_id) references members (group_id, id)
);

create table devices (
    group_id uuid not null,
    id uuid not null,
    member_id uuid not null,
    session_hash bytea not null,
    label_ct bytea not null,
    address_ct bytea,
    signed_in_at timestamptz not null,
    seen_at timestamptz not null,
    locked_at timestamptz,
    ended_at timestamptz,
    ended_by uuid,
    ended_why text,
    primary key (group_id, id),
    unique (group_id, session_hash),
    foreign key (group_id, member_id) references members (group_id, id)
);

create table contacts (
    group_id uuid not null references groups (id),
    id uuid not null,
    number_hash bytea not null,
    number_ct bytea not null,
    name_ct bytea not null,
    name_tokens bytea[] not null default '{}',  -- keyed hashes of the words of the name
    key_wrapped bytea,                 -- the contact's data key; null once erased
    number_kind text not null,
    area_code text,
    states text[] not null default '{}',
    zones text[] not null default '{}',
    place_source text not null default 'unknown',
    place_shown_ct bytea,              -- "Columbus, OH"
    zip_ct bytea,
    card_ct bytea,                     -- vehicle, stock number, visit (JSON, imported, read only)
    language text not null default 'en',
    bought_on date,
    asked_on date,
    reassigned text not null default 'no' check (reassigned in ('no', 'yes', 'unknown')),
    -- a cache of the fold of consent_entries, for lists; the gate folds again
    level text not null default 'none' check (level in ('offers', 'replies', 'none', 'out', 'check')),
    level_at timestamptz,
    chain_seq bigint not null default 0,        -- length and head of this contact's ledger chain
    chain_head bytea,
    created_by uuid,
    created_at timestamptz not null,
    erased_at timestamptz,
    primary key (group_id, id),
    unique (group_id, number_hash)
);
create index contacts_by_level on contacts (group_id, level, id);

-- The tokens of `contacts.name_tokens`, a row each. An array's operators may not be asked ahead of
-- row-level security, so an index on the array would never be used; plain equality may.
create table contact_tokens (
    group_id uuid not null,
    token bytea not null,
    contact_id uuid not null,
    primary key (group_id, token, contact_id),
    foreign key (group_id, contact_id) references contacts (group_id, id)
);

create function keep_contact_tokens() returns trigger language plpgsql as $$
begin
    if tg_op = 'UPDATE' then
        delete from contact_tokens
        where group_id = old.group_id and contact_id = old.id and token = any (old.name_tokens);
    end if;
    insert into contact_tokens (group_id, token, contact_id)
    select new.group_id, token, new.id from unnest(new.name_tokens) as t (token)
    on conflict do nothing;
    return null;
end
$$;
create trigger keep_contact_tokens after insert or update of name_tokens on contacts
    for each row execute function keep_contact_tokens();

create table consent_entries (
    group_id uuid not null,
    id uuid not null,
    contact_id uuid not null,
    says text not null
        check (says in ('yes', 'stop', 'wrong_number', 'doubt', 'confirmed')),
    scope text not null check (scope in ('all', 'offers', 'updates', 'line')),
    kind text check (kind in ('inquiry', 'express', 'written')),
    source text not null,
    how text not null default 'keyword'
        check (how in ('keyword', 'wording', 'unanswered', 'narrowed')),
    line_id uuid,
    store_id uuid,
    text_id uuid,                      -- the text in which it was heard
    member_id uuid,                    -- who recorded it
    wording_id uuid,                   -- the wording that was shown
    corrects uuid,
    seller_named boolean not null default true,
    heard jsonb,                       -- decision, layer, score of the hearing; no words
    proof_ct bytea,                    -- the person's own words, form fields (JSON)
    said_at timestamptz not null,
    heard_at timestamptz not null,
    primary key (group_id, id),
    foreign key (group_id, contact_id) references contacts (group_id, id)
);
create index consent_entries_by_contact on consent_entries (group_id, contact_id, said_at, id);

create table wordings (
    group_id uuid not null references groups (id),
    id uuid not null,
    name text not null,
    version integer not null,
    body text not null,                -- public text, shown to customers
    body_sha256 bytea not null,
    made_at timestamptz not null,
    primary key (group_id, id),
    unique (group_id, name, version)
);

create table optin_pages (
    slug text primary key,
    group_id uuid not null references groups (id),
    store_id uuid not null,
    line_id uuid not null,
    wording_id uuid not null,
    made_at timestamptz not null,
    closed_at timestamptz,
    foreign key (group_id, store_id) references stores (group_id, id),
    foreign key (group_id, line_id) references lines (group_id, id),
    foreign key (group_id, wording_id) references wordings (group_id, id)
);

create table conversations (
    group_id uuid not null,
    id uuid not null,
    contact_id uuid not null,
    line_id uuid not null,
    store_id uuid not null,
    assignee_id uuid,
    done_at timestamptz,
    done_by uuid,
    snoozed_until timestamptz,
    waiting_since timestamptz,         -- first customer text that no person has answered
    last_text_id uuid,
    last_at timestamptz not null,
    last_in_at timestamptz,
    last_human_out_at timestamptz,
    first_out_at timestamptz,
    held_count integer not null default 0,
    created_at timestamptz not null,
    primary key (group_id, id),
    unique (group_id, contact_id, line_id),
    foreign key (group_id, contact_id) references contacts (group_id, id),
    foreign key (group_id, line_id) references lines (group_id, id)
);
-- What is open and what is done, line by line: a row stands in one of the two.
create index conversations_open_by_line
    on conversations (group_id, line_id, last_at desc, id desc) where done_at is null;
create index conversations_done_by_line
    on conversations (group_id, line_id, last_at desc, id desc) where done_at is not null;
create index conversations_by_assignee
    on conversations (group_id, assignee_id, last_at desc, id desc) where done_at is null;
create index conversations_waiting
    on conversations (group_id, waiting_since) where waiting_since is not null;

create table texts (
    group_id uuid not null,
    id uuid not null,
    conversation_id uuid not null,
    contact_id uuid not null,
    line_id uuid not null,
    direction text not null check (direction in ('in', 'out')),
    sender text not null check (sender in ('customer', 'person', 'software', 'broadcast')),
    author_id uuid,
    device_id uuid,
    client_id uuid,                    -- made by the screen: the idempotency key
    purpose text,
    purpose_guess text,
    body_ct bytea not null,
    added_ct bytea,                    -- company name and STOP line put round the author's words
    segments smallint not null default 1,
    state text not null check (state in ('received', 'held', 'queued', 'sending', 'accepted', 'sent',
        'delivered', 'failed', 'unknown', 'blocked', 'cancelled', 'conflicting')),
    state_at timestamptz not null,
    error_code text,
    carrier_id text,
    heard jsonb,
    flagged boolean not null default false,
    media jsonb not null default '[]',
    created_at timestamptz not null,
    handed_at timestamptz,             -- when it was marked as being handed to the carrier
    primary key (group_id, id),
    foreign key (group_id, conversation_id) references conversations (group_id, id),
    foreign key (group_id, contact_id) references contacts (group_id, id)
);
-- What the gate counts: offers that left, and the answers that software gave to a stop or a HELP.
create index texts_offers on texts (group_id, contact_id, handed_at) where purpose = 'offer';
create index texts_notices on texts (group_id, contact_id, created_at)
    where purpose in ('stop_confirmation', 'start_confirmation', 'help');
create index texts_by_conversation on texts (group_id, conversation_id, id desc);
create index texts_by_contact on texts (group_id, contact_id, id desc);
create unique index texts_by_client on texts (group_id, author_id, client_id)
    where client_id is not null;
create index texts_held on texts (group_id, conversation_id) where state = 'held';
create index texts_by_carrier on texts (group_id, carrier_id) where carrier_id is not null;
create index texts_unknown on texts (group_id, state_at) where state in ('sending', 'unknown');

create table decisions (
    group_id uuid not null,
    id uuid not null,
    text_id uuid not null,
    contact_id uuid not null,
    stage text not null check (stage in ('submit', 'dispatch', 'release')),
    verdict text not null check (verdict in ('allow', 'hold', 'block')),
    binding_rule text not null,
    findings jsonb not null,           -- the binding one first
    without_offer text,
    facts jsonb not null,
    rulebook text not null,
    hold_until timestamptz,
    decided_at timestamptz not null,
    primary key (group_id, id),
    foreign key (group_id, text_id) references texts (group_id, id)
);
create index decisions_by_text on decisions (group_id, text_id, id);

create table receipts (
    group_id uuid not null,
    id uuid not null,
    text_id uuid not null,
    word text not null,                -- the carrier's word
    state text not null,               -- ours
    rank smallint not null,
    error_code text,
    carrier_at timestamptz,
    arrived_at timestamptz not null,
    primary key (group_id, id),
    foreign key (group_id, text_id) references texts (group_id, id)
);
create index receipts_by_text on receipts (group_id, text_id, id);

-- What waits to leave. Its own rows, apart from the distributable tables, claimed across tenants.
create table outbox (
    group_id uuid not null,
    text_id uuid not null,
    contact_id uuid not null,
    line_id uuid not null,
    due_at timestamptz not null,
    kind text not null check (kind in ('undo', 'hold', 'notice', 'schedule')),
    claimed_by text,                   -- a worker of this life of a process
    claimed_until timestamptz,
    attempts smallint not null default 0,
    primary key (group_id, text_id)
);
create index outbox_due on outbox (due_at, text_id);
create index outbox_by_contact on outbox (group_id, contact_id);
create index outbox_claimed on outbox (claimed_until) where claimed_until is not null;

-- Every webhook that was verified, as it came; the unique key is what makes a doubled one harmless.
create table arrivals (
    group_id uuid not null,
    id uuid not null,
    carrier text not null,
    account text not null,
    carrier_id text not null,
    kind text not null,                -- inbound, or status:<word>
    contact_id uuid,                   -- under whose key `raw_ct` is sealed; null: the group's
    text_id uuid,
    raw_ct bytea not null,
    arrived_at timestamptz not null,
    primary key (group_id, id),
    unique (group_id, carrier, account, carrier_id, kind)
);

-- What failed verification: kept aside, shown to the owner, never applied.
create table turned_away (
    id uuid primary key,
    group_id uuid,
    carrier text not null,
    account text,
    reason text not null,
    raw_ct bytea not null,
    arrived_at timestamptz not null,
    seen_by uuid,
    seen_at timestamptz
);
create index turned_away_by_group on turned_away (group_id, arrived_at desc);
create index turned_away_by_account
    on turned_away (carrier, account, arrived_at desc, id desc);

create table carrier_calls (
    group_id uuid not null,
    id uuid not null,
    carrier text not null,
    text_id uuid,
    method text not null,
    path text not null,                -- redacted
    status smallint,
    outcome text not null,
    took_ms integer not null,
    called_at timestamptz not null,
    primary key (group_id, id)
);
create index carrier_calls_by_text on carrier_calls (group_id, text_id);

create table notes (
    group_id uuid not null,
    id uuid not null,
    conversation_id uuid not null,
    author_id uuid not null,
    body_ct bytea not null,
    mentions uuid[] not null default '{}',
    created_at timestamptz not null,
    primary key (group_id, id),
    foreign key (group_id, conversation_id) references conversations (group_id, id)
);
create index notes_by_conversation on notes (group_id, conversation_id, id desc);

-- What happened to a conversation that is neither a text nor a note: assigned, done, consent given.
create table happenings (
    group_id uuid not null,
    id uuid not null,
    conversation_id uuid not null,
    contact_id uuid not null,
    kind text not null,
    actor_id uuid,
    subject_id uuid,
    said jsonb not null default '{}',  -- names nobody
    happened_at timestamptz not null,
    primary key (group_id, id),
    foreign key (group_id, conversation_id) references conversations (group_id, id)
);
create index happenings_by_conversation on happenings (group_id, conversation_id, id desc);

create table drafts (
    group_id uuid not null,
    conversation_id uuid not null,
    member_id uuid not null,
    body_ct bytea not null,
    device_id uuid,
    kept_why text,                     -- set when a stop replaced the box while it was being written
    updated_at timestamptz not null,
    primary key (group_id, conversation_id, member_id),
    foreign key (group_id, conversation_id) references conversations (group_id, id)
);

create table reads (
    group_id uuid not null,
    conversation_id uuid not null,
    member_id uuid not null,
    read_at timestamptz not null,      -- texts that arrived later are unread
    primary key (group_id, conversation_id, member_id),
    foreign key (group_id, conversation_id) references conversations (group_id, id)
);

create table templates (
    group_id uuid not null references groups (id),
    id uuid not null,
    store_id uuid,
    owner_id uuid,                     -- null: shared
    shortcut text not null,
    title_ct bytea not null,
    body_ct bytea not null,
    purpose text not null,
    used_count integer not null default 0,
    updated_at timestamptz not null,
    retired_at timestamptz,
    primary key (group_id, id)
);

-- What was done about access: signing in and out, roles, reach, suspensions, reading what is
-- another's. Each row is a leaf of the ledger; `detail` names nobody.
create table access_acts (
    group_id uuid not null references groups (id),
    id uuid not null,
    what text not null,
    actor_id uuid,
    about_id uuid,                     -- the member, device, line or conversation
    detail jsonb not null default '{}',
    happened_at timestamptz not null,
    primary key (group_id, id)
);
create index access_acts_by_about on access_acts (group_id, about_id, id desc);

-- The live stream. A reader takes what no running transaction can still come before: (xid, n).
create table events (
    n bigint generated always as identity,
    xid xid8 not null default pg_current_xact_id(),
    group_id uuid not null,
    name text not null,                -- text.in, text.state, consent, conversation, device.ended, ...
    store_id uuid,
    line_id uuid,
    conversation_id uuid,
    contact_id uuid,
    subject_id uuid,
    member_id uuid,                    -- set: for this member alone
    happened_at timestamptz not null,
    primary key (group_id, n)
);
create index events_by_cursor on events (group_id, xid, n);

-- The ledger. A leaf is written in the transaction of what it records, unsequenced; the sequencer
-- gives it its place. Commitments are salted with what a key derives, so that erasing the key leaves
-- the log whole and nothing in it guessable.
create table ledger_leaves (
    group_id uuid not null references groups (id),
    id uuid not null,
    kind text not null,
    subject_id uuid not null,          -- the row it commits to
    contact_id uuid,
    chain_seq bigint,
    xid xid8 not null default pg_current_xact_id(),
    leaf bytea not null,               -- canonical JSON of the leaf
    leaf_hash bytea not null,
    made_at timestamptz not null,
    primary key (group_id, id)
);
create index ledger_leaves_by_contact on ledger_leaves (group_id, contact_id, chain_seq);
create index ledger_leaves_by_subject on ledger_leaves (group_id, subject_id);
create index ledger_leaves_by_order on ledger_leaves (group_id, xid, id);

create table ledger_places (
    group_id uuid not null,
    seq bigint not null,
    leaf_id uuid not null,
    xid xid8 not null,                 -- the leaf's, so that the next to be placed are found at once
    placed_at timestamptz not null,
    primary key (group_id, seq),
    unique (group_id, leaf_id),
    foreign key (group_id, leaf_id) references ledger_leaves (group_id, id)
);

-- Roots of complete subtrees: level 0 is the leaves. A proof reads O(log n) of them.
create table ledger_nodes (
    group_id uuid not null,
    level smallint not null,
    index bigint not null,
    hash bytea not null,
    primary key (group_id, level, index)
);

create table ledger_checkpoints (
    group_id uuid not null,
    size bigint not null,
    root bytea not null,
    note text not null,                -- the signed note
    signed_at timestamptz not null,
    primary key (group_id, size)
);
