"""A town with a carrier that is only in memory, for tests of what can happen."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.actions.house import House, a_house
from tests.actions.reviewed import a_town, meet_dale
from tests.conftest import Database
from tests.town import Town, build_town, make_context


@pytest.fixture
def house(db: Database, tmp_path: Path) -> Iterator[House]:
    """One town, one carrier, one worker by hand."""
    with a_house(db, tmp_path) as made:
        yield made


_lanes = itertools.count(1)


@pytest.fixture
def town(module_db: Database, tmp_path: Path) -> Iterator[Town]:
    """A town alone; those of one file share a database, as tenants do."""
    ctx = make_context(module_db.app, tmp_path, lane=next(_lanes))
    try:
        yield build_town(ctx)
    finally:
        ctx.db.close()


@pytest.fixture
def own_house(module_db: Database, tmp_path: Path) -> Iterator[House]:
    """A town of its own in the file's database."""
    with a_town(module_db, tmp_path) as made:
        yield made


@pytest.fixture
def met(own_house: House) -> House:
    """Dale has just written, and nothing is sampled."""
    return meet_dale(own_house)
