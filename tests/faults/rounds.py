"""Rounds of trouble: everybody uses the house, something goes wrong, and then its books are read.

A round is a short life with phones of its own under one kind of strike, or two at once. Then
nothing errs any more, all must come to rest, and the carrier's books and ours must agree.

Not here: the strikes (`strikes`), the questions (`tests.attack.promises`).
"""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lotline.actions.audit import audit_log
from lotline.store.database import Unavailable
from tests.attack.life import Life, come_to_rest
from tests.attack.mortal import Mortal, mortal_house
from tests.attack.promises import every_promise_holds
from tests.conftest import Database
from tests.faults.cut import a_way, why_no_namespaces
from tests.faults.strikes import STRIKES, Struck
from tests.faults.volume import small_volume

PHONES = 12
FIRST = 1000
MOVES_S = 3.0
SAID_MAX = 1500


@dataclass
class Report:
    """What was done, and what it came to."""

    seed: int
    struck: Counter[str] = field(default_factory=Counter)
    rounds: int = 0
    seconds: float = 0.0
    taps: int = 0
    shown_as_kept: int = 0
    told_2xx: int = 0
    refused_5xx: int = 0
    unanswered: int = 0
    left: int = 0
    stops: int = 0
    decisions_replayed: int = 0
    ledger_leaves: int = 0
    states: Counter[str] = field(default_factory=Counter)
    skipped: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)

    def plain(self) -> dict[str, Any]:
        """For JSON."""
        return {**self.__dict__, "struck": dict(self.struck), "states": dict(self.states)}


class Round(Life):
    """A life that is struck."""

    names: Sequence[str] = ()

    def _kill(self, seconds: float) -> None:
        dice = random.Random(f"{self.seed}-{self.names}")
        time.sleep(dice.uniform(0.5, seconds / 2))
        for name in self.names:
            STRIKES[name](self.house, dice)
            self.killed.append(name)
        self.house.mind()
        self.house.wait_ready()
        time.sleep(seconds / 2)


@contextmanager
def struck_house(folder: Path, carrier: Path, seed: int) -> Iterator[tuple[Mortal, list[str]]]:
    """A house on a small volume of its own, with a wire to its database, where we may; and what is
    left out.
    """
    skipped, no_wire = [], why_no_namespaces()
    with ExitStack() as kept:
        if not kept.enter_context(small_volume(folder)):
            skipped.append("disk full: only root may mount a small volume")
        if no_wire:
            skipped.append(f"network cut: {no_wire}")

        def wired(folder: Path, database: Database, *more: Any) -> Struck:
            house = Struck(folder, database, *more)
            for n, name in enumerate(() if no_wire else ("web", "worker")):
                house.ways[name] = kept.enter_context(a_way(database, n))
            return house

        yield kept.enter_context(mortal_house(folder, seed, carrier, wired)), skipped


def one_round(house: Mortal, report: Report, names: Sequence[str], number: int) -> None:
    """Trouble, rest, and every question. What broke is kept with its round, and it goes on."""
    life = Round(house, report.seed * 1000 + number, first=FIRST + PHONES * number, enough=False)
    life.names = names
    try:
        life.begin()
        life.live(MOVES_S)
        come_to_rest(house)
        ask_everything(life, report)
    except (AssertionError, Unavailable) as broken:
        says = f"{type(broken).__name__} {broken}"
        said = says if len(says) < SAID_MAX else f"{says[:300]} ... {says[300 - SAID_MAX :]}"
        report.broken.append(f"round {number}, {' and '.join(names)}: {said}")
    report.rounds += 1
    report.struck.update(names)
    report.taps += len(life.taps)
    report.stops += life.stops


def ask_everything(life: Life, report: Report) -> None:
    house = life.house
    left = every_promise_holds(life)
    unknown_is_shown(life)
    audited = audit_log(house.site.house.ctx, house.site.town.group_id)
    assert audited.whole, f"P5: {audited.faults[:5]}"
    report.left += len(left)
    report.shown_as_kept += sum(tap.kept for tap in life.taps)
    report.ledger_leaves = audited.size
    count_books(house, report)


def unknown_is_shown(life: Life) -> None:
    """A text that may have left is on its screen as unknown, and waits for nobody's second try."""
    rows = life.house.rows(
        "select count(*) from texts t join outbox o on o.text_id = t.id where t.state in"
        " ('unknown', 'sending', 'accepted', 'sent', 'delivered')"
    )
    assert rows == [(0,)], "P4: what may have left waits to leave again"


def count_books(house: Mortal, report: Report) -> None:
    """Sums over the whole of it, so far as both sides still remember."""
    calls = Counter(_kind(one["answer"]) for one in house.carrier("GET", "/sim/webhooks"))
    report.told_2xx, report.refused_5xx = calls["2xx"], calls["5xx"]
    report.unanswered = calls["none"]
    report.states = Counter(
        dict(house.rows("select state, count(*) from texts where direction = 'out' group by 1"))
    )
    report.decisions_replayed = house.rows("select count(*) from decisions")[0][0]


def _kind(answer: int | None) -> str:
    if answer is None:
        return "none"
    return "2xx" if answer < 300 else "5xx" if answer >= 500 else "4xx"
