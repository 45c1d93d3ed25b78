"""The schema can be spread over several databases by its tenant, without a rewrite.

What a distributing extension asks: the tenant first in every key and unique index of a tenant's
table, foreign keys that carry it along, no trigger, no claim across tenants but in the tables that
stand at the door, and those apart from the others.
"""

from __future__ import annotations

import re
from typing import Any

import pytest

from lotline.store.database import statements
from tests.actions.house import House
from tests.store.test_rights import DOOR, FOREIGN

# Beside the tenants' tables on every node: one row a company.
REFERENCE = {"groups"}
# Known and said in docs/operating/scale.md: what stands between us and a distributed database.
TRIGGERS_LEFT = {"keep_contact_tokens"}


def _ask(house: House, sql: str) -> list[Any]:
    rows = house.ask(sql)
    return [row for row in rows if not row[0].startswith(FOREIGN) and row[0] not in DOOR]


def test_every_key_begins_with_the_tenant(lived_in: House) -> None:
    keys = _ask(
        lived_in,
        "select c.relname, i.indexrelid::regclass::text, a.attname from pg_index i"
        " join pg_class c on c.oid = i.indrelid"
        " join pg_attribute a on a.attrelid = c.oid and a.attnum = i.indkey[0]"
        " where c.relnamespace = 'public'::regnamespace and i.indisunique",
    )
    assert len(keys) > 30, "guards the question itself"
    wrong = [(t, i) for t, i, first in keys if first != ("id" if t in REFERENCE else "group_id")]
    assert wrong == []


def test_every_foreign_key_carries_the_tenant(lived_in: House) -> None:
    keys = _ask(
        lived_in,
        "select c.relname, f.relname, (select array_agg(a.attname::text order by n) from"
        " unnest(k.conkey) with ordinality u (col, n)"
        " join pg_attribute a on a.attrelid = k.conrelid and a.attnum = u.col) from pg_constraint k"
        " join pg_class c on c.oid = k.conrelid join pg_class f on f.oid = k.confrelid"
        " where k.contype = 'f' and c.relnamespace = 'public'::regnamespace",
    )
    assert len(keys) > 30, "guards the question itself"
    for table, other, columns in keys:
        assert columns[0] == "group_id", (table, other, columns)
        assert other not in DOOR, "a tenant's row does not hang on a table at the door"


def test_no_table_has_a_trigger_of_ours(lived_in: House) -> None:
    found = _ask(
        lived_in,
        "select c.relname, t.tgname::text from pg_trigger t join pg_class c on c.oid = t.tgrelid"
        " where not t.tgisinternal and c.relnamespace = 'public'::regnamespace",
    )
    assert {name for _, name in found} <= TRIGGERS_LEFT


CLAIMS = sorted(n for n, s in statements().items() if "skip locked" in s.sql.lower())


@pytest.mark.parametrize("name", CLAIMS)
def test_who_claims_across_tenants_claims_at_the_door(lived_in: House, name: str) -> None:
    sql = "\n".join(line.partition("--")[0] for line in statements()[name].sql.splitlines())
    if "%(group_id)s" in sql:
        return
    tables = {
        table for (table,) in lived_in.ask("select relname from pg_class where relkind = 'r'")
    }
    assert set(re.findall(r"[a-z_]+", sql)) & tables <= DOOR
