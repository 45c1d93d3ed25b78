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
