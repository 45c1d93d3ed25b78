-- What was heard and waits for a person: each text whose words, not whose keyword, changed or may
-- change what is sent. The words themselves stay in the text; here is only what follows from them.
create table heard_questions (
    group_id uuid not null,
    id uuid not null,
    contact_id uuid not null,
    conversation_id uuid not null,
    text_id uuid not null,
    entry_id uuid not null,            -- the consent entry that the hearing made
    decision text not null check (decision in ('hold', 'partial', 'block', 'wrong_number')),
    asked_at timestamptz not null,
    due_at timestamptz,                -- from then on no answer means stop; null: nothing follows
    answer text check (answer in ('stop', 'offers', 'not_a_stop', 'unanswered', 'overtaken')),
    answered_at timestamptz,
    answered_by uuid,                  -- null: the clock, or what the customer did next
    primary key (group_id, id),
    unique (group_id, text_id),
    foreign key (group_id, contact_id) references contacts (group_id, id),
    foreign key (group_id, conversation_id) references conversations (group_id, id)
);
create index heard_questions_open on heard_questions (group_id, due_at) where answered_at is null;
create index heard_questions_by_contact on heard_questions (group_id, contact_id, id desc);

-- The name that stood beside a number until somebody else was found to have it. Kept, not shown.
alter table contacts add column former_name_ct bytea;
