-- The policy's wording, training, quizzes, and what they add up to.

alter table policies add column changes text not null default '';
alter table policies add column counsel_ct bytea;
alter table policies add column counsel_on date;

alter table training_passes add column course text not null default '';
alter table training_passes add column quiz_id uuid;

-- A card was read and its composer tried.
create table training_steps (
    group_id uuid not null,
    member_id uuid not null,
    course text not null,
    card text not null,
    done_at timestamptz not null,
    primary key (group_id, member_id, course, card),
    foreign key (group_id, member_id) references members (group_id, id)
);

-- What was drawn by lot for one member. Over when every question has its answer.
create table quizzes (
    group_id uuid not null,
    id uuid not null,
    member_id uuid not null,
    course text not null,
    questions text[] not null,
    begun_at timestamptz not null,
    primary key (group_id, id),
    foreign key (group_id, member_id) references members (group_id, id)
);
create index quizzes_of_member on quizzes (group_id, member_id, begun_at desc);

-- The first answer counts, and there is no other.
create table quiz_answers (
    group_id uuid not null,
    quiz_id uuid not null,
    question text not null,
    choice smallint not null,
    is_right boolean not null,
    answered_at timestamptz not null,
    primary key (group_id, quiz_id, question),
    foreign key (group_id, quiz_id) references quizzes (group_id, id)
);

create index training_passes_of_member
    on training_passes (group_id, member_id, valid_until desc);
