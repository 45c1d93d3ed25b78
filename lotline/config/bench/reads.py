"""Reading: the inbox, a conversation, a search, the dashboard, with a long past behind them.

Each page is asked by an owner who reaches fifty lines and by staff of one store, in turn, in two
ways: its statements alone, timed one by one over the database's socket; and the whole answer of the
running web over HTTP. A hundredth and a tenth of the past come before, to tell how cost grows.

Not here: what is asked (`asking`), filling the past (`past`), what was slowest and why (`slowest`).
"""

from __future__ import annotations

import http.client
import random
import time
from dataclasses import dataclass, replace
from pathlib import Path

from lotline.config.bench.asking import MONTH, PAGES, Page
from lotline.config.bench.dice import throw
from lotline.config.bench.figures import Asked, Bench, Goal, quantile
from lotline.config.bench.grown import Grown, Reader, grown, say
from lotline.config.bench.slowest import Slowest, write_reading
from lotline.config.bench.timed import TimedDatabase, Took

SIZES = (100_000, 1_000_000, 10_000_000)
SHORT = 2_000
TIMES, FEW, WARM = 150, 60, 25  # of each page and reader, in each round; of a smaller past fewer
FIGURES = Path(__file__).parents[3] / "docs" / "performance.md"
_NAMES = ("inbox", "conversation", "search", "dashboard")


@dataclass(frozen=True, slots=True)
class Asking:
    """A page, by whom and how often."""

    place: Grown
    page: Page
    readers: list[Reader]
    times: int
    dice: random.Random

    def given(self, reader: Reader) -> str:
        return self.page.given(reader.viewer, self.place, self.dice)


def measure(asked: Asked) -> list[dict[str, float]]:
    """Every size once, the largest for as many rounds as asked."""
    sizes: tuple[int, ...] = SIZES
    if asked.texts:
        sizes = (*(size for size in SIZES if size < asked.texts), asked.texts)
    if asked.short:
        sizes = (SHORT,)
    by_size: dict[int, dict[str, Took]] = {}
    rounds: list[dict[str, Took]] = []
    for size in sizes:
        with grown(size) as place:
            place.house.start_web()
            slowest = Slowest()
            times = asked.rounds if size == sizes[-1] else 1
            each = 10 if asked.short else TIMES if size == sizes[-1] else FEW
            rounds = [read(place, each, slowest) for _ in range(times)]
            by_size[size] = rounds[-1]
            if asked.write:
                plans = slowest.plans(
                    place.house.cluster.dsn("superuser"), place.house.town.group_id
                )
                write_reading(FIGURES, PAGES, by_size, plans)
    return [_row(one) for one in rounds]


def read(place: Grown, times: int, slowest: Slowest) -> dict[str, Took]:
    """Both ways of asking each page."""
    return {page.name: took(place, page, times, slowest) for page in (*PAGES, MONTH)}


def took(place: Grown, page: Page, times: int, slowest: Slowest) -> Took:
    """Each reader in turn."""
    readers = [one for one in place.readers if one.viewer.sees_attempts or not page.leads]
    asking = Asking(place, page, readers, times, throw(3))
    in_database, busy, counts = _in_database(asking, slowest)
    whole = _whole(asking)
    done = Took(sorted(in_database), sorted(busy), sorted(whole), min(counts), max(counts))
    say(
        f"{page.name:<22} {done.most} statements, p50 and p99 ms: in the database"
        f" {done.in_database_ms(0.5):.2f} {done.in_database_ms(0.99):.2f},"
        f" its CPU {quantile(done.busy, 0.5) * 1000:.2f} {quantile(done.busy, 0.99) * 1000:.2f},"
        f" whole {done.whole_ms(0.5):.1f} {done.whole_ms(0.99):.1f}"
    )
    return done


def _in_database(asking: Asking, slowest: Slowest) -> tuple[list[float], list[float], list[int]]:
    page, ctx = asking.page, asking.place.house.ctx
    timed = TimedDatabase(ctx.db.dsn, ctx.db.keys)
    timed.open()
    seconds, busy, counts = [], [], []
    try:
        house = replace(ctx, db=timed)
        for n in range(WARM + asking.times):
            for reader in asking.readers:
                given = asking.given(reader)
                timed.asked.clear()
                before = timed.busy_s()
                page.load(house, reader.viewer, given)
                if n >= WARM:
                    busy.append(timed.busy_s() - before)
                    seconds.append(sum(one.seconds for one in timed.asked))
                    counts.append(len(timed.asked))
                    slowest.note(page.name, timed.asked)
        slowest.note_plans(timed)
    finally:
        timed.close()
    return seconds, busy, counts


def _whole(asking: Asking) -> list[float]:
    seconds = []
    link = http.client.HTTPConnection("127.0.0.1", asking.place.house.port)
    for n in range(WARM + asking.times):
        for reader in asking.readers:
            path = asking.page.path(asking.given(reader))
            begun = time.perf_counter()
            link.request("GET", path, headers={"Cookie": f"lotline={reader.cookie}"})
            answer = link.getresponse()
            answer.read()
            if n >= WARM:
                seconds.append(time.perf_counter() - begun)
            assert answer.status == http.client.OK, (
                f"{path} was answered {answer.status} {answer.headers.get('Location', '')}"
            )
    link.close()
    return seconds


def _row(pages: dict[str, Took]) -> dict[str, float]:
    """What is judged: of each kind of page the slowest."""
    row = {"value": max(pages["inbox"].in_database_ms(0.99), 0.0)}
    for name in _NAMES:
        several = [took for page, took in pages.items() if page.startswith(name)]
        if name == "dashboard":
            several = [pages["dashboard, 7 days"]]
        row[f"{name} db p99 ms"] = max(one.in_database_ms(0.99) for one in several)
        row[f"{name} whole p99 ms"] = max(one.whole_ms(0.99) for one in several)
        row[f"{name} statements"] = float(max(one.most for one in several))
    return row


BENCH = Bench(
    name="reads",
    place=80,
    says="inbox, conversation, search, dashboard: 10,000,000 texts, 200,000 customers, 500 members",
    unit="ms, p99 of the inbox in the database",
    goals=tuple(
        goal
        for name in _NAMES
        for page in [next(page for page in PAGES if page.name.startswith(name))]
        for goal in (
            Goal(f"{name} db p99 ms", at_most=page.in_database),
            Goal(f"{name} whole p99 ms", at_most=page.whole),
        )
    ),
    measure=measure,
)
