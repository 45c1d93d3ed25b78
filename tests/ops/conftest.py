"""A town with a past, made by the product's own hands, for what an operator does to it.

The past is lived once; every test gets a copy of it to break.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from shutil import copy

import psycopg
import pytest
from playwright.sync_api import Browser
from psycopg import sql

from lotline.config.cluster import Cluster, make_database
from lotline.core.oversight.offline import verify_page
from tests.actions.house import House, MemoryCarrier
from tests.conftest import Database
from tests.ops.packages import Reader
from tests.ops.past import live
from tests.town import Clock, Town, build_town, carrier_double, make_context

LIVED = "lotline_lived"
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Lived:
    """The past and the root key that opens it."""

    town: Town
    carrier: MemoryCarrier
    folder: Path


@pytest.fixture(scope="session")
def lived(cluster: Cluster, template: str, tmp_path_factory: pytest.TempPathFactory) -> Lived:
    """Lived once, and nobody is connected to it afterwards."""
    with psycopg.connect(cluster.dsn("superuser", "postgres"), autocommit=True) as link:
        make_database(link, LIVED, template)
    folder = tmp_path_factory.mktemp("lived")
    carrier = MemoryCarrier()
    database = Database(cluster, LIVED)
    ctx = replace(make_context(database.app, folder), carrier_for=carrier_double(carrier))
    town = build_town(ctx, {"policy_required": False})
    carrier.clock = town.clock
    try:
        live(House(town, carrier, database))
    finally:
        ctx.db.close()
    return Lived(town, carrier, folder)


@pytest.fixture
def house(cluster: Cluster, lived: Lived, tmp_path: Path) -> Iterator[House]:
    """A copy of it, with a clock, a carrier and a key file of its own."""
    name = f"ops_{next(_numbers)}"
    with psycopg.connect(cluster.dsn("superuser", "postgres"), autocommit=True) as link:
        make_database(link, name, LIVED)
    copy(lived.folder / "root.key", tmp_path / "root.key")
    clock = Clock(lived.town.clock.at)
    clock.pass_by(minutes=1)
    carrier = MemoryCarrier(
        clock,
        list(lived.carrier.reached),
        _ids=itertools.count(1000),
        _list=list(lived.carrier._list),
    )
    database = Database(cluster, name)
    ctx = replace(
        make_context(database.app, tmp_path, clock=clock, lane=1),
        carrier_for=carrier_double(carrier),
    )
    town = replace(lived.town, ctx=ctx, clock=clock)
    made = House(town, carrier, database, _sids=itertools.count(1000), _taps=itertools.count(1000))
    try:
        yield made
    finally:
        made.close()
        with psycopg.connect(cluster.dsn("superuser", "postgres"), autocommit=True) as link:
            link.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


@pytest.fixture
def reader(browser: Browser, tmp_path: Path) -> Iterator[Reader]:
    context = browser.new_context()
    context.set_offline(True)
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda one: said.append(one.text))
    page.on("pageerror", lambda one: said.append(str(one)))
    page.on("request", lambda one: said.append(one.url) if "file:" not in one.url else None)
    (tmp_path / "verify.html").write_bytes(verify_page())
    page.goto((tmp_path / "verify.html").as_uri())
    yield Reader(page, tmp_path, said)
    context.close()
    assert not said, "nothing asked for, nothing refused by the page's own policy"
