-- name: by_client
-- The text that this tap already made.
select t.id, t.state, o.due_at from texts t
left join outbox o on o.group_id = t.group_id and o.text_id = t.id
where t.group_id = %(group_id)s and t.author_id = %(author_id)s and t.client_id = %(client_id)s

-- name: conversation
-- Where a text would go. Read before its contact is locked, so only what never changes is believed.
select c.id, c.contact_id, c.line_id, c.store_id, c.assignee_id, c.done_at, c.last_in_at,
    c.first_out_at
from conversations c where c.group_id = %(group_id)s and c.id = %(conversation_id)s

-- name: by_clients
-- The texts that an author's program asked for under these names of its own.
select t.id, t.client_id, t.contact_id, t.line_id, t.purpose, t.body_ct, t.state, o.due_at
from texts t
left join outbox o on o.group_id = t.group_id and o.text_id = t.id
where t.group_id = %(group_id)s and t.author_id = %(author_id)s
    and t.client_id = any(%(client_ids)s::uuid[])

-- name: record
-- Texts of ours, each with the state that the gate's word gave it, and what it is found by.
with kept as (
    insert into texts (group_id, id, conversation_id, contact_id, line_id, direction, sender,
        author_id, device_id, client_id, purpose, purpose_guess, body_ct, added_ct, segments, state,
        state_at, flagged, created_at)
    select %(group_id)s, t.id, t.conversation_id, t.contact_id, t.line_id, 'out', t.sender,
        t.author_id, t.device_id, t.client_id, t.purpose, t.purpose_guess, t.body_ct, t.added_ct,
        t.segments, t.state, %(at)s, t.flagged, %(at)s
    from unnest(%(ids)s::uuid[], %(conversations)s::uuid[], %(contacts)s::uuid[], %(lines)s::uuid[],
        %(senders)s::text[], %(authors)s::uuid[], %(devices)s::uuid[], %(clients)s::uuid[],
        %(purposes)s::text[], %(guesses)s::text[], %(bodies)s::bytea[], %(added)s::bytea[],
        %(segments)s::smallint[], %(states)s::text[], %(flagged)s::boolean[]) as t (id,
        conversation_id, contact_id, line_id, sender, author_id, device_id, client_id, purpose,
        purpose_guess, body_ct, added_ct, segments, state, flagged)
    on conflict do nothing
    returning group_id, id, line_id
)
insert into text_words (group_id, id, kind, line_id, words)
select k.group_id, k.id, 'text', k.line_id, w.words::bigint[] from kept k
join unnest(%(ids)s::uuid[], %(words)s::text[]) as w (id, words) on w.id = k.id

-- name: record_arrived
-- Texts that came in, and what they are found by.
with kept as (
    insert into texts (group_id, id, conversation_id, contact_id, line_id, direction, sender,
        body_ct, segments, state, state_at, carrier_id, heard, flagged, media, created_at)
    select %(group_id)s, t.id, t.conversation_id, t.contact_id, t.line_id, 'in', 'customer',
        t.body_ct, t.segments, 'received', t.at, t.carrier_id, t.heard::jsonb, t.flagged,
        t.media::jsonb, t.at
    from unnest(%(ids)s::uuid[], %(conversations)s::uuid[], %(contacts)s::uuid[], %(lines)s::uuid[],
        %(bodies)s::bytea[], %(segments)s::smallint[], %(carrier_ids)s::text[], %(heard)s::text[],
        %(flagged)s::boolean[], %(media)s::text[], %(ats)s::timestamptz[]) as t (id,
        conversation_id, contact_id, line_id, body_ct, segments, carrier_id, heard, flagged, media,
        at)
)
insert into text_words (group_id, id, kind, line_id, words)
select %(group_id)s, w.id, 'text', w.line_id, w.words::bigint[]
from unnest(%(ids)s::uuid[], %(lines)s::uuid[], %(words)s::text[]) as w (id, line_id, words)

-- name: lock
-- Texts under lock, in one order.
select id, conversation_id, contact_id, line_id, direction, sender, author_id, purpose,
    purpose_guess, body_ct, added_ct, segments, state, state_at, carrier_id, error_code, handed_at,
    created_at
from texts where group_id = %(group_id)s and id = any(%(ids)s::uuid[])
order by id
for no key update

-- name: load
-- Texts as they are, without a lock.
select id, conversation_id, contact_id, line_id, sender, author_id, purpose, purpose_guess, body_ct,
    added_ct, state, state_at, carrier_id, handed_at, created_at
from texts where group_id = %(group_id)s and id = any(%(ids)s::uuid[])
order by id

-- name: set_states
-- Where these texts are now.
update texts t set state = s.state, state_at = %(at)s
from unnest(%(ids)s::uuid[], %(states)s::text[]) as s (id, state)
where t.group_id = %(group_id)s and t.id = s.id

-- name: mark_sending
-- From here on it may have left.
update texts set state = 'sending', state_at = %(at)s, handed_at = coalesce(handed_at, %(at)s)
where group_id = %(group_id)s and id = any(%(ids)s::uuid[])

-- name: unmark_sending
-- They were not taken after all.
update texts set state = 'queued', state_at = %(at)s, handed_at = null
where group_id = %(group_id)s and id = any(%(ids)s::uuid[])

-- name: set_fates
-- What the carrier's words add up to, each text once.
update texts t set state = f.state, state_at = %(at)s, error_code = coalesce(f.error_code, t.error_code),
    carrier_id = coalesce(t.carrier_id, f.carrier_id),
    segments = case when f.segments > 0 then f.segments else t.segments end
from unnest(%(ids)s::uuid[], %(states)s::text[], %(codes)s::text[], %(carrier_ids)s::text[],
    %(segments)s::smallint[]) as f (id, state, error_code, carrier_id, segments)
where t.group_id = %(group_id)s and t.id = f.id

-- name: unsettled
-- Handed over, and no answer kept: a crash lies between, or the carrier never said. Those that a
-- person has to decide on, or that were looked for just now, take nobody's place.
select id, contact_id, line_id, state, state_at, handed_at from texts
where group_id = %(group_id)s and state in ('sending', 'unknown') and state_at < %(before)s
    and (state = 'sending' or state_at >= %(since)s and id <> all(%(waits)s::uuid[]))
order by state, state_at limit %(limit)s

-- name: taken_ids
-- Which of these carrier's ids belong to texts of ours already.
select carrier_id from texts
where group_id = %(group_id)s and carrier_id = any(%(carrier_ids)s::text[])

-- name: by_carrier
-- Our text by the carrier's id, for a receipt that lost our reference.
select id from texts
where group_id = %(group_id)s and carrier_id = %(carrier_id)s and direction = 'out' limit 1

-- name: settle_conversations
-- What a conversation's row says of its texts, counted again from the texts themselves.
update conversations c set
    last_text_id = coalesce(last.id, c.last_text_id),
    last_at = greatest(coalesce(last.created_at, c.last_at), c.last_in_at),
    last_human_out_at = human.created_at,
    first_out_at = coalesce(c.first_out_at, first.handed_at),
    held_count = held.n,
    waiting_since = case
        when c.last_in_at is null then null
        when human.created_at is not null and human.created_at >= c.last_in_at then null
        else coalesce(c.waiting_since, unanswered.at)
    end
from unnest(%(ids)s::uuid[]) as w (id)
left join lateral (
    select t.id, t.created_at from texts t
    where t.group_id = %(group_id)s and t.conversation_id = w.id and t.state <> 'cancelled'
    order by t.id desc limit 1
) last on true
left join lateral (
    select t.created_at from texts t
    where t.group_id = %(group_id)s and t.conversation_id = w.id and t.direction = 'out'
        and t.sender = 'person' and t.state not in ('cancelled', 'blocked', 'failed')
    order by t.id desc limit 1
) human on true
left join lateral (
    select t.handed_at from texts t
    where t.group_id = %(group_id)s and t.conversation_id = w.id and t.handed_at is not null
    order by t.id limit 1
) first on true
left join lateral (
    select count(*) as n from texts t
    where t.group_id = %(group_id)s and t.conversation_id = w.id and t.state = 'held'
) held on true
left join lateral (
    select t.created_at as at from texts t
    where t.group_id = %(group_id)s and t.conversation_id = w.id and t.direction = 'in'
        and coalesce(t.heard ->> 'decision', 'none') in ('none', 'hold', 'partial')
        and (human.created_at is null or t.created_at > human.created_at)
        and t.id > coalesce(rpad(lpad(to_hex((extract(
            epoch from human.created_at - interval '1 hour'
        ) * 1000)::bigint), 12, '0'), 32, '0')::uuid,
        '00000000-0000-0000-0000-000000000000'::uuid)
    order by t.id limit 1
) unanswered on true
where c.group_id = %(group_id)s and c.id = w.id

-- name: touch_conversations
-- Texts that no person wrote came into these conversations, some of them held: the newest is on top,
-- and nobody who waits was answered.
update conversations c set
    last_text_id = greatest(c.last_text_id, t.text_id),
    last_at = greatest(c.last_at, c.last_in_at, %(at)s),
    held_count = c.held_count + t.held
from unnest(%(ids)s::uuid[], %(texts)s::uuid[], %(held)s::int[]) as t (id, text_id, held)
where c.group_id = %(group_id)s and c.id = t.id

-- name: first_out
-- A text of ours sets out into these conversations; the first one ever is remembered.
update conversations set first_out_at = %(at)s
where group_id = %(group_id)s and id = any(%(ids)s::uuid[]) and first_out_at is null

-- name: take_conversation
-- Who answers an unassigned conversation has it, and a done one is open again.
update conversations set assignee_id = coalesce(assignee_id, %(member_id)s), done_at = null,
    done_by = null, snoozed_until = null
where group_id = %(group_id)s and id = %(conversation_id)s

-- name: drop_draft
-- What was sent is no draft any more.
delete from drafts where group_id = %(group_id)s and conversation_id = %(conversation_id)s
    and member_id = %(member_id)s

-- name: newer
-- What the sender had not seen when they pressed: a teammate's text, or the customer's stop.
select e.name, t.author_id, e.happened_at, m.name_ct
from events e
left join texts t on t.group_id = e.group_id and t.id = e.subject_id and e.name = 'text.out'
left join members m on m.group_id = t.group_id and m.id = t.author_id
where e.group_id = %(group_id)s
    and (e.xid, e.n) > (%(after_xid)s::text::xid8, %(after_n)s::bigint)
    and (
        (e.name = 'text.out' and e.conversation_id = %(conversation_id)s
            and t.author_id is distinct from %(member_id)s and t.sender = 'person')
        or (e.name = 'consent.stop' and e.contact_id = %(contact_id)s)
    )
order by e.xid desc, e.n desc limit 1

-- name: last_in
-- The customer's last text in each conversation, and our own newest that left to each contact on
-- any line.
select i.id, i.body_ct, i.created_at, o.handed_at as last_out_at
from unnest(%(conversations)s::uuid[], %(contacts)s::uuid[]) with ordinality
    as a (conversation_id, contact_id, n)
left join lateral (
    select t.id, t.body_ct, t.created_at from texts t
    where t.group_id = %(group_id)s and t.conversation_id = a.conversation_id
        and t.direction = 'in'
    order by t.id desc limit 1
) i on true
left join lateral (
    select t.handed_at from texts t
    where t.group_id = %(group_id)s and t.contact_id = a.contact_id and t.direction = 'out'
        and t.handed_at is not null
    order by t.id desc limit 1
) o on true
order by a.n

-- name: helped
-- Who was answered a HELP lately.
select distinct t.contact_id from texts t
where t.group_id = %(group_id)s and t.contact_id = any(%(contacts)s::uuid[])
    and t.purpose = 'help' and t.created_at > %(since)s

-- name: doubt
-- They may have left, in a time that this database knows nothing of.
update texts t set state = 'unknown', state_at = %(at)s, handed_at = coalesce(t.handed_at, t.created_at)
where t.group_id = %(group_id)s and t.id = any(%(ids)s::uuid[]) and t.state in ('queued', 'held')
