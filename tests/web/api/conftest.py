"""A town whose edge is served to programs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.actions.house import House, MemoryCarrier
from tests.conftest import Database
from tests.town import build_town, carrier_double, make_context
from tests.web.api.client import Served, serving


@pytest.fixture(scope="module")
def api(module_db: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One for a file: each test speaks of numbers of its own."""
    folder: Path = tmp_path_factory.mktemp("api")
    carrier = MemoryCarrier()
    ctx = replace(make_context(module_db.app, folder), carrier_for=carrier_double(carrier))
    town = build_town(ctx, {"policy_required": False})
    carrier.clock = town.clock
    house = House(town, carrier, module_db)
    try:
        with serving(house) as found:
            yield found
    finally:
        house.close()


@pytest.fixture
def house(db: Database, tmp_path: Path) -> Iterator[House]:
    """A town of its own, moved by hand."""
    carrier = MemoryCarrier()
    ctx = replace(make_context(db.app, tmp_path), carrier_for=carrier_double(carrier))
    town = build_town(ctx, {"policy_required": False})
    carrier.clock = town.clock
    house = House(town, carrier, db)
    try:
        yield house
    finally:
        house.close()
