"""Every statement of ours can be planned, says what it is for, and uses an index where it must."""

from __future__ import annotations

import re

import psycopg
import pytest

from lotline.store.database import statements
from tests.actions.house import House
from tests.conftest import Database

EVERY = sorted(statements())
# What is asked for each text, call or tap, and so may never walk a whole table.
HOT = sorted(
    name
    for name in EVERY
    if name.partition(".")[0]
    in {"arrivals", "buckets", "decisions", "facts", "outbox", "standing", "texts"}
    # Asked by a scraper, once in half a minute, and of a table that is trimmed to a few hundred.
    and name not in {"outbox.count", "arrivals.account_groups", "arrivals.trim_turned_away"}
)
BY_DESIGN_WITHOUT_TENANT = re.compile(
    r"accounts\.|barrier\.|viewer\.seat|outbox\.(claim|next_due|count)|arrivals\.(line|account_groups"
    r"|turn_away|trim_turned_away|record_line)|groups\.known|events\.notify_work|optin\.page$"
    r"|contacts\.custom_plans|facts\.by_key|conversations\.one_reader|evidence\.wait_a_little|condition\.|rotation\.put_groups_|buckets\.forget_full"
    r"|condition\.(listeners|overdue)|(programs|provisioning)\.door$|identity\.(any_)?door$"
)


def numbered(sql: str) -> tuple[str, int]:
    """The statement with $1, $2, ... for its named parameters."""
    order: dict[str, int] = {}
    text = re.sub(
        r"%\((\w+)\)s", lambda found: f"${order.setdefault(found[1], len(order) + 1)}", sql
    )
    return text.replace("%%", "%"), len(order)


@pytest.mark.parametrize("name", EVERY)
def test_it_can_be_prepared_and_explained(module_db: Database, name: str) -> None:
    text, count = numbered(statements()[name].sql)
    with psycopg.connect(module_db.app) as link:
        link.execute(f"prepare one as {text}".encode())
        link.execute("set plan_cache_mode = force_generic_plan")
        nulls = f"({', '.join(['null'] * count)})" if count else ""
        link.execute(f"explain execute one{nulls}".encode())


@pytest.mark.parametrize("name", EVERY)
def test_it_says_what_it_is_for(name: str) -> None:
    assert statements()[name].says


@pytest.mark.parametrize("name", EVERY)
def test_it_names_its_tenant(name: str) -> None:
    if not BY_DESIGN_WITHOUT_TENANT.match(name):
        sql = statements()[name].sql
        assert "%(group_id)s" in sql or "%(of_group)s" in sql


@pytest.mark.parametrize("name", HOT)
def test_no_hot_statement_walks_a_table(lived_in: House, name: str) -> None:
    """With sequential scans priced out, a plan that still has one has no index to use."""
    text, count = numbered(statements()[name].sql)
    with psycopg.connect(lived_in.database.dsn("superuser")) as link:
        link.execute(f"prepare one as {text}".encode())
        link.execute("set plan_cache_mode = force_generic_plan")
        link.execute("set enable_seqscan = off")
        nulls = f"({', '.join(['null'] * count)})" if count else ""
        plan = link.execute(f"explain execute one{nulls}".encode()).fetchall()
    walked = {found[1] for (line,) in plan if (found := re.search(r"Seq Scan on (\w+)", line))}
    assert walked <= {"groups", "policies"}, walked


ENDS = re.compile(r"update devices (?:\w+ )?set ended_at", re.IGNORECASE)


def test_whatever_ends_a_session_ends_its_notices() -> None:
    """Signing out, a lost phone, suspension, leaving by any way: all of them end it by these."""
    ending = [name for name in EVERY if ENDS.search(statements()[name].sql)]
    assert ending == ["devices.end", "tablets.end_sessions"]
    for name in ending:
        assert "delete from push_subscriptions" in statements()[name].sql, name
