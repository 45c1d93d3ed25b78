"""Live streams: from a text's commit to the event at each browser that may hear of it.

Five hundred people of one company on two devices each, two pages open on each: two thousand
streams at one web process. Customers' texts are taken in by a program beside it, so that what the
web spends is what its streams cost. Each round counts that every stream within reach of a text's
line was told of it once, and no other.

Not here: the streams' other ends (`streams`), the texts (`telling`).
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from lotline.actions.devices import open_device
from lotline.actions.members import NewMember, Where, add_member
from lotline.config.bench.figures import Asked, Bench, Goal, latencies
from lotline.config.bench.house import House, opened_house
from lotline.config.bench.processes import cpu_of, memory_mb
from lotline.config.bench.streams import Streams, allow_files, pause
from lotline.config.bench.telling import Texts
from lotline.config.bench.town import line_of

if TYPE_CHECKING:
    from collections.abc import Sequence

MEMBERS, DEVICES, PAGES = 500, 2, 2
LEADERS = 10  # who reach the whole store; the others reach one line each
PER_SECOND = 50.0
SECONDS = 8.0
_DONE = "select xact_commit from pg_stat_database where datname = current_database()"


@dataclass(frozen=True, slots=True)
class Reader:
    """One page that is open: whose cookie it has, and of which lines it is to hear."""

    cookie: str
    lines: frozenset[int]


def measure(asked: Asked) -> list[dict[str, float]]:
    """Rounds on one house, its streams opened once."""
    members, seconds = (10, 2.0) if asked.short else (MEMBERS, SECONDS)
    count = members * DEVICES * PAGES
    allow_files(count)
    with opened_house(customers=200 if asked.short else 2000, profile=asked.profile) as house:
        readers = _gather(house, members)
        house.settle()
        house.start_web()
        web = house.processes["web"].pid
        with Streams(house.port) as streams:
            streams.open([one.cookie for one in readers[: count // 4]])  # its own first growth
            streams.close()
            pause(1.0)
            before = memory_mb(web)
            streams.open([one.cookie for one in readers])
            rows = [_one_round(house, readers, streams, seconds) for _ in range(asked.rounds)]
            held = (memory_mb(web) - before) * 1024 / count
    return [{**row, "KB a stream": held} for row in rows]


def _one_round(
    house: House, readers: Sequence[Reader], streams: Streams, seconds: float
) -> dict[str, float]:
    web = house.processes["web"].pid
    spent, done = cpu_of(web), house.count(_DONE)
    streams.forget()
    texts = _tell(house, seconds)
    streams.wait_for(_owed(readers, texts))
    spent = cpu_of(web) - spent
    pause(1.2)  # so long the database may keep its own counts back
    done = house.count(_DONE) - done
    took = _judge(readers, streams, texts)
    return {
        "value": len(took) / seconds,
        **latencies(took),
        "streams": float(len(readers)),
        "web CPU s per 1,000 events": spent / len(took) * 1000,
        "transactions a text": done / len(texts.committed),
    }


def _tell(house: House, seconds: float) -> Texts:
    """A program of its own takes them in; what it says is when each was committed."""
    town = house.town
    numbers = [(number, line_of(town, n)) for n, number in enumerate(town.customers)]
    lines = zip(town.line_ids, town.lines, strict=True)
    asked = {
        "group_id": str(town.group_id),
        "account": town.account,
        "lines": [[str(line_id), number] for line_id, number in lines],
        "customers": numbers,
        "per_second": PER_SECOND,
        "seconds": seconds,
    }
    done = subprocess.run(
        [sys.executable, "-m", "lotline.config.bench.telling"],
        check=True,
        env=house.env,
        input=json.dumps(asked),
        stdout=subprocess.PIPE,
        text=True,
    )
    return Texts.read(done.stdout)


def _owed(readers: Sequence[Reader], texts: Texts) -> int:
    return sum(line in one.lines for line in texts.lines.values() for one in readers)


def _judge(readers: Sequence[Reader], streams: Streams, texts: Texts) -> list[float]:
    """How long each event took; nothing may be missing, doubled, or with somebody else."""
    took = []
    for reader, heard in zip(readers, streams.heard(), strict=True):
        told = [text_id for text_id, _ in heard]
        owed = {text_id for text_id, line in texts.lines.items() if line in reader.lines}
        assert len(told) == len(set(told)), "an event came twice"
        assert set(told) == owed, "an event is missing, or was heard out of reach"
        took += [at - texts.committed[text_id] for text_id, at in heard]
    return took


def _gather(house: House, members: int) -> list[Reader]:
    """Everybody who works here, signed in."""
    town, ctx = house.town, house.ctx
    store_id = house.ask("select id from stores")[0][0]
    accounts: dict[UUID, frozenset[int]] = {}
    for n in range(members):
        leads = n < max(1, members * LEADERS // MEMBERS)
        line = n % len(town.lines)
        reach = Where(stores=frozenset({store_id})) if leads else Where(lines=_one(house, line))
        seat = ctx.new_id()
        role = "manager" if leads else "staff"
        add_member(ctx, town.viewer, NewMember(f"Member {n}", role, reach, seat))
        accounts[seat] = frozenset(range(len(town.lines)) if leads else {line})
    signed = subprocess.run(  # noqa: S603  # our own program
        [sys.executable, "-m", "lotline.config.bench.signing", *map(str, accounts), f"{DEVICES}"],
        check=True,
        env=house.env,
        stdout=subprocess.PIPE,
        text=True,
    )
    readers = []
    for words in signed.stdout.splitlines()[-len(accounts) :]:
        account, *keys = words.split()
        for key in keys:
            open_device(ctx, UUID(account), key, label="Bench", address="192.0.2.17")
            readers += [Reader(key, accounts[UUID(account)])] * PAGES
    return readers


def _one(house: House, line: int) -> frozenset[UUID]:
    return frozenset({house.town.line_ids[line]})


BENCH = Bench(
    name="live",
    place=60,
    says="2,000 open streams, 50 texts a second, from commit to the browser's event",
    unit="events/s",
    goals=(Goal("p99_ms", at_most=300.0), Goal("KB a stream", at_most=40.0)),
    measure=measure,
)
