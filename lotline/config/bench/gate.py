"""The gate: one decision from facts in memory, and recipients by the thousand from the database.

allow, block, hold    one decision, median of many, in microseconds
value and limit       recipients a second: facts read and decided, against facts only read
"""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import datetime, timedelta
from statistics import median
from typing import TYPE_CHECKING, Any

from lotline.config.bench.backlog import asked_of
from lotline.config.bench.figures import Asked, Bench, Goal
from lotline.config.bench.house import House, opened_house
from lotline.core.consent.entry import Kind, Scope
from lotline.core.consent.standing import Standing
from lotline.core.gate.decision import Verdict
from lotline.core.gate.facts import Facts, Sender
from lotline.core.gate.gate import decide
from lotline.core.messaging.purpose import Purpose
from lotline.store.facts import load_facts

if TYPE_CHECKING:
    from lotline.core.gate.rulebook import Rulebook

AT_ONCE = 1000
AGAIN = 400


def measure(asked: Asked) -> list[dict[str, float]]:
    """Rounds on one house."""
    customers = 1000 if asked.short else 5000
    with opened_house(customers=customers) as house:
        ids = _contact_ids(house)
        return [_one_round(house, ids) for _ in range(asked.rounds)]


def _one_round(house: House, ids: list[Any]) -> dict[str, float]:
    reading, facts = _timed(house, ids)
    began = time.perf_counter()
    for one in facts:
        decide(one, house.ctx.book)
    deciding = time.perf_counter() - began
    sample = facts[0]
    return {
        "value": len(ids) / (reading + deciding),
        "limit": len(ids) / reading,
        "ratio": reading / (reading + deciding),
        "seconds for a million": (reading + deciding) / len(ids) * 1e6,
        **_single(sample, house.ctx.book),
    }


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
    says="one decision from facts in memory; recipients read and decided",
    unit="recipients/s",
    goals=(
        Goal("allow_us", at_most=30.0),
        Goal("block_us", at_most=30.0),
        Goal("hold_us", at_most=30.0),
        Goal("seconds for a million", at_most=5.0),
    ),
    measure=measure,
)
