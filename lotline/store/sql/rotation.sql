-- name: lock
-- The group's wrapped keys, held by one rotation at a time.
select keyset_ct, blind_ct, signer_ct, signer_public from groups
where id = %(group_id)s for update

-- name: last_step
-- How far the last rotation of the group's keyset came.
select what, happened_at from access_acts
where group_id = %(group_id)s
    and what in ('group_key_added', 'group_key_promoted', 'group_key_rewrapped', 'group_keys_dropped')
order by id desc limit 1

-- name: older
-- The names of keys that sealed before the one that seals now.
select distinct detail ->> 'before' as name from access_acts
where group_id = %(group_id)s and what = 'group_key_promoted'

-- name: contacts
-- Keys of contacts that are wrapped under an older key of the group, in one order.
select id, key_wrapped from contacts
where group_id = %(group_id)s and id > %(after)s and key_wrapped is not null
    and substr(key_wrapped, 1, 5) <> %(name)s
order by id limit %(limit)s

-- name: rewrap_contacts
-- The same keys under the newest; one that was erased or changed meanwhile is left as it is.
update contacts c set key_wrapped = w.new
from unnest(%(ids)s::uuid[], %(olds)s::bytea[], %(news)s::bytea[]) as w (id, old, new)
where c.group_id = %(group_id)s and c.id = w.id and c.key_wrapped = w.old

-- name: words
-- The company's own words that an older key sealed. Each names its place.
select w.place, w.id, w.sealed from (
    select 'groups.name_ct' as place, id, name_ct as sealed from groups where id = %(group_id)s
    union all
    select 'stores.name_ct', id, name_ct from stores where group_id = %(group_id)s
    union all
    select 'lines.label_ct', id, label_ct from lines where group_id = %(group_id)s
    union all
    select 'lines.number_ct', id, number_ct from lines where group_id = %(group_id)s
    union all
    select 'members.name_ct', id, name_ct from members where group_id = %(group_id)s
    union all
    select 'members.title_ct', id, title_ct from members where group_id = %(group_id)s
    union all
    select 'templates.title_ct', id, title_ct from templates where group_id = %(group_id)s
    union all
    select 'templates.body_ct', id, body_ct from templates where group_id = %(group_id)s
    union all
    select 'profile_settings.word_ct', id, word_ct from profile_settings
    where group_id = %(group_id)s
    union all
    select 'watches.words_ct', id, words_ct from watches where group_id = %(group_id)s
    union all
    select 'legal_holds.reason_ct', id, reason_ct from legal_holds where group_id = %(group_id)s
    union all
    select 'legal_holds.counsel_ct', id, counsel_ct from legal_holds where group_id = %(group_id)s
    union all
    select 'legal_hold_lifts.reason_ct', hold_id, reason_ct from legal_hold_lifts
    where group_id = %(group_id)s
    union all
    select 'devices.label_ct', id, label_ct from devices where group_id = %(group_id)s
    union all
    select 'devices.address_ct', id, address_ct from devices where group_id = %(group_id)s
    union all
    select 'tablets.label_ct', id, label_ct from tablets where group_id = %(group_id)s
    union all
    select 'programs.name_ct', id, name_ct from programs where group_id = %(group_id)s
    union all
    select 'webhooks.url_ct', id, url_ct from webhooks where group_id = %(group_id)s
    union all
    select 'webhooks.secrets_ct', id, secrets_ct from webhooks where group_id = %(group_id)s
    union all
    select 'identity_providers.name_ct', id, name_ct from identity_providers
    where group_id = %(group_id)s
    union all
    select 'identity_providers.way_ct', id, way_ct from identity_providers
    where group_id = %(group_id)s
    union all
    select 'identities.person_ct', id, person_ct from identities where group_id = %(group_id)s
    union all
    select 'provider_groups.words_ct', id, words_ct from provider_groups
    where group_id = %(group_id)s
    union all
    select 'provisioning_calls.address_ct', id, address_ct from provisioning_calls
    where group_id = %(group_id)s
    union all
    select 'turned_away.raw_ct', id, raw_ct from turned_away where group_id = %(group_id)s
    union all
    select 'push_subscriptions.way_ct', id, way_ct from push_subscriptions
    where group_id = %(group_id)s
    union all
    select 'push_keys.private_ct', null, private_ct from push_keys where group_id = %(group_id)s
    union all
    select 'carrier_accounts.secrets_ct', null, secrets_ct from carrier_accounts
    where group_id = %(group_id)s
) w
where length(w.sealed) > 0 and substr(w.sealed, 1, 5) <> %(name)s
limit %(limit)s

-- name: put_groups_name_ct
-- Sealed again, unless it changed meanwhile; so with all that follow.
update groups set name_ct = %(new)s where id = %(group_id)s and name_ct = %(old)s

-- name: put_stores_name_ct
-- A store's name.
update stores set name_ct = %(new)s
where group_id = %(group_id)s and id = %(id)s and name_ct = %(old)s

-- name: put_lines_label_ct
-- A line's label.
update lines set label_ct = %(new)s
where group_id = %(group_id)s and id = %(id)s and label_ct = %(old)s

-- name: put_lines_number_ct
-- A line's number.
update lines set number_ct = %(new)s
where group_id = %(group_id)s and id = %(id)s and number_ct = %(old)s

-- name: put_members_name_ct
-- A member's name.
update members set name_ct = %(new)s
where group_id = %(group_id)s and id = %(id)s and name_ct = %(old)s

-- name: put_members_title_ct
-- A member's title.
update members set title_ct = %(new)s
where group_id = %(group_id)s and id = %(id)s and title_ct = %(old)s

-- name: put_templates_title_ct
-- A saved reply's title.
update templates set title_ct = %(new)s
where group_id = %(group_id)s and id = %(id)s and title_ct = %(old)s

-- name: put_profile_settings_word_ct
-- What counsel said, under the newest key.
update profile_settings set word_ct = %(new)s
where group_id = %(group_id)s and id = %(id)s and word_ct = %(old)s

-- name: put_watches_words_ct
-- The words a store looks for.
update watches set words_ct = %(new)s
where group_id = %(group_id)s and id = %(id)s and words_ct = %(old)s

-- name: put_legal_holds_reason_ct
-- Why something may not go.
update legal_holds set reason_ct = %(new)s
where group_id = %(group_id)s and id = %(id)s and reason_ct = %(old)s

-- name: put_legal_holds_counsel_ct
-- On whose word it may not go.
update legal_holds set counsel_ct = %(new)s
where group_id = %(group_id)s and id = %(id)s and counsel_ct = %(old)s

-- name: put_legal_hold_lifts_reason_ct
-- Why it may go again.
update legal_hold_lifts set reason_ct = %(new)s
where group_id = %(group_id)s and hold_id = %(id)s and reason_ct = %(old)s

-- name: put_templates_body_ct
-- A saved reply's words.
update templates set body_ct = %(new)s
where group_id = %(group_id)s and id = %(id)s and body_ct = %(old)s

-- name: put_devices_label_ct
-- What a device is called.
update devices set label_ct = %(new)s
where group_id = %(group_id)s and id = %(id)s and label_ct = %(old)s

-- name: put_programs_name_ct
-- What a program is called.
update programs set name_ct = %(new)s
where group_id = %(group_id)s and id = %(id)s and name_ct = %(old)s

-- name: put_webhooks_url_ct
-- Where a webhook goes.
update webhooks set url_ct = %(new)s
where group_id = %(group_id)s and id = %(id)s and url_ct = %(old)s

-- name: put_webhooks_secrets_ct
-- What a webhook is signed with.
update webhooks set secrets_ct = %(new)s
where group_id = %(group_id)s and id = %(id)s and secrets_ct = %(old)s

-- name: put_identity_providers_name_ct
-- What the identity provider is called.
update identity_providers set name_ct = %(new)s
where group_id = %(group_id)s and id = %(id)s and name_ct = %(old)s

-- name: put_identity_providers_way_ct
-- How people sign in by it.
update identity_providers set way_ct = %(new)s
where group_id = %(group_id)s and id = %(id)s and way_ct = %(old)s

-- name: put_identities_person_ct
-- Whom it told us of.
update identities set person_ct = %(new)s
where group_id = %(group_id)s and id = %(id)s and person_ct = %(old)s

-- name: put_provider_groups_words_ct
-- What one of its groups is called.
update provider_groups set words_ct = %(new)s
where group_id = %(group_id)s and id = %(id)s and words_ct = %(old)s

-- name: put_provisioning_calls_address_ct
-- Where it called from.
update provisioning_calls set address_ct = %(new)s
where group_id = %(group_id)s and id = %(id)s and address_ct = %(old)s

-- name: put_devices_address_ct
-- Where a device signed in from.
update devices set address_ct = %(new)s
where group_id = %(group_id)s and id = %(id)s and address_ct = %(old)s

-- name: put_push_subscriptions_way_ct
-- Where a device takes notices.
update push_subscriptions set way_ct = %(new)s
where group_id = %(group_id)s and id = %(id)s and way_ct = %(old)s

-- name: put_push_keys_private_ct
-- What notices are signed with; browsers keep the public half, so the key itself stays.
update push_keys set private_ct = %(new)s where group_id = %(group_id)s and private_ct = %(old)s

-- name: put_turned_away_raw_ct
-- A call that was not believed.
update turned_away set raw_ct = %(new)s
where group_id = %(group_id)s and id = %(id)s and raw_ct = %(old)s

-- name: put_carrier_accounts_secrets_ct
-- A carrier account's secrets; a ciphertext is like no other.
update carrier_accounts set secrets_ct = %(new)s
where group_id = %(group_id)s and secrets_ct = %(old)s

-- name: held_back
-- Rows that may never change, and were sealed under these older keys.
select
    (
        select count(*) from policy_signatures
        where group_id = %(group_id)s and substr(signed_name_ct, 1, 5) = any(%(names)s::bytea[])
    ) + (
        select count(*) from policies
        where group_id = %(group_id)s and substr(counsel_ct, 1, 5) = any(%(names)s::bytea[])
    ) + (
        select count(*) from access_reviews
        where group_id = %(group_id)s and substr(signed_name_ct, 1, 5) = any(%(names)s::bytea[])
    ) as signatures,
    (
        select count(*) from access_acts
        where group_id = %(group_id)s
            and substr(decode(detail ->> 'sealed', 'hex'), 1, 5) = any(%(names)s::bytea[])
    ) as acts,
    (
        select count(*) from arrivals
        where group_id = %(group_id)s and substr(raw_ct, 1, 5) = any(%(names)s::bytea[])
    ) as arrivals

-- name: counts
-- How many contacts have a key, and how many of those an older key wraps.
select count(*) as contacts,
    count(*) filter (where substr(key_wrapped, 1, 5) <> %(name)s) as older
from contacts where group_id = %(group_id)s and key_wrapped is not null

-- name: put_tablets_label_ct
-- A shared tablet's name.
update tablets set label_ct = %(new)s
where group_id = %(group_id)s and id = %(id)s and label_ct = %(old)s
