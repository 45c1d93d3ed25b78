"""The dashboard over a long past: a million texts, counted from scratch and then looked at.

A week and a month are asked for by an owner who reaches every line: its statements, over the
database's socket. What counting from scratch takes is told beside.

Not here: filling the past (`past`), agreeing with a full count (`tests/actions/test_counting.py`).
"""

from __future__ import annotations

import time
from dataclasses import replace

from lotline.actions.counting import count_more
from lotline.actions.dashboard import Asked as Days
from lotline.actions.dashboard import see
from lotline.config.bench.figures import Asked, Bench, Goal, quantile
from lotline.config.bench.inbox import Grown, Reader, grown
from lotline.config.bench.timed import TimedDatabase

SIZE, SHORT = 1_000_000, 2_000
TIMES, WARM = 40, 5
AT_MOST = 200.0


def measure(asked: Asked) -> list[dict[str, float]]:
    """Counted once, then looked at for as many rounds as asked."""
    with grown(SHORT if asked.short else SIZE) as place:
        group = place.house.town.group_id
        begun = time.perf_counter()
        while count_more(place.house.ctx, group):
            pass
        counted = place.past.texts / (time.perf_counter() - begun)
        times = 5 if asked.short else TIMES
        rounds = [_round(place, times) for _ in range(asked.rounds)]
    return [
        {"value": row["7 days db p99 ms"], **row, "texts counted a second": counted}
        for row in rounds
    ]


def _round(place: Grown, times: int) -> dict[str, float]:
    owner = next(one for one in place.readers if one.viewer.sees_all)
    row: dict[str, float] = {}
    for days in (7, 30):
        row |= _in_database(place, owner, days, times)
    return row


def _in_database(place: Grown, reader: Reader, days: int, times: int) -> dict[str, float]:
    ctx = place.house.ctx
    timed = TimedDatabase(ctx.db.dsn, ctx.db.keys, min_size=1, max_size=2)
    timed.open()
    took, counts = [], set()
    try:
        house = replace(ctx, db=timed)
        for n in range(WARM + times):
            timed.asked.clear()
            see(house, reader.viewer, Days(days=days))
            if n >= WARM:
                took.append(sum(one.seconds for one in timed.asked))
                counts.add(len(timed.asked))
    finally:
        timed.close()
    took.sort()
    return {
        f"{days} days db p50 ms": quantile(took, 0.5) * 1000,
        f"{days} days db p99 ms": quantile(took, 0.99) * 1000,
        "statements": float(max(counts)),
    }


BENCH = Bench(
    name="dashboard",
    place=85,
    says="the dashboard of a company: 1,000,000 texts, 20,000 customers, 50 lines, warm",
    unit="ms, p99 of the page's statements",
    goals=tuple(Goal(f"{days} days db p99 ms", at_most=AT_MOST) for days in (7, 30)),
    measure=measure,
)
