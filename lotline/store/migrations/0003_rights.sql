-- Three roles: the owner makes and changes tables, the application reads and writes rows, the reader
-- reads. Row-level security is forced on each tenant table, so that even the owner names a tenant.
-- What must never change is only ever inserted: the application holds no right to do anything else.

do $$
begin
    if not exists (select from pg_roles where rolname = 'lotline_app') then
        create role lotline_app nologin;
    end if;
    if not exists (select from pg_roles where rolname = 'lotline_reader') then
        create role lotline_reader nologin;
    end if;
end
$$;

grant usage on schema public to lotline_app, lotline_reader;

do $$
declare
    tenant text[] := array[
        'stores', 'lines', 'line_pauses', 'carrier_accounts', 'members', 'member_reach',
        'suspensions', 'policies', 'policy_signatures', 'training_passes', 'devices', 'contacts', 'contact_tokens',
        'consent_entries', 'wordings', 'conversations', 'texts', 'decisions', 'receipts', 'arrivals',
        'carrier_calls', 'notes', 'happenings', 'drafts', 'reads', 'templates', 'events', 'access_acts',
        'ledger_leaves', 'ledger_places', 'ledger_nodes', 'ledger_checkpoints'
    ];
    -- Asked before a tenant is known. They hold ids and keyed hashes, and sealed bytes, nothing else.
    door text[] := array['seats', 'line_directory', 'optin_pages', 'outbox', 'turned_away'];
    grown text[] := array[
        'consent_entries', 'decisions', 'receipts', 'arrivals', 'policies', 'policy_signatures',
        'training_passes', 'access_acts', 'carrier_calls', 'happenings', 'notes', 'wordings', 'ledger_leaves',
        'ledger_places', 'ledger_nodes', 'ledger_checkpoints'
    ];
    removable text[] := array[
        'member_reach', 'contact_tokens', 'drafts', 'reads', 'events', 'seats', 'line_directory', 'outbox',
        'turned_away'
    ];
    one text;
begin
    foreach one in array tenant || array['groups'] loop
        execute format('alter table %I enable row level security', one);
        execute format('alter table %I force row level security', one);
        execute format(
            'create policy tenant on %I using (%I = nullif(current_setting(''lotline.group_id'', true), '''')::uuid)'
            ' with check (%I = nullif(current_setting(''lotline.group_id'', true), '''')::uuid)',
            one,
            case one when 'groups' then 'id' else 'group_id' end,
            case one when 'groups' then 'id' else 'group_id' end
        );
    end loop;
    foreach one in array tenant || door || array['groups'] loop
        execute format('grant select on %I to lotline_reader', one);
        execute format('grant select, insert on %I to lotline_app', one);
        if not one = any (grown) then
            execute format('grant update on %I to lotline_app', one);
        end if;
        if one = any (removable) then
            execute format('grant delete on %I to lotline_app', one);
        end if;
    end loop;
end
$$;
