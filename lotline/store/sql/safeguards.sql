-- name: facts
-- What is on record that the Safeguards Rule asks about: counts and instants, nobody's name.
with people as (
    select m.id, m.role, s.account_id from members m
    left join seats s on s.group_id = m.group_id and s.member_id = m.id
    where m.group_id = %(group_id)s
        and not exists (select from leavings l where l.group_id = m.group_id and l.member_id = m.id)
        and not exists (select from suspensions u where u.group_id = m.group_id
            and u.member_id = m.id and u.lifted_at is null)
), policy as (
    select p.version, p.adopted_at from policies p
    where p.group_id = %(group_id)s and p.adopted_at <= %(now)s order by p.version desc limit 1
)
select
    (select count(*) from people) as members,
    (select count(*) from people where role = 'owner') as owners,
    (select count(*) from people where role in ('owner', 'manager')) as leads,
    (select count(*) from people p where exists (
        select from mfa_authenticator a where a.user_id = p.account_id
            and a.type in ('totp', 'webauthn'))) as with_factor,
    (select count(*) from people p where p.role in ('owner', 'manager') and exists (
        select from mfa_authenticator a where a.user_id = p.account_id
            and a.type in ('totp', 'webauthn'))) as leads_with_factor,
    (select count(*) from devices d where d.group_id = %(group_id)s and d.ended_at is null)
        as devices,
    (select count(*) from devices d where d.group_id = %(group_id)s
        and d.ended_at >= %(since)s) as devices_ended,
    (select count(*) from leavings l where l.group_id = %(group_id)s and l.left_at >= %(since)s)
        as leavers,
    (select count(*) from suspensions u where u.group_id = %(group_id)s
        and u.suspended_at >= %(since)s) as suspensions,
    (select max(r.signed_at) from access_reviews r where r.group_id = %(group_id)s) as reviewed_at,
    (select max(r.due_at) from access_reviews r where r.group_id = %(group_id)s) as review_due,
    (select count(*) from lines l where l.group_id = %(group_id)s) as lines,
    (select count(*) from contacts c where c.group_id = %(group_id)s and c.key_wrapped is not null)
        as customers,
    (select count(*) from contacts c where c.group_id = %(group_id)s and c.erased_at is not null)
        as erased,
    (select coalesce(sum(r.retired), 0)::bigint from retention_runs r
        where r.group_id = %(group_id)s and r.ran_at >= %(since)s) as retired,
    (select max(r.ran_at) from retention_runs r where r.group_id = %(group_id)s) as retired_at,
    (select count(*) from legal_holds h where h.group_id = %(group_id)s and not exists (
        select from legal_hold_lifts l where l.group_id = h.group_id and l.hold_id = h.id))
        as holds,
    (select version from policy) as policy_version,
    (select adopted_at from policy) as policy_at,
    (select count(*) from people p where exists (
        select from policy_signatures s where s.group_id = %(group_id)s and s.member_id = p.id
            and s.version = (select version from policy))) as signed,
    (select count(*) from people p where exists (
        select from training_passes t where t.group_id = %(group_id)s and t.member_id = p.id
            and t.valid_until > %(now)s)) as trained,
    (select count(*) from ledger_places p where p.group_id = %(group_id)s) as entries,
    (select count(*) from access_acts a where a.group_id = %(group_id)s
        and a.happened_at >= %(since)s) as acts,
    (select count(*) from access_acts a where a.group_id = %(group_id)s
        and a.happened_at >= %(since)s and a.what in ('settings', 'rules_set', 'retention_chosen',
            'policy_adopted', 'rights', 'carrier_connected', 'wording', 'export_scheduled'))
        as changes,
    (select count(*) from ledger_checks c where c.group_id = %(group_id)s
        and c.checked_at >= %(since)s) as checks,
    (select count(*) from ledger_checks c where c.group_id = %(group_id)s
        and c.checked_at >= %(since)s and c.faults > 0) as checks_failed,
    (select max(c.checked_at) from ledger_checks c where c.group_id = %(group_id)s) as checked_at,
    (select count(*) from carrier_accounts c where c.group_id = %(group_id)s) as carriers,
    (select count(*) from access_acts a where a.group_id = %(group_id)s
        and a.what = 'device_ended' and a.detail ->> 'why' = 'lost'
        and a.happened_at >= %(since)s) as lost_phones,
    (select count(*) from turned_away t where t.group_id = %(group_id)s
        and t.arrived_at >= %(since)s) as turned_away
