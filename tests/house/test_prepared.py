"""A start believes that all is ready only while nothing has changed since it was made so."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from lotline.config.prepared import (
    forget_prepared,
    may_be_prepared,
    record_prepared,
    still_prepared,
)
from lotline.config.settings import Settings, load_settings
from tests.conftest import Database


@pytest.fixture
def ready(db: Database, tmp_path: Path) -> Settings:
    """A directory as `prepare` leaves it."""
    settings = load_settings({"LOTLINE_DATA": str(tmp_path), "LOTLINE_DEMO": "yes"})
    (tmp_path / "keys").mkdir()
    (tmp_path / "static").mkdir()
    for path in (settings.root_key_file, settings.secret_key_file, tmp_path / "demo.json"):
        path.write_text("{}", encoding="utf-8")
    record_prepared(settings, db.owner)
    return settings


def test_nothing_changed(ready: Settings, db: Database) -> None:
    assert may_be_prepared(ready)
    assert still_prepared(ready, db.owner)


def test_called_otherwise(ready: Settings) -> None:
    assert not may_be_prepared(replace(ready, url="https://texts.example.com"))
    assert not may_be_prepared(replace(ready, database_url="postgresql://elsewhere/lotline"))


@pytest.mark.parametrize("name", ["keys/root", "keys/secret", "demo.json", "prepared.json"])
def test_something_is_missing(ready: Settings, name: str) -> None:
    (ready.data / name).unlink()
    assert not may_be_prepared(ready)


def test_nobody_founded_the_company_yet(ready: Settings) -> None:
    (ready.data / "setup.json").write_text("{}", encoding="utf-8")
    assert not may_be_prepared(ready), "the link is made anew"


def test_the_stamp_is_half_written_or_taken_away(ready: Settings) -> None:
    (ready.data / "prepared.json").write_text('{"code": "', encoding="utf-8")
    assert not may_be_prepared(ready)
    forget_prepared(ready.data)
    assert not may_be_prepared(ready)


def test_another_database_lies_there(ready: Settings, db: Database) -> None:
    """A backup of an older version was put back: its tables have to be brought up first."""
    with psycopg.connect(db.owner, autocommit=True) as link:
        link.execute(
            "delete from django_migrations where id = (select max(id) from django_migrations)"
        )
    assert may_be_prepared(ready)
    assert not still_prepared(ready, db.owner)
    assert not still_prepared(ready, "postgresql://nobody@127.0.0.1:1/none?connect_timeout=1")
