"""A slow carrier, or a database that went away, must not let a text out after a stop.

A stop waits a moment for what is in a carrier's hands, and no longer. So a text that was looked at
and still waits for its turn on the line must not set out once that moment is over (P1).
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from threading import Thread

import psycopg
import pytest

from lotline.actions.receive import receive
from lotline.core.carriers.port import Outcome, Outgoing
from lotline.store import barrier
from lotline.store.database import Unavailable
from lotline.workers.sender import PER_LINE, Sender
from tests.actions.house import House, a_house
from tests.conftest import Database

NUMBERS = [f"+1614555{1600 + n:04d}" for n in range(2 * PER_LINE + 1)]


@pytest.fixture
def house(db: Database, tmp_path: Path) -> Iterator[House]:
    with a_house(db, tmp_path) as made:
        yield made


def test_what_waits_for_a_slow_carrier_does_not_set_out_after_a_stop(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More texts on a line than may be offered at once; everybody stops while the first ones go."""
    monkeypatch.setattr(barrier, "PATIENCE_MS", 900)
    monkeypatch.setattr(barrier, "FRESH_S", 0.45)
    for number in NUMBERS:
        house.text_in(number, "Is it there?")
        house.tap(number, "It is.")
    house.town.clock.pass_by(seconds=11)
    set_out: list[float] = []

    def slow(text: Outgoing) -> Outcome | None:
        set_out.append(time.monotonic())
        time.sleep(1.2)
        return None

    house.carrier.says = slow
    sender = Sender(house.ctx, "slow")
    sending = Thread(target=sender.step)
    sending.start()
    while not set_out and sending.is_alive():
        time.sleep(0.01)
    receive(house.ctx, [house.arrival(number, "STOP") for number in NUMBERS])
    stopped = time.monotonic()
    sending.join(30)
    assert len(set_out) >= PER_LINE
    assert [at - stopped for at in set_out if at > stopped] == []
    house.carrier.says = lambda text: None
    for _ in range(4):
        house.town.clock.pass_by(minutes=6)
        sender.step()
    sender.close()
    after = [text.body for text in house.carrier.reached if "opted out" not in text.body]
    assert len(after) == len(set_out), "what had not set out is blocked"
    rows = house.ask("select state, count(*) from texts where sender = 'person' group by 1")
    assert dict(rows) == {"accepted": len(set_out), "blocked": len(NUMBERS) - len(set_out)}


def test_a_database_that_went_away_takes_the_hold_along(house: House) -> None:
    """The connection that holds the gates is gone: who asks again is told that they are shut."""
    house.text_in(NUMBERS[0], "Is it there?")
    contact = house.ask("select id from contacts")[0][0]
    with suppress(Unavailable), barrier.handing_over(house.ctx.db, [contact]) as still_open:
        assert still_open()
        with psycopg.connect(house.database.dsn("superuser"), autocommit=True) as link:
            link.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where datname = current_database() and usename = 'lotline_app'"
            )
        assert not still_open()
