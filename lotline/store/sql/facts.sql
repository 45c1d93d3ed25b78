-- name: by_key
-- What follows in this transaction is looked up by keys: planned once, whatever is asked, and by its
-- indexes, however small a table was when the plan was made.
select set_config('plan_cache_mode', 'force_generic_plan', true) as planned,
    set_config('enable_seqscan', 'off', true) as looked_up

-- name: load
-- All that the gate is told about many texts at once, read in one statement and so at one instant.
select
    a.n,
    a.contact_id,
    a.line_id,
    a.author_id,
    c.states, c.zones, c.place_source, c.number_kind, c.reassigned, c.bought_on, c.asked_on,
    c.key_wrapped is null as erased,
    l.kind as line_kind, l.registration, l.store_id,
    exists (
        select from line_pauses p
        where p.group_id = %(group_id)s and p.line_id = a.line_id and p.resumed_at is null
    ) as paused,
    v.last_in_at,
    v.first_out_at,
    exists (
        select from texts t
        where t.group_id = %(group_id)s and t.contact_id = a.contact_id
            and t.conversation_id = v.id and t.direction = 'out'
            and t.handed_at >= v.last_in_at and t.id is distinct from a.text_id
    ) as answered,
    coalesce((
        select jsonb_agg(jsonb_build_array(e.id, e.says, e.scope, e.kind, e.source, e.line_id,
            e.corrects, e.seller_named, e.said_at, e.heard_at, e.how) order by e.said_at, e.id)
        from consent_entries e
        where e.group_id = %(group_id)s and e.contact_id = a.contact_id
    ), '[]'::jsonb) as entries,
    array(
        select t.handed_at from texts t
        where t.group_id = %(group_id)s and t.contact_id = a.contact_id and t.purpose = 'offer'
            and t.handed_at > a.at - interval '24 hours' and t.id is distinct from a.text_id
        order by t.handed_at
    ) as offers_24h,
    (
        select max(greatest(t.created_at, t.handed_at)) from texts t
        where t.group_id = %(group_id)s and t.contact_id = a.contact_id
            and t.purpose = 'stop_confirmation' and t.state not in ('blocked', 'cancelled')
            and t.id is distinct from a.text_id
    ) as confirmed_at,
    l_.lists,
    l_.state_listed, l_.national_listed, l_.litigator, l_.moved, l_.moved_on,
    m.role,
    coalesce(w.revoked_at <= a.at or w.expires_at <= a.at, false) as program_ended,
    w.id is null or ('texts:write' = any(w.scopes)
        and (w.whole_group or l.id = any(w.line_ids) or l.store_id = any(w.store_ids)))
        as program_reaches,
    g.settings,
    exists (
        select from suspensions s
        where s.group_id = %(group_id)s and s.member_id = m.id and s.lifted_at is null
    ) as suspended,
    exists (
        select from texting_stops x
        where x.group_id = %(group_id)s and x.member_id = m.id and x.lifted_at is null
    ) as stopped,
    exists (
        select from member_reach r
        where r.group_id = %(group_id)s and r.member_id = m.id
            and (r.line_id = a.line_id or (r.line_id is null and r.store_id = l.store_id))
    ) as reaches,
    (
        select max(s.version) from policy_signatures s
        where s.group_id = %(group_id)s and s.member_id = m.id
    ) as signed_version,
    (
        select max(p.version) from policies p
        where p.group_id = %(group_id)s and p.adopted_at <= a.at
    ) as policy_version,
    (
        select p.sign_by from policies p
        where p.group_id = %(group_id)s and p.adopted_at <= a.at order by p.version desc limit 1
    ) as sign_by,
    exists (
        select from training_passes t
        where t.group_id = %(group_id)s and t.member_id = m.id and t.valid_until > a.at
    ) as trained
from unnest(%(contacts)s::uuid[], %(lines)s::uuid[], %(members)s::uuid[], %(texts)s::uuid[],
    %(ats)s::timestamptz[]) with ordinality as a (contact_id, line_id, author_id, text_id, at, n)
join contacts c on c.group_id = %(group_id)s and c.id = a.contact_id
join lines l on l.group_id = %(group_id)s and l.id = a.line_id
left join conversations v
    on v.group_id = %(group_id)s and v.contact_id = a.contact_id and v.line_id = a.line_id
cross join (select settings from groups where id = %(group_id)s) g
cross join lateral (
    -- The copy in force of each list that may speak of this number, and whether the number is on it.
    -- A copy whose hashes are of another look-up key than the contact's can't be asked: a day before
    -- all days makes it too old, until it is imported again.
    select
        coalesce(jsonb_agg(jsonb_build_array(i.kind, i.region, case
            when i.hash_version = get_byte(c.number_hash, 0) then i.as_of else date '0001-01-01' end
        ) order by i.kind, i.region), '[]'::jsonb) as lists,
        coalesce(bool_or(n.number_hash is not null and i.kind = 'national_dnc'), false)
            as national_listed,
        coalesce(bool_or(n.number_hash is not null and i.kind = 'state_dnc'), false) as state_listed,
        coalesce(bool_or(n.number_hash is not null and i.kind = 'litigators'), false) as litigator,
        coalesce(bool_or(n.number_hash is not null and i.kind = 'reassigned'), false) as moved,
        max(n.since) filter (where i.kind = 'reassigned') as moved_on
    from (
        select distinct on (kind, region) id, kind, region, as_of, hash_version
        from list_imports
        where group_id = %(group_id)s and (region = '' or region = any (c.states))
        order by kind, region, as_of desc, imported_at desc
    ) i
    left join list_numbers n
        on n.group_id = %(group_id)s and n.import_id = i.id and n.number_hash = c.number_hash
) l_
-- A program's texts are answered for by a member: what they may not, it may not.
left join programs w on w.group_id = %(group_id)s and w.id = a.author_id
left join members m on m.group_id = %(group_id)s and m.id = coalesce(w.member_id, a.author_id)
order by a.n
