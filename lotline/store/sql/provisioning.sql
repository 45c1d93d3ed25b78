-- name: door
-- Whose a token is, asked before any tenant is known.
select group_id, token_id from provisioning_doors where token_hash = %(token_hash)s

-- name: record_door
-- Where a token's calls go.
insert into provisioning_doors (token_hash, group_id, token_id)
values (%(token_hash)s, %(of_group)s, %(token_id)s)

-- name: record_token
-- A token that opens provisioning from now on.
insert into provisioning_tokens (group_id, id, provider_id, token_hash, token_end, made_by, made_at,
    level, filled_at)
values (%(group_id)s, %(id)s, %(provider_id)s, %(token_hash)s, %(token_end)s, %(made_by)s, %(at)s,
    %(level)s, %(at)s)

-- name: tokens
-- Every token, the newest first.
select t.id, t.token_end, t.made_by, t.made_at, t.ends_at, t.used_at, m.name_ct
from provisioning_tokens t
join members m on m.group_id = t.group_id and m.id = t.made_by
where t.group_id = %(group_id)s
order by t.id desc

-- name: end_tokens
-- These open nothing from an instant on: this one, or all that were made before it.
update provisioning_tokens set ends_at = %(at)s
where group_id = %(group_id)s and (id = %(id)s or id <> all(%(but)s::uuid[]))
    and (ends_at is null or ends_at > %(at)s)

-- name: lock_token
-- A token and its bucket, held while a call is paid for.
select t.id, t.ends_at, t.level, t.filled_at from provisioning_tokens t
where t.group_id = %(group_id)s and t.id = %(id)s
for no key update of t

-- name: use_token
-- It was used; what is left in its bucket.
update provisioning_tokens set level = %(level)s, filled_at = %(at)s, used_at = %(at)s
where group_id = %(group_id)s and id = %(id)s

-- name: record_call
-- What a call asked for, and how it was answered.
insert into provisioning_calls (group_id, id, token_id, method, place, status, address_ct, called_at)
values (%(group_id)s, %(id)s, %(token_id)s, %(method)s, %(place)s, %(status)s, %(address_ct)s, %(at)s)

-- name: calls
-- The newest calls, before a place.
select c.id, c.method, c.place, c.status, c.address_ct, c.called_at, t.token_end
from provisioning_calls c
join provisioning_tokens t on t.group_id = c.group_id and t.id = c.token_id
where c.group_id = %(group_id)s and c.id < %(before)s
order by c.id desc limit %(limit)s

-- name: prune_calls
-- Calls that are too old to ask about.
delete from provisioning_calls where group_id = %(group_id)s and called_at < %(before)s

-- name: people
-- Whom the provider told us of: all, these, or by a user name or its own id for them. Whoever was
-- let go here by hand is not active, whatever the provider last said.
select i.id, i.member_id, i.active and l.id is null as active, i.by_groups, i.person_ct, i.version,
    i.made_at, i.changed_at, m.role
from identities i
left join leavings l on l.group_id = i.group_id and l.member_id = i.member_id
left join members m on m.group_id = i.group_id and m.id = i.member_id
where i.group_id = %(group_id)s and i.removed_at is null
    and (%(ids)s::uuid[] is null or i.id = any(%(ids)s))
    and (%(user_name_hashes)s::bytea[] is null or i.user_name_hash = any(%(user_name_hashes)s))
    and (%(external_hashes)s::bytea[] is null or i.external_hash = any(%(external_hashes)s))
order by i.id limit %(limit)s

-- name: lock_person
-- One of them, held.
select i.id, i.member_id, i.active, i.by_groups, i.person_ct, i.version from identities i
where i.group_id = %(group_id)s and i.id = %(id)s and i.removed_at is null
for no key update of i

-- name: record_person
-- The provider told us of somebody.
insert into identities (group_id, id, provider_id, active, person_ct, user_name_hash, external_hash,
    email_hashes, made_at, changed_at)
values (%(group_id)s, %(id)s, %(provider_id)s, false, %(person_ct)s, %(user_name_hash)s,
    %(external_hash)s, %(email_hashes)s::bytea[], %(at)s, %(at)s)

-- name: set_person
-- They are described anew.
update identities set person_ct = %(person_ct)s, user_name_hash = %(user_name_hash)s,
    external_hash = %(external_hash)s, email_hashes = %(email_hashes)s::bytea[],
    version = version + 1, changed_at = %(at)s
where group_id = %(group_id)s and id = %(id)s

-- name: set_member
-- Who they are here, and whether they work here now.
update identities set member_id = %(member_id)s, active = %(active)s
where group_id = %(group_id)s and id = %(id)s

-- name: set_by_groups
-- Whether their role and stores come from the provider's groups.
update identities set by_groups = %(by_groups)s
where group_id = %(group_id)s and id = %(id)s

-- name: remove_person
-- The provider forgot them, and so did we; what they did stays.
update identities set removed_at = %(at)s, active = false, changed_at = %(at)s, version = version + 1
where group_id = %(group_id)s and id = %(id)s

-- name: taken_member
-- Whether a member is somebody at the provider already.
select i.id from identities i
where i.group_id = %(group_id)s and i.member_id = %(member_id)s and i.removed_at is null

-- name: groups
-- The provider's groups, with who is in them.
select g.id, g.words_ct, g.version, g.role, g.store_ids, g.made_at, g.changed_at,
    array(
        select p.identity_id from provider_group_people p
        where p.group_id = g.group_id and p.provider_group_id = g.id
        order by p.identity_id
    ) as people
from provider_groups g
where g.group_id = %(group_id)s and g.removed_at is null
    and (%(ids)s::uuid[] is null or g.id = any(%(ids)s))
order by g.id limit %(limit)s

-- name: record_group
-- The provider has a group.
insert into provider_groups (group_id, id, provider_id, words_ct, made_at, changed_at)
values (%(group_id)s, %(id)s, %(provider_id)s, %(words_ct)s, %(at)s, %(at)s)

-- name: set_group
-- It is called otherwise, or has others in it.
update provider_groups set words_ct = %(words_ct)s, version = version + 1, changed_at = %(at)s
where group_id = %(group_id)s and id = %(id)s and removed_at is null

-- name: map_group
-- What it means here.
update provider_groups set role = %(role)s, store_ids = %(store_ids)s::uuid[], changed_at = %(at)s,
    version = version + 1
where group_id = %(group_id)s and id = %(id)s and removed_at is null

-- name: remove_group
-- The provider has it no more.
update provider_groups set removed_at = %(at)s, changed_at = %(at)s
where group_id = %(group_id)s and id = %(id)s

-- name: clear_group_people
-- Nobody is in it; who is to stay is recorded anew.
delete from provider_group_people
where group_id = %(group_id)s and provider_group_id = %(provider_group_id)s

-- name: record_group_people
-- These are in it, where the provider told us of them.
insert into provider_group_people (group_id, provider_group_id, identity_id)
select %(group_id)s, %(provider_group_id)s, i.id from identities i
where i.group_id = %(group_id)s and i.id = any(%(ids)s::uuid[]) and i.removed_at is null

-- name: forget_person_in_groups
-- They are in no group.
delete from provider_group_people where group_id = %(group_id)s and identity_id = %(identity_id)s

-- name: meanings
-- What the groups mean that they are in.
select g.role, g.store_ids from provider_group_people p
join provider_groups g on g.group_id = p.group_id and g.id = p.provider_group_id
where p.group_id = %(group_id)s and p.identity_id = %(identity_id)s and g.removed_at is null

-- name: groups_of
-- Which groups each of these is in.
select p.identity_id, p.provider_group_id from provider_group_people p
join provider_groups g on g.group_id = p.group_id and g.id = p.provider_group_id
where p.group_id = %(group_id)s and p.identity_id = any(%(ids)s::uuid[]) and g.removed_at is null
order by p.provider_group_id
