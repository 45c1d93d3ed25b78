"""The tables are what the migrations say, and a table that drifts is noticed."""

from __future__ import annotations

import psycopg
import pytest

from lotline.store.migrate import drift, migrate
from tests.conftest import Database


def test_nothing_drifted(db: Database) -> None:
    assert drift(db.owner) == []


def test_migrating_again_changes_nothing(db: Database) -> None:
    migrate(db.owner)
    assert drift(db.owner) == []


@pytest.mark.parametrize(
    "act, said",
    [
        ("alter table texts add column extra text", "not ours: column texts.extra"),
        ("drop index texts_by_client", "missing: index texts.texts_by_client"),
        ("alter table texts no force row level security", "security texts"),
        ("grant update on consent_entries to lotline_app", "right consent_entries lotline_app"),
        ("drop policy tenant on contacts", "missing: policy contacts tenant"),
    ],
)
def test_what_drifted_is_named(db: Database, act: str, said: str) -> None:
    with psycopg.connect(db.owner, autocommit=True) as link:
        link.execute(act.encode())
    assert any(said in line for line in drift(db.owner)), drift(db.owner)
