"""The gate: one decision from facts in memory, and a million recipients from the database.

allow, block, hold       one decision, median of many, in microseconds
value and limit          recipients of one list a second: read and decided, against only read
seconds for a million    what that makes of a million of them
queued to plain insert   read, decided and put in a queue, by the time that INSERT ... SELECT takes
                         for as many rows of the same table
one by one               recipients a second where each is read and decided for itself
"""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import TYPE_CHECKING, Any

import psycopg

from lotline.actions.audience import Ruling, decide_audience
from lotline.config.bench.backlog import asked_of
from lotline.config.bench.figures import Asked, Bench, Goal
from lotline.config.bench.house import House, opened_house
from lotline.config.bench.recipients import fill_recipients
from lotline.core.consent.entry import Kind, Scope
from lotline.core.consent.standing import Standing
from lotline.core.gate.decision import Verdict
from lotline.core.gate.facts import Facts, Sender
from lotline.core.gate.gate import decide
from lotline.core.messaging.purpose import Purpose
from lotline.store.audience import Audience, load_crowd
from lotline.store.facts import load_facts

if TYPE_CHECKING:
    from lotline.core.gate.rulebook import Rulebook
    from lotline.store.database import Tx

AT_ONCE = 1000
AGAIN = 400
MILLION = 1_000_000
# The outbox again, empty: with its columns, indexes and walls.
QUEUE = """
create table if not exists bench_queue (like outbox including all);
truncate bench_queue;
alter table bench_queue enable row level security;
alter table bench_queue force row level security;
drop policy if exists tenant on bench_queue;
create policy tenant on bench_queue
    using (group_id = nullif(current_setting('lotline.group_id', true), '')::uuid);
grant select, insert on bench_queue to lotline_app;
"""
PUT = """
insert into bench_queue (group_id, text_id, contact_id, line_id, due_at, kind)
select %(group)s, gen_random_uuid(),
    encode(substr(k.members, g * 16 + 1, 16), 'hex')::uuid, %(line)s, k.due, 'schedule'
from unnest(%(members)s::bytea[], %(due)s::timestamptz[]) as k (members, due)
cross join lateral generate_series(0, length(k.members) / 16 - 1) g
"""
PLAIN = """
insert into bench_queue (group_id, text_id, contact_id, line_id, due_at, kind)
select %(group)s, gen_random_uuid(), c.id, %(line)s, %(at)s, 'schedule'
from contacts c where c.group_id = %(group)s limit %(count)s
"""


def measure(asked: Asked) -> list[dict[str, float]]:
    """Rounds on one house."""
    count = 1000 if asked.short else MILLION
    with opened_house(customers=1000) as house:
        ids = _contact_ids(house)
        at = _broadcast_at(house)
        line_id = house.town.line_ids[0]
        dsn = house.cluster.dsn("superuser")
        fill_recipients(dsn, house.town.group_id, line_id, count, at)
        house.settle()
        audience = Audience(line_id, Purpose.OFFER, Sender.BROADCAST, at)
        return [_one_round(house, ids, audience) for _ in range(asked.rounds)]


def _one_round(house: House, ids: list[Any], audience: Audience) -> dict[str, float]:
    reading, facts = _timed(house, ids)
    began = time.perf_counter()
    for one in facts:
        decide(one, house.ctx.book)
    deciding = time.perf_counter() - began
    return {
        **_set_wise(house, audience),
        "one by one": len(ids) / (reading + deciding),
        **_single(facts[0], house.ctx.book),
    }


def _set_wise(house: House, audience: Audience) -> dict[str, float]:
    """A list is read; read and decided; read, decided and queued; and as many rows just queued."""
    book, database, group_id = house.ctx.book, house.ctx.db, house.town.group_id
    began = time.perf_counter()
    with database.transaction(group_id) as tx:
        crowd = load_crowd(tx, audience, book)
    reading = time.perf_counter() - began
    _empty_queue(house)
    began = time.perf_counter()
    with database.transaction(group_id) as tx:
        rulings = decide_audience(tx, audience, book)
        deciding = time.perf_counter() - began
        queued = _queue(tx, audience, rulings)
    queueing = time.perf_counter() - began
    _empty_queue(house)
    began = time.perf_counter()
    with database.transaction(group_id) as tx:
        named = {"group": group_id, "line": audience.line_id, "at": audience.at, "count": queued}
        tx._conn.execute(PLAIN, named)  # noqa: SLF001  # a statement of the bench's own
    plain = time.perf_counter() - began
    count = sum(len(one.members) for one in rulings) // 16
    return {
        "value": count / deciding,
        "limit": count / reading,
        "ratio": reading / deciding,
        "seconds for a million": deciding / count * MILLION,
        "queued to plain insert": queueing / plain,
        "queued": queued,
        "classes": len(crowd.classes),
        "apart": len(crowd.apart) // 16,
    }


def _empty_queue(house: House) -> None:
    with psycopg.connect(house.cluster.dsn("superuser"), autocommit=True) as link:
        link.execute(QUEUE)
        link.execute("checkpoint")


def _queue(tx: Tx, audience: Audience, rulings: list[Ruling]) -> int:
    """Whoever may be texted, now or later; how many they are."""
    going = [one for one in rulings if one.decision.verdict is not Verdict.BLOCK]
    due = [one.decision.hold_until or audience.at for one in going]
    named = {"group": tx.group_id, "line": audience.line_id, "due": due}
    link = tx._conn  # noqa: SLF001  # a statement of the bench's own
    link.execute(PUT, {**named, "members": [one.members for one in going]}, binary=True)
    return sum(len(one.members) for one in going) // 16


def _broadcast_at(house: House) -> datetime:
    """A Wednesday to come, when it is day in the east and too early in the west."""
    now = house.ctx.now().astimezone(UTC)
    day = now + timedelta(days=1 + (1 - now.weekday()) % 7)
    return day.replace(hour=15, minute=30, second=0, microsecond=0)


def _timed(house: House, ids: list[Any]) -> tuple[float, list[Facts]]:
    now = house.ctx.now()
    read: list[Facts] = []
    began = time.perf_counter()
    for at in range(0, len(ids), AT_ONCE):
        several = ids[at : at + AT_ONCE]
        with house.ctx.db.transaction(house.town.group_id) as tx:
            asked = [asked_of(house, one, at + n, now) for n, one in enumerate(several)]
            read += load_facts(tx, asked)
    return time.perf_counter() - began, read


def _single(sample: Facts, book: Rulebook) -> dict[str, float]:
    """One of each verdict; the same customer in three situations."""
    noon = _at_local_hour(sample, book, 13)
    night = _at_local_hour(sample, book, 23)
    yes = Standing(offers=Kind.WRITTEN, updates=Kind.WRITTEN)
    offer = replace(sample, purpose=Purpose.OFFER, sender=Sender.PERSON, standing=yes)
    cases = {
        "allow_us": (replace(sample, at=noon), Verdict.ALLOW),
        "block_us": (
            replace(offer, at=noon, standing=Standing(stopped=Scope.ALL, stopped_at=noon)),
            Verdict.BLOCK,
        ),
        "hold_us": (replace(offer, at=night), Verdict.HOLD),
    }
    found = {}
    for name, (facts, verdict) in cases.items():
        assert decide(facts, book).verdict is verdict, f"{name}: not a case of it"
        spans = []
        for _ in range(AGAIN):
            began = time.perf_counter()
            decide(facts, book)
            spans.append(time.perf_counter() - began)
        found[name] = median(spans) * 1e6
    return found


def _at_local_hour(sample: Facts, book: Rulebook, hour: int) -> datetime:
    """A Wednesday by the customer's clock."""
    at = sample.at
    zone = book.zone(sample.place.zones[0])
    local = at.astimezone(zone).replace(hour=hour, minute=0, second=0, microsecond=0)
    return (local + timedelta(days=(2 - local.weekday()) % 7)).astimezone(at.tzinfo)


def _contact_ids(house: House) -> list[Any]:
    return [row[0] for row in house.ask("select id from contacts order by id")]


BENCH = Bench(
    name="gate",
    place=50,
    says="one decision from facts in memory; a list of a million read, decided and queued",
    unit="recipients/s",
    goals=(
        Goal("allow_us", at_most=30.0),
        Goal("block_us", at_most=30.0),
        Goal("hold_us", at_most=30.0),
        Goal("seconds for a million", at_most=5.0),
        Goal("queued to plain insert", at_most=1.6),
    ),
    measure=measure,
)
