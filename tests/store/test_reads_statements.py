"""Every statement that pages read is one that PostgreSQL can plan, and names its tenant."""

from __future__ import annotations

import re
from pathlib import Path

import psycopg
import pytest

from lotline.store.database import statements
from tests.conftest import Database

WORDS = (
    "contacts",
    "conversations",
    "devices",
    "drafts",
    "inbox",
    "lines",
    "members",
    "notes",
    "stream",
    "stream_reach",
    "templates",
    "turned_away",
    "viewer",
)
OURS = sorted(name for name in statements() if name.partition(".")[0] in WORDS)
# Asked before a tenant is known, or about none of its rows.
WITHOUT_TENANT = {"contacts.custom_plans", "conversations.one_reader", "viewer.seat"}


def numbered(sql: str) -> str:
    """The statement with $1, $2, ... for its named parameters."""
    order: dict[str, int] = {}
    return re.sub(
        r"%\((\w+)\)s", lambda found: f"${order.setdefault(found[1], len(order) + 1)}", sql
    )


@pytest.mark.parametrize("name", OURS)
def test_it_can_be_planned(module_db: Database, name: str) -> None:
    with psycopg.connect(module_db.app) as link:
        link.execute(f"prepare one as {numbered(statements()[name].sql)}".encode())


@pytest.mark.parametrize("name", sorted(set(OURS) - WITHOUT_TENANT))
def test_it_names_its_tenant(name: str) -> None:
    assert "%(group_id)s" in statements()[name].sql


@pytest.mark.parametrize("name", OURS)
def test_it_says_what_it_is_for(name: str) -> None:
    assert statements()[name].says


def test_nothing_was_forgotten() -> None:
    folder = Path(__file__).parents[2] / "lotline" / "store" / "sql"
    assert {file.stem for file in folder.glob("*.sql")} >= set(WORDS)


# What each list must be answered by, and the part of the index that must do the work: an operator
# that may leak is not asked ahead of row-level security, and its index would silently go unused.
ANSWERED_BY = {
    "inbox.team_newest": ("conversations_open_by_line", "line_id"),
    "inbox.widely_newest": ("using conversations_open on", "last_at"),
    "inbox.unread_widely": ("using conversations_open on", "group_id"),
    "inbox.mine_newest": ("conversations_by_assignee", "assignee_id"),
    "inbox.done_newest": ("conversations_done_by_line", "line_id"),
    "conversations.pick": ("texts_by_conversation", "conversation_id"),
    "contacts.pick_words": ("contact_tokens_pkey", "token"),
    "stream.since": ("events_by_cursor", "xid"),
    "stream.news": ("events_by_cursor", "xid"),
}


# An index that is as good while a table is empty.
BESIDE = dict.fromkeys(("inbox.team_newest", "inbox.mine_newest"), "conversations_open")


@pytest.mark.parametrize("name", ANSWERED_BY)
def test_it_is_answered_by_its_index(module_db: Database, name: str) -> None:
    index, column = ANSWERED_BY[name]
    sql = numbered(statements()[name].sql)
    with psycopg.connect(module_db.dsn("superuser")) as link:
        if name in BESIDE:
            link.execute(f"drop index {BESIDE[name]}".encode())
        link.execute("set local role lotline_app")
        link.execute("set enable_seqscan = off")
        link.execute("set enable_bitmapscan = off")
        link.execute("set plan_cache_mode = force_generic_plan")
        link.execute("select set_config('lotline.group_id', gen_random_uuid()::text, true)")
        link.execute(f"prepare one as {sql}".encode())
        nulls = ", ".join(["null"] * len(set(re.findall(r"\$\d+", sql))))
        plan = [row[0] for row in link.execute(f"explain execute one({nulls})".encode())]
        link.rollback()
    used = [n for n, line in enumerate(plan) if index in line]
    assert used, plan
    assert any("Index Cond" in plan[n + 1] and column in plan[n + 1] for n in used), plan
