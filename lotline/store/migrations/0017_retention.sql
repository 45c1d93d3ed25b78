-- Legal holds, retention, exports by schedule.

-- What may not be erased or retired, and who said so on whose word. Never changed: it is lifted.
create table legal_holds (
    group_id uuid not null references groups (id),
    id uuid not null,
    kind text not null check (kind in ('customer', 'member', 'line', 'company')),
    subject_id uuid,
    reason_ct bytea not null,
    counsel_ct bytea not null,
    placed_by uuid,
    placed_at timestamptz not null,
    primary key (group_id, id),
    check ((kind = 'company') = (subject_id is null))
);

create table legal_hold_lifts (
    group_id uuid not null,
    hold_id uuid not null,
    reason_ct bytea not null,
    lifted_by uuid,
    lifted_at timestamptz not null,
    primary key (group_id, hold_id),
    foreign key (group_id, hold_id) references legal_holds (group_id, id)
);

-- Erasures that were asked for while a hold stood; they wait for its end.
create table erasures_asked (
    group_id uuid not null,
    id uuid not null,
    contact_id uuid not null,
    reason text not null,
    asked_by uuid,
    asked_at timestamptz not null,
    primary key (group_id, id),
    foreign key (group_id, contact_id) references contacts (group_id, id)
);
create index erasures_asked_by_contact on erasures_asked (group_id, contact_id);

-- How long the owner keeps each class; the newest row counts, and without one the rulebook's.
create table retention_choices (
    group_id uuid not null references groups (id),
    id uuid not null,
    class text not null,
    months integer,                    -- null: for ever
    chosen_by uuid,
    chosen_at timestamptz not null,
    primary key (group_id, id)
);

-- What each run retired: counts and instants, nothing of anybody.
create table retention_runs (
    group_id uuid not null references groups (id),
    id uuid not null,
    class text not null,
    before timestamptz not null,
    retired integer not null,
    ran_at timestamptz not null,
    primary key (group_id, id)
);

-- How far each class is retired, by id; the end of a hold takes it back to the start.
create table retention_marks (
    group_id uuid not null references groups (id),
    class text not null,
    done_to uuid not null,
    primary key (group_id, class)
);

-- Evidence that leaves by the clock: what was chosen, and each file.
create table export_schedules (
    group_id uuid not null references groups (id),
    id uuid not null,
    every text not null check (every in ('never', 'daily', 'weekly')),
    texts boolean not null default true,
    chosen_by uuid,
    chosen_at timestamptz not null,
    primary key (group_id, id)
);

create table export_files (
    group_id uuid not null references groups (id),
    id uuid not null,
    first bigint not null,             -- places of the log, from this one
    end_ bigint not null,              -- and before this one
    export_id uuid,                    -- the act of the ledger; null when there was nothing new
    name text not null,
    size bigint not null,
    sha256 bytea not null,
    made_at timestamptz not null,
    primary key (group_id, id),
    unique (group_id, first)
);

create table export_failures (
    group_id uuid not null references groups (id),
    id uuid not null,
    why text not null,
    failed_at timestamptz not null,
    primary key (group_id, id)
);

create index access_acts_exported on access_acts (group_id, id desc) where what = 'exported';

-- Whether a hold stands on anything about a contact. It sees what the caller's tenant sees.
create function is_held(whose uuid, contact uuid) returns boolean language sql stable as $$
    select exists (
        select from legal_holds h
        where h.group_id = whose
            and not exists (
                select from legal_hold_lifts l where l.group_id = whose and l.hold_id = h.id)
            and (h.kind = 'company'
                or (h.kind = 'customer' and h.subject_id = contact)
                or (h.kind = 'line' and exists (
                    select from conversations c
                    where c.group_id = whose and c.contact_id = contact and c.line_id = h.subject_id))
                or (h.kind = 'member' and (
                    exists (select from texts t where t.group_id = whose
                        and t.contact_id = contact and t.author_id = h.subject_id)
                    or exists (select from conversations c where c.group_id = whose
                        and c.contact_id = contact and c.assignee_id = h.subject_id)
                    or exists (select from notes n
                        join conversations c on c.group_id = n.group_id and c.id = n.conversation_id
                        where n.group_id = whose and c.contact_id = contact
                            and n.author_id = h.subject_id)
                    or exists (select from consent_entries e where e.group_id = whose
                        and e.contact_id = contact and e.member_id = h.subject_id)))))
$$;

-- Notes and raw calls only ever grow for the application. Two ways to let them go, by age alone:
-- what is younger than a month stays, whoever asks.
create function retire_notes(whose uuid, ids uuid[]) returns integer
language plpgsql security definer set search_path = public, pg_temp as $$
declare gone integer;
begin
    delete from notes where group_id = whose and id = any (ids)
        and created_at < clock_timestamp() - interval '30 days';
    get diagnostics gone = row_count;
    return gone;
end
$$;

create function retire_arrivals(whose uuid, ids uuid[]) returns integer
language plpgsql security definer set search_path = public, pg_temp as $$
declare gone integer;
begin
    update arrivals set raw_ct = ''::bytea where group_id = whose and id = any (ids)
        and length(raw_ct) > 0 and arrived_at < clock_timestamp() - interval '30 days';
    get diagnostics gone = row_count;
    return gone;
end
$$;

revoke all on function is_held(uuid, uuid) from public;
revoke all on function retire_notes(uuid, uuid[]) from public;
revoke all on function retire_arrivals(uuid, uuid[]) from public;
grant execute on function is_held(uuid, uuid) to lotline_app, lotline_reader;
grant execute on function retire_notes(uuid, uuid[]) to lotline_app;
grant execute on function retire_arrivals(uuid, uuid[]) to lotline_app;

-- Sealed anew when keys are rotated; nothing else of a hold is ever changed.
grant update (reason_ct, counsel_ct) on legal_holds to lotline_app;
grant update (reason_ct) on legal_hold_lifts to lotline_app;
