-- name: door
-- Whose a token is, asked before any tenant is known.
select group_id, program_id from program_doors where token_hash = %(token_hash)s

-- name: record_door
-- Where a token's calls go.
insert into program_doors (token_hash, group_id, program_id)
values (%(token_hash)s, %(of_group)s, %(program_id)s)

-- name: record
-- A program that may text from now on.
insert into programs (group_id, id, member_id, name_ct, token_hash, token_end, scopes, whole_group,
    store_ids, line_ids, per_minute, addresses, made_at, expires_at)
values (%(group_id)s, %(id)s, %(member_id)s, %(name_ct)s, %(token_hash)s, %(token_end)s,
    %(scopes)s::text[], %(whole_group)s, %(store_ids)s::uuid[], %(line_ids)s::uuid[],
    %(per_minute)s, %(addresses)s::text[], %(at)s, %(expires_at)s)

-- name: record_bucket
-- Its bucket, full.
insert into program_uses (group_id, program_id, level, filled_at)
values (%(group_id)s, %(program_id)s, %(level)s, %(at)s)

-- name: load
-- Programs as they may act at this moment: their scopes, and what is in reach of them and of the
-- member who answers for each.
select w.id, w.member_id, w.name_ct, w.scopes, w.per_minute, w.addresses, w.expires_at, w.revoked_at,
    m.role, g.name_ct as company_ct, g.settings as group_settings,
    exists (
        select from suspensions s
        where s.group_id = w.group_id and s.member_id = w.member_id and s.lifted_at is null
    ) as suspended,
    array(
        select l.id from lines l
        where l.group_id = w.group_id
            and (w.whole_group or l.id = any(w.line_ids) or l.store_id = any(w.store_ids))
            and (m.role in ('owner', 'auditor') or exists (
                select from member_reach r
                where r.group_id = w.group_id and r.member_id = w.member_id
                    and (r.line_id = l.id or (r.line_id is null and r.store_id = l.store_id))
            ))
    ) as line_ids,
    array(
        select s.id from stores s
        where s.group_id = w.group_id and (w.whole_group or s.id = any(w.store_ids))
            and (m.role in ('owner', 'auditor') or exists (
                select from member_reach r
                where r.group_id = w.group_id and r.member_id = w.member_id
                    and r.line_id is null and r.store_id = s.id
            ))
    ) as store_ids
from programs w
join members m on m.group_id = w.group_id and m.id = w.member_id
join groups g on g.id = w.group_id
where w.group_id = %(group_id)s and w.id = any(%(ids)s::uuid[])

-- name: list
-- Every program of the company, the newest first.
select w.id, w.member_id, w.name_ct, w.token_end, w.scopes, w.whole_group, w.store_ids, w.line_ids,
    w.per_minute, w.addresses, w.made_at, w.expires_at, w.revoked_at, m.name_ct as member_ct,
    u.used_at
from programs w
join members m on m.group_id = w.group_id and m.id = w.member_id
left join program_uses u on u.group_id = w.group_id and u.program_id = w.id
where w.group_id = %(group_id)s
order by w.revoked_at is not null, w.id desc

-- name: names
-- What programs are called, where one of them is the author.
select id, name_ct from programs where group_id = %(group_id)s and id = any(%(ids)s::uuid[])

-- name: revoke
-- Its token opens nothing from here on.
update programs set revoked_at = %(at)s, revoked_by = %(member_id)s
where group_id = %(group_id)s and id = %(id)s and revoked_at is null

-- name: lock_use
-- A program's bucket, under lock, and what fills it.
select u.level, u.filled_at, u.used_at, w.per_minute from program_uses u
join programs w on w.group_id = u.group_id and w.id = u.program_id
where u.group_id = %(group_id)s and u.program_id = %(program_id)s
for no key update of u

-- name: use
-- What is left in the bucket. It may be lost with the machine's power, and nothing waits for it.
with soon as (select set_config('synchronous_commit', 'off', true))
update program_uses set level = %(level)s, filled_at = %(at)s, used_at = %(at)s
from soon
where group_id = %(group_id)s and program_id = %(program_id)s

-- name: record_requests
-- Requests with a key of their own, once: what is not returned was asked before. Another transaction
-- that asks the same at this moment is waited for.
insert into program_requests (group_id, program_id, key_hash, body_hash, made_at)
select %(group_id)s, r.program_id, r.key_hash, r.body_hash, %(at)s
from unnest(%(programs)s::uuid[], %(keys)s::bytea[], %(bodies)s::bytea[])
    as r (program_id, key_hash, body_hash)
order by r.program_id, r.key_hash
on conflict (group_id, program_id, key_hash) do nothing
returning program_id, key_hash

-- name: requests
-- What these requests were answered.
select q.program_id, q.key_hash, q.body_hash, q.answer
from unnest(%(programs)s::uuid[], %(keys)s::bytea[]) as r (program_id, key_hash)
join program_requests q on q.group_id = %(group_id)s and q.program_id = r.program_id
    and q.key_hash = r.key_hash

-- name: answer_requests
-- What each was answered, in the transaction that did it.
update program_requests q set answer = r.answer::jsonb
from unnest(%(programs)s::uuid[], %(keys)s::bytea[], %(answers)s::text[])
    as r (program_id, key_hash, answer)
where q.group_id = %(group_id)s and q.program_id = r.program_id and q.key_hash = r.key_hash

-- name: prune_requests
-- Keys are remembered for a day.
delete from program_requests where group_id = %(group_id)s and made_at < %(before)s
