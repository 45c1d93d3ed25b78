"""A carrier's account that never answers costs its own lines alone: the others' texts go on."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import cast
from uuid import UUID

import pytest

from lotline.core.carriers.port import Carrier, Outcome, Outgoing
from lotline.workers.sender import Sender
from tests.actions.house import House, MemoryCarrier
from tests.conftest import Database
from tests.town import ACCOUNT, build_town, make_context

HOLE = "AC0000000000000000000000000000dead"
TEXTS = 24


@pytest.fixture
def house(db: Database, tmp_path: Path) -> Iterator[tuple[House, threading.Event]]:
    """The dock's line is at an account of its own, whose carrier takes calls and says nothing."""
    over = threading.Event()
    carrier, hole = MemoryCarrier(), MemoryCarrier(account=HOLE)

    def silent(text: Outgoing) -> Outcome | None:
        del text
        over.wait(30)
        return None

    hole.says = silent
    both = {ACCOUNT: carrier, HOLE: hole}

    def carrier_for(group_id: UUID, account: str) -> Carrier:
        del group_id
        return cast("Carrier", both[account])

    ctx = replace(make_context(db.app, tmp_path), carrier_for=carrier_for)
    town = build_town(ctx, {"policy_required": False})
    carrier.clock = hole.clock = town.clock
    made = House(town, carrier, db)
    made.ask("update lines set account = %s where id = %s returning 1", HOLE, town.lines["dock"])
    try:
        yield made, over
    finally:
        over.set()
        made.close()


def test_the_others_texts_go_on(house: tuple[House, threading.Event]) -> None:
    """The silent line has the older texts and more of them; the other line's are all sent."""
    made, over = house
    for line, by in (("dock", "cy"), ("sales", "ben")):
        for n in range(TEXTS):
            number = f"+1614555{1700 + n:04d}"
            made.text_in(number, "Is it there?", line=line)
            made.tap(number, "It is.", line=line, by=by)
    made.town.clock.pass_by(seconds=11)
    sender = Sender(made.ctx, "w1", at_once=8, patience_s=0.1)
    began = time.monotonic()
    while len(made.carrier.reached) < TEXTS and time.monotonic() - began < 15:
        sender.step()
    assert len(made.carrier.reached) == TEXTS
    assert made.ask(
        "select count(*) from outbox where line_id = %s and claimed_by is not null",
        made.town.lines["dock"],
    ) == [(0,)], "what is not in the silent one's hands was not claimed either"
    assert made.ask("select count(*) <= 8 from texts where state = 'sending'") == [(True,)]
    over.set()
    sender.close()
    again = Sender(made.ctx, "w2")
    while again.step():
        pass
    again.close()
    rows = dict(made.ask("select state, count(*) from texts where direction = 'out' group by 1"))
    assert rows == {"accepted": 2 * TEXTS}
