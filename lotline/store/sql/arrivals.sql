-- name: line
-- Which group and line a number of ours belongs to, asked before any tenant is known.
select group_id, line_id from line_directory
where carrier = %(carrier)s and account = %(account)s and number_hash = %(number_hash)s

-- name: account_groups
-- Which groups text through this account of the carrier.
select distinct group_id from line_directory
where carrier = %(carrier)s and account = %(account)s order by group_id

-- name: record
-- Every verified call, once: what is not returned was there already.
insert into arrivals (group_id, id, carrier, account, carrier_id, kind, contact_id, text_id, raw_ct,
    arrived_at)
select %(group_id)s, a.* from unnest(%(ids)s::uuid[], %(carriers)s::text[], %(accounts)s::text[],
    %(carrier_ids)s::text[], %(kinds)s::text[], %(contacts)s::uuid[], %(texts)s::uuid[],
    %(raws)s::bytea[], %(ats)s::timestamptz[]) as a
on conflict (group_id, carrier, account, carrier_id, kind) do nothing
returning id

-- name: open_conversations
-- The conversation of each contact on each line, made where there was none.
insert into conversations (group_id, id, contact_id, line_id, store_id, last_at, created_at)
select %(group_id)s, c.id, c.contact_id, c.line_id, l.store_id, %(at)s, %(at)s
from unnest(%(ids)s::uuid[], %(contacts)s::uuid[], %(lines)s::uuid[]) as c (id, contact_id, line_id)
join lines l on l.group_id = %(group_id)s and l.id = c.line_id
order by c.contact_id, c.line_id
on conflict (group_id, contact_id, line_id) do nothing

-- name: conversations
-- The conversations of these pairs, now that each is there.
select v.id, v.contact_id, v.line_id, v.store_id, v.assignee_id
from unnest(%(contacts)s::uuid[], %(lines)s::uuid[]) as c (contact_id, line_id)
join conversations v on v.group_id = %(group_id)s and v.contact_id = c.contact_id
    and v.line_id = c.line_id

-- name: touch_conversations
-- A customer wrote: the conversation is open again, on top, and waits unless nothing is to be answered.
update conversations v set
    last_text_id = t.text_id,
    last_at = greatest(v.last_at, t.at),
    last_in_at = greatest(v.last_in_at, t.at),
    waiting_since = case when t.waits then coalesce(v.waiting_since, t.at) else v.waiting_since end,
    done_at = null, done_by = null, snoozed_until = null
from unnest(%(ids)s::uuid[], %(texts)s::uuid[], %(ats)s::timestamptz[], %(waits)s::boolean[])
    as t (id, text_id, at, waits)
where v.group_id = %(group_id)s and v.id = t.id

-- name: record_receipts
-- A carrier's words on our texts, each kept, none overwritten.
insert into receipts (group_id, id, text_id, word, state, rank, error_code, carrier_at, arrived_at)
select %(group_id)s, r.* from unnest(%(ids)s::uuid[], %(texts)s::uuid[], %(words)s::text[],
    %(states)s::text[], %(ranks)s::smallint[], %(codes)s::text[], %(carrier_ats)s::timestamptz[],
    %(ats)s::timestamptz[]) as r

-- name: receipts
-- Every word heard on these texts.
select text_id, word, error_code from receipts
where group_id = %(group_id)s and text_id = any(%(ids)s::uuid[])
order by text_id, id

-- name: turn_away
-- A call that was not believed: kept aside for the owner, never applied.
insert into turned_away (id, group_id, carrier, account, reason, raw_ct, arrived_at)
values (%(id)s, %(of_group)s, %(carrier)s, %(account)s, %(reason)s, %(raw_ct)s, %(at)s)

-- name: trim_turned_away
-- A flood of forged calls fills no disk: beyond a number the oldest make room. The account stands
-- in the address, so a stranger may name a new one each time: all that are nobody's count together.
delete from turned_away t using (
    select id from turned_away
    where group_id = %(of_group)s::uuid or (%(of_group)s::uuid is null and group_id is null)
    order by arrived_at desc, id desc offset %(keep)s
) old where t.id = old.id

-- name: record_account
-- A carrier's account: its address, and its secrets sealed.
insert into carrier_accounts (group_id, carrier, account, base_url, secrets_ct, created_at)
values (%(group_id)s, %(carrier)s, %(account)s, %(base_url)s, %(secrets_ct)s, %(at)s)
on conflict (group_id, carrier, account) do update
    set base_url = excluded.base_url, secrets_ct = excluded.secrets_ct

-- name: account
-- A carrier's account as this group uses it.
select carrier, account, base_url, secrets_ct from carrier_accounts
where group_id = %(group_id)s and carrier = %(carrier)s and account = %(account)s

-- name: accounts
-- The carriers' accounts that this group uses.
select carrier, account from carrier_accounts where group_id = %(group_id)s
order by carrier, account

-- name: numbers
-- Our numbers at one account.
select id, number_ct from lines where group_id = %(group_id)s and account = %(account)s
order by created_at, id

-- name: record_line
-- The directory entry of one of our numbers.
insert into line_directory (carrier, account, number_hash, group_id, line_id)
values (%(carrier)s, %(account)s, %(number_hash)s, %(of_group)s, %(line_id)s)
on conflict (carrier, account, number_hash) do update
    set group_id = excluded.group_id, line_id = excluded.line_id
