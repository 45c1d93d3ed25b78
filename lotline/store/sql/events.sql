-- name: record
-- One thing that happened. The transaction's number and the running number make its cursor.
insert into events (group_id, name, store_id, line_id, conversation_id, contact_id, subject_id,
    member_id, happened_at)
values (%(group_id)s, %(name)s, %(store_id)s, %(line_id)s, %(conversation_id)s, %(contact_id)s,
    %(subject_id)s, %(member_id)s, %(at)s)

-- name: record_all
-- Several that happened in one transaction, in order, and one wake-up at commit.
with kept as (
    insert into events (group_id, name, store_id, line_id, conversation_id, contact_id, subject_id,
        happened_at)
    select %(group_id)s, e.name, e.store_id, e.line_id, e.conversation_id, e.contact_id,
        e.subject_id, %(at)s
    from unnest(%(names)s::text[], %(store_ids)s::uuid[], %(line_ids)s::uuid[],
        %(conversation_ids)s::uuid[], %(contact_ids)s::uuid[], %(subject_ids)s::uuid[])
        with ordinality as e (name, store_id, line_id, conversation_id, contact_id, subject_id, n)
    order by e.n
)
select pg_notify('lotline', %(group_id)s::uuid::text)

-- name: notify
-- Wake whoever listens, at commit. The same word twice in a transaction is said once.
select pg_notify('lotline', %(group_id)s::uuid::text)

-- name: notify_work
-- Wake the workers, at commit.
select pg_notify('lotline_work', %(what)s)

-- name: notify_here
-- Say who is where, at commit, to every process that listens. Ids and a word, for seconds.
select pg_notify('lotline_here', %(group_id)s::uuid::text || %(said)s)
