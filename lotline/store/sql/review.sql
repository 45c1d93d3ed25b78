-- name: record
-- Texts are put to a manager.
with kept as (
    insert into flags (group_id, id, text_id, contact_id, conversation_id, line_id, store_id,
        author_id, reasons, detail, held, flagged_by, flagged_at)
    select %(group_id)s, f.id, f.text_id, f.contact_id, f.conversation_id, f.line_id, f.store_id,
        f.author_id, string_to_array(f.reasons, ' '), f.detail::jsonb, f.held, f.flagged_by, %(at)s
    from unnest(%(ids)s::uuid[], %(texts)s::uuid[], %(contacts)s::uuid[],
        %(conversations)s::uuid[], %(lines)s::uuid[], %(stores)s::uuid[], %(authors)s::uuid[],
        %(reasons)s::text[], %(details)s::text[], %(held)s::boolean[], %(by)s::uuid[]) as f (id,
        text_id, contact_id, conversation_id, line_id, store_id, author_id, reasons, detail, held,
        flagged_by)
    returning id, line_id
)
insert into flags_open (group_id, flag_id, line_id, flagged_at)
select %(group_id)s, id, line_id, %(at)s from kept

-- name: queue
-- What waits for whoever looks, the oldest first. Nobody judges what they wrote, but the owner may;
-- what was escalated is the owner's. A held text that was taken back waits for nobody.
select f.id, f.text_id, f.contact_id, f.conversation_id, f.line_id, f.store_id, f.author_id,
    f.reasons, f.detail, f.held, f.flagged_by, f.flagged_at, o.escalated_at,
    t.body_ct, t.direction, t.state, t.created_at,
    c.name_ct, c.number_ct, c.key_wrapped, c.erased_at,
    a.name_ct as author_ct, b.name_ct as by_ct
from flags_open o
join flags f on f.group_id = o.group_id and f.id = o.flag_id
join texts t on t.group_id = f.group_id and t.id = f.text_id
join contacts c on c.group_id = f.group_id and c.id = f.contact_id
left join members a on a.group_id = f.group_id and a.id = f.author_id
left join members b on b.group_id = f.group_id and b.id = f.flagged_by
where o.group_id = %(group_id)s and o.line_id = any(%(line_ids)s::uuid[])
    and (%(owner)s or (o.escalated_at is null and f.author_id is distinct from %(member_id)s))
    and (not f.held or t.state = 'held')
order by o.flagged_at, o.flag_id limit %(limit)s

-- name: count
-- How many wait for whoever looks (a hundred is many), and since when the oldest has.
select count(*) as waiting, min(q.flagged_at) as oldest
from (
    select o.flagged_at from flags_open o
    join flags f on f.group_id = o.group_id and f.id = o.flag_id
    join texts t on t.group_id = f.group_id and t.id = f.text_id
    where o.group_id = %(group_id)s and o.line_id = any(%(line_ids)s::uuid[])
        and (%(owner)s or (o.escalated_at is null and f.author_id is distinct from %(member_id)s))
        and (not f.held or t.state = 'held')
    order by o.flagged_at limit 100
) q

-- name: one
-- One that waits, within reach; takes no lock.
select f.id, f.text_id, f.contact_id, f.conversation_id, f.line_id, f.store_id, f.author_id,
    f.reasons, f.detail, f.held, f.flagged_by, f.flagged_at, o.escalated_at,
    m.role as author_role, m.id is not null as by_member, b.name_ct as by_ct
from flags_open o
join flags f on f.group_id = o.group_id and f.id = o.flag_id
left join members m on m.group_id = f.group_id and m.id = f.author_id
left join members b on b.group_id = f.group_id and b.id = f.flagged_by
where o.group_id = %(group_id)s and o.flag_id = %(id)s and o.line_id = any(%(line_ids)s::uuid[])

-- name: close
-- It leaves the queue, once.
delete from flags_open where group_id = %(group_id)s and flag_id = %(id)s

-- name: escalate
-- It stays in the queue, as the owner's.
update flags_open set escalated_by = %(by)s, escalated_at = %(at)s
where group_id = %(group_id)s and flag_id = %(id)s and escalated_at is null

-- name: judged
-- What a manager made of it.
insert into flag_reviews (group_id, id, flag_id, outcome, said_ct, rule, reviewed_by, reviewed_at)
values (%(group_id)s, %(id)s, %(flag_id)s, %(outcome)s, %(said_ct)s, %(rule)s, %(by)s, %(at)s)

-- name: sweep
-- Held texts that were taken back or stopped meanwhile need nobody.
with gone as (
    delete from flags_open
    where group_id = %(group_id)s and flag_id in (
        select o.flag_id from flags_open o
        join flags f on f.group_id = o.group_id and f.id = o.flag_id and f.held
        join texts t on t.group_id = f.group_id and t.id = f.text_id and t.state <> 'held'
        where o.group_id = %(group_id)s
        for update of o skip locked
    )
    returning flag_id
)
insert into flag_reviews (group_id, id, flag_id, outcome, reviewed_at)
select %(group_id)s, flag_id, flag_id, 'withdrawn', %(at)s from gone
on conflict do nothing

-- name: last
-- Who judged last within reach, and when.
select r.reviewed_at, r.reviewed_by, m.name_ct
from flag_reviews r
join flags f on f.group_id = r.group_id and f.id = r.flag_id
join members m on m.group_id = r.group_id and m.id = r.reviewed_by
where r.group_id = %(group_id)s and f.line_id = any(%(line_ids)s::uuid[])
order by r.reviewed_at desc limit 1

-- name: around
-- Two texts before and two after, as far as the viewer may see them.
(
    select t.id, t.direction, t.sender, t.author_id, t.body_ct, t.state, t.created_at, m.name_ct
    from texts t left join members m on m.group_id = t.group_id and m.id = t.author_id
    where t.group_id = %(group_id)s and t.conversation_id = %(conversation_id)s
        and t.id <= %(text_id)s
    order by t.id desc limit 3
)
union all
(
    select t.id, t.direction, t.sender, t.author_id, t.body_ct, t.state, t.created_at, m.name_ct
    from texts t left join members m on m.group_id = t.group_id and m.id = t.author_id
    where t.group_id = %(group_id)s and t.conversation_id = %(conversation_id)s
        and t.id > %(text_id)s
    order by t.id limit 2
)
order by id

-- name: sender
-- What a member's texts of some days came to: their tries, and what was made of their flags.
select
    count(*) filter (where t.state not in ('blocked', 'cancelled', 'held')) as sent,
    count(*) filter (where t.state = 'held') as held,
    count(*) filter (where t.state = 'blocked') as blocked,
    (
        select count(*) from flags f
        where f.group_id = %(group_id)s and f.author_id = %(member_id)s
            and f.flagged_at > %(since)s
    ) as flags,
    (
        select count(*) from flags f
        join flag_reviews r on r.group_id = f.group_id and r.flag_id = f.id
        where f.group_id = %(group_id)s and f.author_id = %(member_id)s
            and f.flagged_at > %(since)s and r.outcome in ('coached', 'refused')
    ) as coached
from texts t
join conversations v on v.group_id = t.group_id and v.id = t.conversation_id
where t.group_id = %(group_id)s and t.author_id = %(member_id)s and t.created_at > %(since)s

-- name: of_text
-- Whether a text waits for a manager already.
select o.flag_id from flags f
join flags_open o on o.group_id = f.group_id and o.flag_id = f.id
where f.group_id = %(group_id)s and f.text_id = %(text_id)s limit 1

-- name: reasons_of
-- The reason that was given for an escalation, for whoever judges next.
select r.id, r.outcome, r.said_ct, r.reviewed_at, m.name_ct, r.reviewed_by
from flag_reviews r
left join members m on m.group_id = r.group_id and m.id = r.reviewed_by
where r.group_id = %(group_id)s and r.flag_id = %(flag_id)s
order by r.reviewed_at

-- name: revealed_text
-- A text within reach, to be shown as it was written.
select t.id, t.contact_id, t.conversation_id, t.line_id, t.direction, t.body_ct, t.created_at,
    c.name_ct, c.number_ct, c.key_wrapped, c.erased_at
from texts t
join contacts c on c.group_id = t.group_id and c.id = t.contact_id
where t.group_id = %(group_id)s and t.id = %(text_id)s and t.line_id = any(%(line_ids)s::uuid[])

-- name: stop_texting
-- From now on the member sends nothing. Once is enough.
insert into texting_stops (group_id, id, member_id, flag_id, stopped_by, stopped_at)
values (%(group_id)s, %(id)s, %(member_id)s, %(flag_id)s, %(by)s, %(at)s)
on conflict do nothing

-- name: lift_stop
-- They may text again.
update texting_stops set lifted_by = %(by)s, lifted_at = %(at)s
where group_id = %(group_id)s and member_id = %(member_id)s and lifted_at is null

-- name: stop_of
-- Whether a member's texting is stopped, by whom; why stands in the review of a flag, else in the act.
select s.stopped_at, m.name_ct, m.id, r.id as review_id, r.said_ct, f.contact_id, c.key_wrapped,
    c.erased_at, a.id as act_id, a.detail ->> 'sealed' as sealed
from texting_stops s
left join members m on m.group_id = s.group_id and m.id = s.stopped_by
left join flags f on f.group_id = s.group_id and f.id = s.flag_id
left join contacts c on c.group_id = f.group_id and c.id = f.contact_id
left join lateral (
    select r.id, r.said_ct from flag_reviews r
    where r.group_id = s.group_id and r.flag_id = s.flag_id and r.outcome = 'stopped'
    order by r.id desc limit 1
) r on true
left join lateral (
    select a.id, a.detail from access_acts a
    where a.group_id = s.group_id and a.about_id = s.member_id and a.what = 'texting_stopped'
        and a.detail ->> 'stop' = s.id::text
    order by a.id desc limit 1
) a on true
where s.group_id = %(group_id)s and s.member_id = %(member_id)s and s.lifted_at is null

-- name: record_refresher
-- Three questions for whoever was coached.
insert into refreshers (group_id, id, member_id, course, questions, asked_at)
values (%(group_id)s, %(id)s, %(member_id)s, %(course)s, %(questions)s, %(at)s)

-- name: notes
-- What coaches wrote to a member, the newest first, and how far the questions are.
select x.id, x.questions, x.asked_at, r.said_ct, r.rule, f.text_id, f.reasons, f.detail,
    f.contact_id, t.body_ct, t.created_at, c.key_wrapped, c.erased_at,
    m.name_ct as by_ct, m.id as by_id,
    (
        select coalesce(jsonb_object_agg(a.question, jsonb_build_array(a.choice, a.is_right)), '{}')
        from refresher_answers a where a.group_id = x.group_id and a.refresher_id = x.id
    ) as answers
from refreshers x
join flag_reviews r on r.group_id = x.group_id and r.id = x.id
join flags f on f.group_id = r.group_id and f.id = r.flag_id
join texts t on t.group_id = f.group_id and t.id = f.text_id
join contacts c on c.group_id = f.group_id and c.id = f.contact_id
left join members m on m.group_id = r.group_id and m.id = r.reviewed_by
where x.group_id = %(group_id)s and x.member_id = %(member_id)s
order by x.asked_at desc limit %(limit)s

-- name: open_notes
-- How many of these have questions without an answer.
select count(*) as waiting from refreshers x
where x.group_id = %(group_id)s and x.member_id = %(member_id)s and cardinality(x.questions) > (
    select count(*) from refresher_answers a
    where a.group_id = x.group_id and a.refresher_id = x.id
)

-- name: answer
-- The first answer counts.
insert into refresher_answers (group_id, refresher_id, question, choice, is_right, answered_at)
values (%(group_id)s, %(id)s, %(question)s, %(choice)s, %(is_right)s, %(at)s)
on conflict do nothing
