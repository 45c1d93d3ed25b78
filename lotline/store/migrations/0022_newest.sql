-- Open conversations of a whole company, newest first: for whoever reaches many of its lines.
create index conversations_open on conversations (group_id, last_at desc, id desc)
    where done_at is null;
-- Whom a number reaches at all, by how they stand: counted without looking at their rows.
create index contacts_standing on contacts (group_id, id) include (level)
    where key_wrapped is not null and number_kind not in ('landline', 'toll_free');
-- The newest of those that are asked for by name.
create index count_texts_newest on count_texts (group_id, what, text_id desc)
    include (line_id, day);
