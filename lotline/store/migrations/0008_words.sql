-- The words of texts and notes, as keyed hashes, for search; and the ways to read a long history.
--
-- A row for each text and each note, also for one without words, so that what still lacks its row is
-- known (`lotline words`). No foreign key: checking it would cost each text more than its words do,
-- and a row that leads nowhere finds nothing.
create table text_words (
    group_id uuid not null,
    id uuid not null,                  -- the text's or the note's
    kind text not null check (kind in ('text', 'note')),
    line_id uuid not null,
    words bigint[] not null,           -- of one version of the group's hash key
    primary key (group_id, id)
);
alter table text_words alter column words set statistics 1000;
create index text_words_by_word on text_words using gin (words);

alter table text_words enable row level security;
alter table text_words force row level security;
create policy tenant on text_words to lotline_app, lotline_reader
    using (group_id = nullif(current_setting('lotline.group_id', true), '')::uuid)
    with check (group_id = nullif(current_setting('lotline.group_id', true), '')::uuid);
-- An array's operators may not be asked ahead of row-level security, so under a policy the index on
-- words would never be used. The owner's own eye sees every row, and only the function below, which
-- names the tenant itself, looks through it. Nothing here but ids and hashes under the tenant's key.
create policy finder on text_words for select to current_user using (true);
grant select on text_words to lotline_reader;
grant select, insert, update, delete on text_words to lotline_app;

-- Newest first, what has all of these words and none of those, on lines in reach. `_had` are the same
-- words under the older version of the hash key, while there is one. Planned for each call, for its
-- cost hangs on how rare the words are.
create function find_said(
    _kind text, _has bigint[], _had bigint[], _lacks bigint[], _lines uuid[], _after uuid,
    _before uuid, _limit integer
) returns table (found uuid)
language plpgsql stable security definer
set search_path = public, pg_temp
set plan_cache_mode = force_custom_plan
set max_parallel_workers_per_gather = 0
as $$
begin
    if _had is null then
        return query
        select w.id from text_words w
        where w.group_id = nullif(current_setting('lotline.group_id', true), '')::uuid
            and w.kind = _kind and w.words @> _has and not w.words && _lacks
            and w.line_id = any (_lines) and w.id > _after and w.id < _before
        order by w.id desc limit _limit;
    else
        return query
        select w.id from text_words w
        where w.group_id = nullif(current_setting('lotline.group_id', true), '')::uuid
            and w.kind = _kind and (w.words @> _has or w.words @> _had) and not w.words && _lacks
            and w.line_id = any (_lines) and w.id > _after and w.id < _before
        order by w.id desc limit _limit;
    end if;
end
$$;
revoke all on function find_said from public;
grant execute on function find_said to lotline_app, lotline_reader;

-- Newest first by author, and the few that are rare.
create index texts_by_author on texts (group_id, author_id, id desc) where author_id is not null;
create index texts_flagged on texts (group_id, id desc) where flagged;
create index texts_blocked on texts (group_id, id desc) where state = 'blocked';
create index texts_with_media on texts (group_id, id desc) where media <> '[]';
create index decisions_by_rule on decisions (group_id, binding_rule, text_id desc)
    where verdict <> 'allow';

-- Of the open conversations those that are nobody's, and all by how long somebody waits in them.
create index conversations_unassigned on conversations (group_id, line_id, last_at desc, id desc)
    where done_at is null and assignee_id is null;
create index conversations_oldest_by_line on conversations
    (group_id, line_id, coalesce(waiting_since, 'infinity'), last_at, id) where done_at is null;
drop index conversations_waiting;
-- When something last left to somebody, and whether it left after their own last text.
create index texts_handed on texts (group_id, contact_id, handed_at) where handed_at is not null;
