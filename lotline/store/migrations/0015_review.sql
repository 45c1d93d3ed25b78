-- Flags, what managers made of them, and what each store watches for.

-- A choice is never changed: the newest of a store is in force.
create table watches (
    group_id uuid not null,
    id uuid not null,
    store_id uuid not null,
    choice jsonb not null,             -- steps by screen, what is masked, one in N, own sites
    words_ct bytea,                    -- the store's own words (JSON)
    chosen_by uuid not null,
    chosen_at timestamptz not null,
    primary key (group_id, id),
    foreign key (group_id, store_id) references stores (group_id, id)
);
create index watches_newest on watches (group_id, store_id, id desc);

-- Why a text was put to a manager. What it says stays sealed in the text.
create table flags (
    group_id uuid not null,
    id uuid not null,
    text_id uuid not null,
    contact_id uuid not null,
    conversation_id uuid not null,
    line_id uuid not null,
    store_id uuid not null,
    author_id uuid,                    -- null: the customer wrote it
    reasons text[] not null,
    detail jsonb not null default '{}',
    held boolean not null default false,    -- it waits until a manager lets it go
    flagged_by uuid,                   -- null: a screen
    flagged_at timestamptz not null,
    primary key (group_id, id),
    foreign key (group_id, text_id) references texts (group_id, id)
);
create index flags_of_text on flags (group_id, text_id);
create index flags_of_author on flags (group_id, author_id, flagged_at desc);

-- The queue: a flag leaves it with a decision. Rows here are no record; those above are.
create table flags_open (
    group_id uuid not null,
    flag_id uuid not null,
    line_id uuid not null,
    flagged_at timestamptz not null,
    escalated_by uuid,
    escalated_at timestamptz,
    primary key (group_id, flag_id),
    foreign key (group_id, flag_id) references flags (group_id, id)
);
create index flags_open_by_age on flags_open (group_id, flagged_at, flag_id);

create table flag_reviews (
    group_id uuid not null,
    id uuid not null,
    flag_id uuid not null,
    outcome text not null check (outcome in
        ('ok', 'coached', 'escalated', 'stopped', 'released', 'refused', 'withdrawn')),
    said_ct bytea,                     -- the reason, or the coach's words; under the contact's key
    rule text,                         -- the rule that the coach pointed to
    reviewed_by uuid,                  -- null: the text was taken back meanwhile
    reviewed_at timestamptz not null,
    primary key (group_id, id),
    foreign key (group_id, flag_id) references flags (group_id, id)
);
create index flag_reviews_of_flag on flag_reviews (group_id, flag_id);
create index flag_reviews_newest on flag_reviews (group_id, reviewed_at desc);

-- Three questions that come with a coach's note.
create table refreshers (
    group_id uuid not null,
    id uuid not null,                  -- of the review that asked for it
    member_id uuid not null,
    course text not null,
    questions text[] not null,
    asked_at timestamptz not null,
    primary key (group_id, id),
    foreign key (group_id, member_id) references members (group_id, id)
);
create index refreshers_of_member on refreshers (group_id, member_id, asked_at desc);

-- The first answer counts.
create table refresher_answers (
    group_id uuid not null,
    refresher_id uuid not null,
    question text not null,
    choice smallint not null,
    is_right boolean not null,
    answered_at timestamptz not null,
    primary key (group_id, refresher_id, question),
    foreign key (group_id, refresher_id) references refreshers (group_id, id)
);

-- Who may not text for now; reading stays. Why stands in the review.
create table texting_stops (
    group_id uuid not null,
    id uuid not null,
    member_id uuid not null,
    flag_id uuid,
    stopped_by uuid not null,
    stopped_at timestamptz not null,
    lifted_by uuid,
    lifted_at timestamptz,
    primary key (group_id, id),
    foreign key (group_id, member_id) references members (group_id, id)
);
create unique index texting_stops_in_force on texting_stops (group_id, member_id)
    where lifted_at is null;

grant update (words_ct) on watches to lotline_app;  -- sealed anew when keys are rotated
