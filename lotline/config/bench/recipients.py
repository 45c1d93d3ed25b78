"""A list to send to: up to a million contacts, made inside the database, spread over the country.

Each has the place that an area code gives, in the share that its state has of all area codes. Of a
hundred, 75 gave a written yes, 10 agreed to updates only, 10 agreed and stopped later, 5 said
nothing; 20 have a day of purchase, 10 a day on which they asked, half a conversation on the line,
and one in a thousand wrote within the last day. Their words cannot be opened: nobody reads them
here.

Not here: what is measured with them (`gate`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg

from lotline.core.base.atlas import load_area_codes
from lotline.core.base.numbers import BadNumber, parse_number
from lotline.core.base.places import Place, place_of

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

PLACES = (
    b"create temp table places (place serial primary key, states text[], zones text[], source text)"
)
# Ids grow with time, as ours do.
ID = (
    "(lpad(to_hex(1700000000000 + n * 1000 + {which}), 12, '0')"
    " || '7' || substr(md5(n::text), 1, 3) || '8' || substr(md5(n::text), 4, 15))::uuid"
)
CONTACTS = """
insert into contacts (group_id, id, number_hash, number_ct, name_ct, name_tokens, key_wrapped,
    number_kind, area_code, states, zones, place_source, bought_on, asked_on, created_at)
select %(group)s, {contact}, '\\x01'::bytea || sha256(n::text::bytea),
    substr(sha512(n::text::bytea), 1, 45), substr(sha512(n::text::bytea), 1, 46),
    array[substr(sha256(n::text::bytea), 1, 8), substr(sha256(n::text::bytea), 9, 8)],
    sha512(n::text::bytea), 'unknown', null, p.states, p.zones, p.source,
    case when n %% 5 = 0 then %(at)s::date - (n / 5 %% 1095)::int end,
    case when n %% 10 = 3 then %(at)s::date - (n / 10 %% 730)::int end,
    %(at)s - interval '3 years'
from generate_series(1, %(count)s) n
join places p on p.place = 1 + (hashint4(n) & 65535) %% %(places)s
"""
YESES = """
insert into consent_entries
    (group_id, id, contact_id, says, scope, kind, source, said_at, heard_at)
select %(group)s, {entry}, {contact}, 'yes',
    case when n / 7 %% 100 < 85 then 'all' else 'updates' end,
    case when n / 7 %% 100 < 85 then 'written' else 'express' end,
    (array['web_form', 'text', 'paper_form'])[1 + n %% 3],
    %(at)s - interval '2 years' - n * interval '1 second',
    %(at)s - interval '2 years' - n * interval '1 second'
from generate_series(1, %(count)s) n where n / 7 %% 100 < 95
"""
STOPS = """
insert into consent_entries
    (group_id, id, contact_id, says, scope, source, how, said_at, heard_at)
select %(group)s, {entry}, {contact}, 'stop', 'all', 'text',
    case when n %% 3 = 0 then 'wording' else 'keyword' end, s.at, s.at
from generate_series(1, %(count)s) n
cross join lateral (select %(at)s - interval '3 days' - n %% 700 * interval '1 day' as at) s
where n / 7 %% 100 < 10
"""
THREADS = """
insert into conversations
    (group_id, id, contact_id, line_id, store_id, last_at, last_in_at, created_at)
select %(group)s, {thread}, {contact}, %(line)s, l.store_id, s.at, s.at, s.at
from generate_series(1, %(count)s) n
cross join lateral (select case when n %% 1000 = 0 then %(at)s - interval '5 hours'
    else %(at)s - interval '5 days' - n %% 900 * interval '1 day' end as at) s
cross join lines l
where l.group_id = %(group)s and l.id = %(line)s and n %% 2 = 0
"""


def fill_recipients(dsn: str, group_id: UUID, line_id: UUID, count: int, at: datetime) -> None:
    """Beside those whom the group knows already. `dsn` is a superuser's: what constraints and
    walls would ask of each row holds by its making.
    """
    places = _places()
    values = {
        "group": group_id,
        "line": line_id,
        "count": count,
        "at": at,
        "places": len(places),
    }
    with psycopg.connect(dsn) as link:
        link.execute("set session_replication_role = replica")
        link.execute(PLACES)
        with link.cursor() as cursor:
            cursor.executemany(
                "insert into places (states, zones, source) values (%s, %s, %s)",
                [(list(one.states), list(one.zones), one.source) for one in places],
            )
        for which, statement in enumerate((CONTACTS, YESES, STOPS, THREADS)):
            own = ID.format(which=which)
            named = statement.format(contact=ID.format(which=0), entry=own, thread=own)
            link.execute(named.encode(), values)


def _places() -> list[Place]:
    """One for each area code of the country, so a state has its share."""
    found = []
    for code in sorted(load_area_codes().state):
        try:
            found.append(place_of(parse_number(f"+1{code}5550100")))
        except BadNumber:
            continue
    return found
