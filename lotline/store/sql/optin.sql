-- name: page
-- The public page of a slug, asked before any tenant is known.
select slug, group_id, store_id, line_id, wording_id, closed_at from optin_pages
where slug = %(slug)s

-- name: place
-- The line behind a page and its store.
select l.number_ct, l.label_ct, l.store_id, s.name_ct as store_ct
from lines l join stores s on s.group_id = l.group_id and s.id = l.store_id
where l.group_id = %(group_id)s and l.id = %(line_id)s

-- name: record_page
-- A page where customers say yes. Written at the door, in the company's own transaction.
insert into optin_pages (slug, group_id, store_id, line_id, wording_id, made_at)
values (%(slug)s, %(group_id)s, %(store_id)s, %(line_id)s, %(wording_id)s, %(at)s)

-- name: show_wording
-- Every open page of the company shows this version.
update optin_pages set wording_id = %(wording_id)s
where group_id = %(group_id)s and closed_at is null

-- name: page_of_line
-- The open page of a line.
select slug, wording_id from optin_pages
where group_id = %(group_id)s and line_id = %(line_id)s and closed_at is null
order by made_at desc limit 1

-- name: record_wording
-- A wording as it will be shown; a change is a new version.
insert into wordings (group_id, id, name, version, body, body_sha256, made_at)
select %(group_id)s, %(id)s, %(name)s, coalesce(max(w.version), 0) + 1, %(body)s, %(sha256)s, %(at)s
from wordings w where w.group_id = %(group_id)s and w.name = %(name)s

-- name: wording
-- The words of one version.
select id, name, version, body, body_sha256 from wordings
where group_id = %(group_id)s and id = %(id)s

-- name: newest_wording
-- The version that is shown now.
select id, name, version, body, body_sha256 from wordings
where group_id = %(group_id)s order by made_at desc, version desc limit 1
