"""Reading: the inbox, a conversation, a search, with a long past behind them.

Each page is asked by an owner who reaches fifty lines and by staff of one store, in turn, in two
ways: its statements alone, timed one by one over the database's socket; and the whole answer of the
running web over HTTP. A hundredth and a tenth of the past come before, to tell how cost grows.

Not here: filling the past (`past`), what was slowest and why (`slowest`).
"""

from __future__ import annotations

import http.client
import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

from lotline.actions.search import search
from lotline.config.bench.crowd import Crowd, gather, sign_in
from lotline.config.bench.figures import Asked, Bench, Goal, quantile
from lotline.config.bench.house import House, opened_house
from lotline.config.bench.past import Past, live
from lotline.config.bench.sayings import RARE, Sayings
from lotline.config.bench.slowest import write_slowest
from lotline.config.bench.timed import TimedDatabase
from lotline.core.messaging.search import read_search

if TYPE_CHECKING:
    from lotline.config.bench.timed import Asked as Statement
    from lotline.store.shown import Viewer

SIZES = (100_000, 1_000_000, 10_000_000)
CONTACTS = 200_000
FOR_EACH = 50  # texts a customer, in a small past too
TIMES, WARM = 150, 25  # of each page and viewer, in each round
IN_DATABASE = {"inbox": 2.0, "conversation": 2.0, "search": 40.0}
WHOLE = {"inbox": 40.0, "conversation": 40.0, "search": 90.0}
SLOWEST = Path(__file__).parents[3] / "docs" / "slowest.md"
ZONE = ZoneInfo("America/New_York")
_COMMON = ("truck", "price", "you", "appointment", "still", "photo", "brakes")
_NARROWED = ("from:member", "purpose:offer", "is:flagged", "is:waiting", "consent:none", "has:note")


@dataclass
class Reader:
    """Somebody who reads, and how they ask."""

    viewer: Viewer
    cookie: str


@dataclass
class Grown:
    """A house with a past, and who reads in it."""

    house: House
    past: Past
    readers: list[Reader]


@contextmanager
def grown(texts: int) -> Iterator[Grown]:
    """A fresh house of that size, its web running."""
    with opened_house(customers=1) as house:
        crowd = gather(house.ctx, house.town, house.cluster.dsn("owner"), _say)
        with house.ctx.db.transaction(house.town.group_id) as tx:
            keys = tx.keys
        contacts = min(CONTACTS, max(1, texts // FOR_EACH))
        dsn = house.cluster.dsn("superuser")
        past = live(dsn, keys, crowd.company, texts=texts, contacts=contacts, say=_say)
        house.settle()
        yield Grown(house, past, readers_of(house, crowd))


def readers_of(house: House, crowd: Crowd) -> list[Reader]:
    return [Reader(*sign_in(house.ctx, house.env, account)) for account in crowd.accounts.values()]


def measure(asked: Asked) -> list[dict[str, float]]:
    """Every size once, the largest for as many rounds as asked."""
    sizes = (2_000,) if asked.short else SIZES
    smaller: dict[str, float] = {}
    for size in sizes[:-1]:
        with grown(size) as place:
            place.house.start_web()
            rows = one_round(place, asked, [])
            power = len(str(size)) - 1
            smaller |= {f"{name} at 10^{power}": value for name, value in rows.items()}
    with grown(sizes[-1]) as place:
        place.house.start_web()
        kept: list[Statement] = []
        rounds = [one_round(place, asked, kept) for _ in range(asked.rounds)]
        if not asked.short:
            town = place.house.town.group_id
            dsn = place.house.cluster.dsn("app")
            write_slowest(SLOWEST, dsn, town, kept, place.past.texts)
    return [{"value": row["inbox db p99 ms"], **row, **smaller} for row in rounds]


def one_round(place: Grown, asked: Asked, kept: list[Statement]) -> dict[str, float]:
    """Both ways of asking each page; `kept` gathers the statements."""
    times = 10 if asked.short else TIMES
    dice = random.Random(3)  # noqa: S311  # dice, no secret
    row: dict[str, float] = {}
    for page in IN_DATABASE:
        row |= _in_database(place, page, times, dice, kept)
    for page in WHOLE:
        row |= _whole(place, page, times, dice)
    return row


def _in_database(
    place: Grown, page: str, times: int, dice: random.Random, kept: list[Statement]
) -> dict[str, float]:
    ctx = place.house.ctx
    timed = TimedDatabase(ctx.db.dsn, ctx.db.keys, min_size=1, max_size=2)
    timed.open()
    ask = _PAGES[page]
    took, counts = [], set()
    try:
        house = replace(ctx, db=timed)
        for n in range(WARM + times):
            for reader in place.readers:
                timed.asked.clear()
                ask(house, reader.viewer, place, dice)
                if n >= WARM:
                    took.append(sum(one.seconds for one in timed.asked))
                    counts.add(len(timed.asked))
                    kept += timed.asked
    finally:
        timed.close()
    took.sort()
    return {
        f"{page} db p50 ms": quantile(took, 0.5) * 1000,
        f"{page} db p99 ms": quantile(took, 0.99) * 1000,
        f"{page} statements": float(max(counts)),
    }


def _whole(place: Grown, page: str, times: int, dice: random.Random) -> dict[str, float]:
    took = []
    link = http.client.HTTPConnection("127.0.0.1", place.house.port)
    for n in range(WARM + times):
        for reader in place.readers:
            path = _path(page, reader.viewer, place, dice)
            begun = time.perf_counter()
            link.request("GET", path, headers={"Cookie": f"lotline={reader.cookie}"})
            answer = link.getresponse()
            answer.read()
            if n >= WARM:
                took.append(time.perf_counter() - begun)
            assert answer.status == http.client.OK, f"{path} was answered {answer.status}"
    link.close()
    took.sort()
    return {
        f"{page} whole p50 ms": quantile(took, 0.5) * 1000,
        f"{page} whole p99 ms": quantile(took, 0.99) * 1000,
    }


# --- the pages ---------------------------------------------------------------------------------


def _request(ctx: Any, viewer: Viewer) -> Any:
    return SimpleNamespace(lotline=ctx, viewer=viewer, GET=_Given())


class _Given(dict[str, str]):
    """A query string that says nothing."""

    def dict(self) -> dict[str, str]:
        return {}


def _inbox(ctx: Any, viewer: Viewer, place: Grown, dice: random.Random) -> None:
    from lotline.web.conversations import load_desk
    from lotline.web.desk import Filter

    del place
    load_desk(_request(ctx, viewer), Filter(box=dice.choice(("mine", "team"))))


def _conversation(ctx: Any, viewer: Viewer, place: Grown, dice: random.Random) -> None:
    from lotline.web.conversations import conversation_context, load_desk
    from lotline.web.desk import Filter

    request = _request(ctx, viewer)
    loaded = load_desk(request, Filter(), _talk(viewer, place, dice))
    assert loaded.page is not None, "it is within reach"
    conversation_context(request, loaded.page, loaded.colleagues)


def _search(ctx: Any, viewer: Viewer, place: Grown, dice: random.Random) -> None:
    del place
    search(ctx, viewer, read_search(_sought(dice)), rules={}, zone=ZONE)


_PAGES: dict[str, Callable[[Any, Viewer, Grown, random.Random], None]] = {
    "inbox": _inbox,
    "conversation": _conversation,
    "search": _search,
}


def _talk(viewer: Viewer, place: Grown, dice: random.Random) -> UUID:
    """One within reach: of the busiest, one time in four, else any."""
    talks = place.past.talks_on(viewer.line_ids)
    most = max(1, len(talks) // 100) if dice.random() < 0.25 else len(talks)
    return UUID(hex=talks[dice.randrange(most)])


def _sought(dice: random.Random) -> str:
    """One word or two, rare or common, sometimes narrowed by a filter."""
    words = [
        Sayings.rare(int(RARE ** dice.random())) if dice.random() < 0.6 else dice.choice(_COMMON)
        for _ in range(dice.choice((1, 1, 2)))
    ]
    if dice.random() < 0.25:
        words.append(dice.choice(_NARROWED))
    return " ".join(words)


def _path(page: str, viewer: Viewer, place: Grown, dice: random.Random) -> str:
    if page == "inbox":
        return f"/inbox/?box={dice.choice(('mine', 'team'))}"
    if page == "conversation":
        return f"/c/{_talk(viewer, place, dice)}/"
    return f"/search/?{urlencode({'q': _sought(dice)})}"


def _say(words: str) -> None:
    print(f"  {words}", flush=True)


BENCH = Bench(
    name="inbox",
    place=80,
    says="inbox, conversation, search: 10,000,000 texts, 200,000 customers, 500 members, warm",
    unit="ms, p99 of the inbox in the database",
    goals=(
        *(Goal(f"{page} db p99 ms", at_most=most) for page, most in IN_DATABASE.items()),
        *(Goal(f"{page} whole p99 ms", at_most=most) for page, most in WHOLE.items()),
    ),
    measure=measure,
)
