"""A town whose edge is served to programs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.actions.house import House, a_house
from tests.conftest import Database
from tests.web.api.client import Served, serving


@pytest.fixture(scope="module")
def api(module_db: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One for a file: each test speaks of numbers of its own."""
    with a_house(module_db, tmp_path_factory.mktemp("api")) as made, serving(made) as found:
        yield found


@pytest.fixture
def house(db: Database, tmp_path: Path) -> Iterator[House]:
    """A town of its own, moved by hand."""
    with a_house(db, tmp_path) as made:
        yield made
