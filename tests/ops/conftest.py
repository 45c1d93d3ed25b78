"""A town with a past, made by the product's own hands, for what an operator does to it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.actions.house import House, MemoryCarrier
from tests.conftest import Database
from tests.ops.past import live
from tests.town import build_town, carrier_double, make_context


@pytest.fixture
def house(db: Database, tmp_path: Path) -> Iterator[House]:
    """One town, one carrier, and some days of texts behind it."""
    carrier = MemoryCarrier()
    ctx = replace(make_context(db.app, tmp_path), carrier_for=carrier_double(carrier))
    town = build_town(ctx, {"policy_required": False})
    carrier.clock = town.clock
    made = House(town, carrier, db)
    live(made)
    try:
        yield made
    finally:
        ctx.db.close()
