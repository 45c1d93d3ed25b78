-- name: said
-- Texts, or notes, that have all of these words and none of those, newest first; `find_said` keeps to
-- the tenant and plans for these very words.
select found as id
from find_said(%(kind)s, %(has)s::bigint[], %(had)s::bigint[], %(lacks)s::bigint[],
    %(line_ids)s::uuid[], %(after)s::uuid, %(before)s::uuid, %(limit)s::int)
where %(group_id)s::uuid is not null
