"""A town with some life in it, for tests that look at what is stored."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.actions.house import House, MemoryCarrier
from tests.conftest import Database
from tests.town import Town, build_town, carrier_double, make_context

_lanes = itertools.count(1)


@pytest.fixture
def town(module_db: Database, tmp_path: Path) -> Iterator[Town]:
    """A town alone; those of one file share a database, as tenants do."""
    ctx = make_context(module_db.app, tmp_path, lane=next(_lanes))
    try:
        yield build_town(ctx)
    finally:
        ctx.db.close()


@pytest.fixture(scope="module")
def lived_in(module_db: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A customer asked, was answered, stopped and was confirmed; shared by a file's tests."""
    folder: Path = tmp_path_factory.mktemp("keys")
    carrier = MemoryCarrier()
    ctx = replace(make_context(module_db.app, folder), carrier_for=carrier_double(carrier))
    town = build_town(ctx, {"policy_required": False})
    carrier.clock = town.clock
    house = House(town, carrier, module_db)
    for number, words in (
        ("+16145550142", "Zanzibar green, is it there?"),
        ("+16145550143", "Is my Wolverhampton order ready?"),
    ):
        house.text_in(number, words)
        house.tap(number, "Certainly, the heliotrope one.")
    town.clock.pass_by(seconds=11)
    house.dispatch()
    house.text_in("+16145550142", "STOP")
    house.dispatch()
    try:
        yield house
    finally:
        house.close()
