-- name: record
-- The gate's words on texts, with all that they were made from.
insert into decisions (group_id, id, text_id, contact_id, stage, verdict, binding_rule, findings,
    without_offer, facts, rulebook, hold_until, decided_at)
select %(group_id)s, d.id, d.text_id, d.contact_id, d.stage, d.verdict, d.rule, d.findings::jsonb,
    d.without_offer, d.facts::jsonb, d.rulebook, d.hold_until, d.decided_at
from unnest(%(ids)s::uuid[], %(texts)s::uuid[], %(contacts)s::uuid[], %(stages)s::text[],
    %(verdicts)s::text[], %(rules)s::text[], %(findings)s::text[], %(without_offer)s::text[],
    %(facts)s::text[],    %(rulebooks)s::text[], %(holds)s::timestamptz[], %(ats)s::timestamptz[]) as d (id, text_id,
    contact_id, stage, verdict, rule, findings, without_offer, facts, rulebook, hold_until,
    decided_at)

-- name: newest
-- The last word on each text.
select distinct on (text_id) id, text_id, stage, verdict, findings, without_offer, facts, rulebook,
    hold_until, decided_at
from decisions where group_id = %(group_id)s and text_id = any(%(ids)s::uuid[])
order by text_id, id desc

-- name: newest_marked
-- What was found in the words of each text, as its last decision was told it.
select distinct on (text_id) text_id, facts -> 'marks' as marks, facts -> 'courtesy' as courtesy,
    facts ->> 'rest' as rest, (facts ->> 'stop_heard_at')::timestamptz as stop_heard_at
from decisions where group_id = %(group_id)s and text_id = any(%(ids)s::uuid[])
order by text_id, id desc

-- name: since
-- Every stored decision from a day on, to be made again and compared.
select id, text_id, stage, verdict, findings, without_offer, facts, rulebook, hold_until, decided_at
from decisions
where group_id = %(group_id)s and decided_at >= %(since)s and id > %(after)s
order by id limit %(limit)s
