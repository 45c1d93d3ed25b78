"""A long past that is copied reads as if it had been lived: it opens, is found, and is counted.

Not here: how quick reading in it is (`lotline bench reads`).
"""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import pytest

from lotline.actions import dashboard
from lotline.actions.counting import recount_all
from lotline.actions.dashboard import Asked, see
from lotline.actions.search import search
from lotline.config.bench.crowd import one_decision
from lotline.config.bench.making import Company
from lotline.config.bench.past import live
from lotline.config.bench.slowest import Slowest, explain
from lotline.config.bench.timed import TimedDatabase
from lotline.config.bench.town import customer_numbers
from lotline.core.messaging.search import read_search
from lotline.store.conversations import load_conversation
from lotline.store.inbox import load_inbox
from tests.conftest import Database
from tests.town import ACCOUNT, Town, build_town, make_context

TEXTS, CUSTOMERS = 600, 40
TABLES = ("count_days", "count_texts", "count_waits", "count_moves")


@pytest.fixture(scope="module")
def town(module_db: Database, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The small town with a past of some hundred texts."""
    ctx = make_context(module_db.app, tmp_path_factory.mktemp("past"))
    town = build_town(ctx, {"policy_required": False, "training_required": False})
    town.meet("+16145550142", "Dale", by="ben", line="sales")
    decision = one_decision(ctx, town.sign_in("ben"), module_db.owner)
    recount_all(ctx, town.group_id)  # what was there before
    company = Company(
        town.group_id,
        ACCOUNT,
        [(town.lines["sales"], town.stores["elm"]), (town.lines["dock"], town.stores["dock"])],
        {town.stores["elm"]: [town.members["ben"]], town.stores["dock"]: [town.members["cy"]]},
        customer_numbers(2000)[1500:],
        decision,
    )
    with ctx.db.transaction(town.group_id) as tx:
        keys = tx.keys
    dsn = module_db.dsn("superuser")
    told: list[str] = []
    live(dsn, keys, company, texts=TEXTS, contacts=CUSTOMERS, say=told.append)
    assert any("a second" in one for one in told), "progress is shown"
    yield town
    ctx.db.close()


def _rows(db: Database, table: str) -> list[Any]:
    with psycopg.connect(db.dsn("superuser")) as link:
        return sorted(map(str, link.execute(f"select * from {table}".encode()).fetchall()))


def test_counting_anew_changes_nothing(town: Town, module_db: Database) -> None:
    before = {table: _rows(module_db, table) for table in TABLES}
    assert all(len(rows) > 10 for rows in before.values())
    recount_all(town.ctx, town.group_id)
    for table in TABLES:
        assert _rows(module_db, table) == before[table], table


def test_it_opens_and_is_found(town: Town) -> None:
    viewer = town.sign_in("ada")
    with town.ctx.db.transaction(town.group_id) as tx:
        rows, _ = load_inbox(tx, viewer, box="team")
        assert rows
        page = load_conversation(tx, viewer, rows[0].conversation_id, now=town.ctx.now())
    assert page is not None
    body = next(item.body for item in page.log if item.kind == "text")
    word = body.rstrip(".").rpartition(" ")[2]
    found = search(
        town.ctx, viewer, read_search(word), rules={}, zone=ZoneInfo("America/New_York")
    ).found
    assert any(word in hit.body for hit in found.texts)
    town.clock.at = page.log[-1].at
    assert see(town.ctx, viewer, Asked(days=30)).board.texts.sent > 0


def test_a_plan_is_told_with_what_a_function_asks_within(town: Town, module_db: Database) -> None:
    """A search goes through one function; its plan is that of what the function asks."""
    timed = TimedDatabase(module_db.app, town.ctx.db.keys)
    timed.open()
    try:
        slowest, viewer = Slowest(), town.sign_in("ada")
        house = replace(town.ctx, db=timed)
        for _ in range(8):
            search(house, viewer, read_search("truck"), rules={}, zone=ZoneInfo("America/New_York"))
        slowest.note("search, one", timed.asked)
        slowest.note_plans(timed)
        said = next(one for one in timed.asked if one.name == "search.said")
        plan = "\n".join(explain(module_db.dsn("superuser"), town.group_id, said))
        assert "within find_said:" in plan
        assert "text_words" in plan
        told = slowest.plans(module_db.dsn("superuser"), town.group_id)
    finally:
        timed.close()
    assert 3 < len(told) <= 10


def test_what_is_much_is_added_up_once_a_minute(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And who waits is of this moment; other days, lines and companies are others' sums."""
    monkeypatch.setattr(dashboard, "MANY", 10)
    viewer = town.sign_in("ada")
    first = see(town.ctx, viewer, Asked(days=30))
    talk = town.meet("+16145550177", "Robin", by="ben", line="sales")
    town.hear(talk, "Is it there?")
    town.clock.pass_by(seconds=30)
    viewer = town.sign_in("ada")
    again = see(town.ctx, viewer, Asked(days=30))
    assert again.board.texts == first.board.texts
    assert again.as_of == first.as_of
    assert see(town.ctx, viewer, Asked(days=29)).board.texts.received != 0
    town.clock.pass_by(minutes=2)
    viewer = town.sign_in("ada")
    assert see(town.ctx, viewer, Asked(days=30)).as_of == first.as_of, "nobody waits for the sums"
    until = time.monotonic() + 10
    while see(town.ctx, viewer, Asked(days=30)).as_of == first.as_of:
        assert time.monotonic() < until, "they are added up meanwhile"
    town.clock.pass_by(minutes=10)
    viewer = town.sign_in("ada")
    later = see(town.ctx, viewer, Asked(days=30))
    assert later.board.texts.received == first.board.texts.received + 1
    assert later.as_of == town.clock()
    assert sum(one.n for one in later.board.waiting) == 1 + sum(
        one.n for one in again.board.waiting
    )
