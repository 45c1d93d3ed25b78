"""Real faults on the real product, for as long as one likes.

    python -m tests.faults --minutes 60 [--seed 5] [--only "disk full"] [--json]

Web, worker, simulator and PostgreSQL run as processes of their own under load; each round one or
two things go wrong, then all comes to rest and every promise is asked for. Exit 1 when one broke.
"""

from __future__ import annotations

import random
import sys
import time
from typing import TYPE_CHECKING

from tests.command import ask, tell

if TYPE_CHECKING:
    from tests.faults.rounds import Report


def main(words: list[str]) -> int:
    given = ask("tests.faults", __doc__, words, several="only", minutes=5.0, seed=1)
    report = run(given.minutes * 60, given.seed, given.only)
    tell(report.plain(), as_json=given.json)
    return 1 if report.broken else 0


def run(seconds: float, seed: int, only: list[str] | None = None) -> Report:
    from tests.conftest import temporary_dir
    from tests.faults.rounds import Report, one_round, struck_house
    from tests.faults.strikes import STRIKES

    dice, report = random.Random(seed), Report(seed)
    began = time.monotonic()
    with (
        temporary_dir() as folder,
        temporary_dir() as carrier,
        struck_house(folder, carrier, seed) as (house, skipped),
    ):
        report.skipped = skipped
        possible = [
            name for name in only or STRIKES if not any(one.startswith(name) for one in skipped)
        ]
        order: list[str] = []
        # One round at least, however slow the machine was to start.
        while report.rounds == 0 or time.monotonic() - began < seconds:
            order = order or dice.sample(possible, len(possible))
            names = [order.pop()]
            if dice.random() < 0.25 and order:
                names.append(order.pop())
            one_round(house, report, names, report.rounds)
            passed = time.monotonic() - began
            said = f"{passed:6.0f} s  round {report.rounds}: {' and '.join(names)}"
            print(said, *report.broken[-1:], file=sys.stderr, flush=True)
    report.seconds = round(time.monotonic() - began, 1)
    return report


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
