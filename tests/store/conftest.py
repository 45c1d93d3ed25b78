"""A town of its own for every test; those of one file share a database, as tenants do."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import Database
from tests.town import Town, build_town, make_context

_lanes = itertools.count(1)


@pytest.fixture
def town(module_db: Database, tmp_path: Path) -> Iterator[Town]:
    ctx = make_context(module_db.app, tmp_path, lane=next(_lanes))
    try:
        yield build_town(ctx)
    finally:
        ctx.db.close()
