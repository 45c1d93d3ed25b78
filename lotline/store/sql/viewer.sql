-- name: seat
-- Where an account sits, asked before any tenant is known.
select group_id, member_id from seats where account_id = %(account_id)s

-- name: load
-- One signed-in device of one member, and what they may reach. A member's reach is their stores
-- with all lines, and lines one by one; owners and auditors reach the whole group.
select
    m.id as member_id, m.name_ct, m.role, m.hue, m.settings, m.created_at,
    g.name_ct as company_ct, g.settings as group_settings,
    d.id as device_id, d.locked_at, d.seen_at, d.tablet_id, d.by_pin,
    (
        select array_agg(r.name) from member_rights r
        where r.group_id = m.group_id and r.member_id = m.id and r.given
    ) as given,
    (
        select array_agg(r.name) from member_rights r
        where r.group_id = m.group_id and r.member_id = m.id and not r.given
    ) as taken,
    coalesce(%(now)s, now()) as at,
    case when m.role in ('owner', 'auditor')
        then (select array_agg(s.id) from stores s where s.group_id = m.group_id)
        else (
            select array_agg(distinct r.store_id) from member_reach r
            where r.group_id = m.group_id and r.member_id = m.id and r.line_id is null
        )
    end as store_ids,
    case when m.role in ('owner', 'auditor')
        then (select array_agg(l.id) from lines l where l.group_id = m.group_id)
        else (
            select array_agg(distinct l.id)
            from member_reach r
            join lines l on l.group_id = r.group_id
                and (l.id = r.line_id or (r.line_id is null and l.store_id = r.store_id))
            where r.group_id = m.group_id and r.member_id = m.id
        )
    end as line_ids,
    exists (
        select from suspensions s
        where s.group_id = m.group_id and s.member_id = m.id and s.lifted_at is null
    ) as suspended,
    p.version as policy_version, p.sign_by,
    (
        select max(s.version) from policy_signatures s
        where s.group_id = m.group_id and s.member_id = m.id
    ) as signed_version,
    (
        select max(t.valid_until) from training_passes t
        where t.group_id = m.group_id and t.member_id = m.id
    ) as trained_until
from devices d
join members m on m.group_id = d.group_id and m.id = d.member_id
join groups g on g.id = d.group_id
left join tablets t on t.group_id = d.group_id and t.id = d.tablet_id
left join lateral (
    select p.version, p.sign_by from policies p
    where p.group_id = d.group_id and p.adopted_at <= coalesce(%(now)s, now())
    order by p.version desc limit 1
) p on true
where d.group_id = %(group_id)s and d.session_hash = any(%(session_hashes)s::bytea[])
    and d.member_id = %(member_id)s and d.ended_at is null and t.ended_at is null
