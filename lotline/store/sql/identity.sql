-- name: door
-- Whose provider it is, asked before any tenant is known.
select group_id, provider_id from provider_doors where provider_id = %(provider_id)s

-- name: any_door
-- Whether there is one at all.
select exists (select from provider_doors) as any

-- name: open_door
-- From now on people sign in by it.
insert into provider_doors (provider_id, group_id) values (%(provider_id)s, %(of_group)s)
on conflict (provider_id) do nothing

-- name: close_door
-- And no more.
delete from provider_doors where provider_id = %(provider_id)s and group_id = %(of_group)s

-- name: provider
-- The company's provider, if it has one.
select p.id, p.name_ct, p.heir, p.heir_id, p.way_ct, p.sign_in, p.required, p.made_at
from identity_providers p where p.group_id = %(group_id)s

-- name: record_provider
-- The company has one from now on.
insert into identity_providers (group_id, id, name_ct, heir, made_at)
values (%(group_id)s, %(id)s, %(name_ct)s, 'nobody', %(at)s)

-- name: set_provider
-- What it is called, and who takes what a leaver had open.
update identity_providers set name_ct = %(name_ct)s, heir = %(heir)s, heir_id = %(heir_id)s
where group_id = %(group_id)s and id = %(id)s

-- name: set_way
-- How people sign in through it, and for whom that is the only way.
update identity_providers
set way_ct = %(way_ct)s, sign_in = %(sign_in)s, required = %(required)s
where group_id = %(group_id)s and id = %(id)s

-- name: reach
-- All that there is: a provider acts for the whole company.
select g.name_ct as company_ct, g.settings,
    array(select l.id from lines l where l.group_id = %(group_id)s) as line_ids,
    array(select s.id from stores s where s.group_id = %(group_id)s) as store_ids
from groups g where g.id = %(group_id)s

-- name: known_by
-- Who the provider speaks of: by its own name for them, or by an address that it gave us.
select i.id, i.member_id, i.active, i.person_ct
from identities i
where i.group_id = %(group_id)s and i.removed_at is null
    and (
        i.external_hash = any(%(external_hashes)s::bytea[])
        or i.email_hashes && %(email_hashes)s::bytea[]
    )
order by i.external_hash = any(%(external_hashes)s::bytea[]) desc nulls last, i.id

-- name: sits
-- A member as sign-in must know them: their role, and whether they are still here.
select m.id, m.role,
    exists (
        select from suspensions s
        where s.group_id = m.group_id and s.member_id = m.id and s.lifted_at is null
    ) as suspended,
    exists (
        select from leavings l where l.group_id = m.group_id and l.member_id = m.id
    ) as gone,
    s.account_id
from members m
left join seats s on s.group_id = m.group_id and s.member_id = m.id
where m.group_id = %(group_id)s and m.id = %(member_id)s

-- name: move_seat
-- An account sits as another member of the same company: somebody who came back.
update seats set member_id = %(member_id)s
where group_id = %(group_id)s and account_id = %(account_id)s

-- name: by_member
-- Whom the provider told us of, as members.
select i.id, i.member_id, i.person_ct from identities i
where i.group_id = %(group_id)s and i.member_id = %(member_id)s and i.removed_at is null
