"""The dashboard over a long past: a million texts, counted from scratch and then looked at.

A week and a month are asked for by an owner who reaches every line: its statements, over the
database's socket, and the whole page of the running web. What counting from scratch takes, step by
step as the worker does it, is told beside.

Not here: filling the past (`past`), ten million (`reads`), agreeing with a full count
(`tests/actions/test_counting.py`).
"""

from __future__ import annotations

import time
from uuid import UUID

from lotline.actions.counting import count_more
from lotline.config.bench.asking import MONTH, PAGES
from lotline.config.bench.figures import Asked, Bench, Goal
from lotline.config.bench.grown import Grown, grown
from lotline.config.bench.reads import took
from lotline.config.bench.slowest import Slowest

SIZE, SHORT = 1_000_000, 2_000
TIMES = 40
COUNTED = 20  # steps, each of a hundred customers
AT_MOST = 200.0
_FIRST = UUID(int=0)
_WEEK = next(page for page in PAGES if page.name.startswith("dashboard"))


def measure(asked: Asked) -> list[dict[str, float]]:
    """Looked at for as many rounds as asked; then counted anew for a while."""
    with grown(SHORT if asked.short else asked.texts or SIZE) as place:
        place.house.start_web()
        times = 5 if asked.short else TIMES
        rounds = [_round(place, times) for _ in range(asked.rounds)]
        counted = _counted(place)
    return [
        {"value": row["7 days db p99 ms"], **row, "texts counted a second": counted}
        for row in rounds
    ]


def _round(place: Grown, times: int) -> dict[str, float]:
    row: dict[str, float] = {}
    for days, page in ((7, _WEEK), (30, MONTH)):
        seen = took(place, page, times, Slowest())
        row |= {
            f"{days} days db p50 ms": seen.in_database_ms(0.5),
            f"{days} days db p99 ms": seen.in_database_ms(0.99),
            f"{days} days whole p50 ms": seen.whole_ms(0.5),
            f"{days} days whole p99 ms": seen.whole_ms(0.99),
            "statements": float(seen.most),
        }
    return row


def _counted(place: Grown) -> float:
    """Texts a second that a worker counts where nothing was counted before."""
    ctx, group = place.house.ctx, place.house.town.group_id
    with ctx.db.transaction(group) as tx:
        tx.run("counts.move", xid="0", n=0, behind=_FIRST, now=ctx.now())
    begun = time.perf_counter()
    steps = 0
    while steps < COUNTED and count_more(ctx, group):
        steps += 1
    part = min(1.0, steps * 100 / place.past.contacts)
    return place.past.texts * part / (time.perf_counter() - begun)


BENCH = Bench(
    name="dashboard",
    place=85,
    says="the dashboard of a company: 1,000,000 texts, 20,000 customers, 50 lines, warm",
    unit="ms, p99 of the page's statements, 7 days",
    goals=(
        *(Goal(f"{days} days db p99 ms", at_most=AT_MOST) for days in (7, 30)),
        Goal("30 days whole p99 ms", at_most=AT_MOST),
    ),
    measure=measure,
)
