"""Seeded lives of the town. `LOTLINE_SIM_SEEDS=400` and `LOTLINE_SIM_FROM=0` run more of them.

A failure prints its seed; run that one alone with `LOTLINE_SIM_FROM=<seed> LOTLINE_SIM_SEEDS=1`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.actions.house import House, MemoryCarrier
from tests.conftest import Database
from tests.sim.world import World
from tests.town import build_town, carrier_double, make_context

FIRST = int(os.environ.get("LOTLINE_SIM_FROM", "0"))
COUNT = int(os.environ.get("LOTLINE_SIM_SEEDS", "6"))
MOMENTS = int(os.environ.get("LOTLINE_SIM_MOMENTS", "80"))


@pytest.fixture
def house(db: Database, tmp_path: Path) -> Iterator[House]:
    carrier = MemoryCarrier()
    ctx = replace(make_context(db.app, tmp_path), carrier_for=carrier_double(carrier))
    town = build_town(ctx, {"policy_required": False})
    carrier.clock = town.clock
    house = House(town, carrier, db)
    try:
        yield house
    finally:
        house.close()


@pytest.mark.parametrize("seed", range(FIRST, FIRST + COUNT))
def test_a_life(house: House, seed: int) -> None:
    World(house, seed).live(MOMENTS)
