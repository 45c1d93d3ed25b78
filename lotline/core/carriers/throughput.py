"""Throughput: how much a line, its campaign and its company may send, as buckets to draw from.

The values are data (`throughput.toml`). Whoever has not said what was approved is taken to have
the least: too slow is a wait, too fast is a filter at the carrier that nobody sees.

Not here: how full a bucket is (`store.buckets`), what a rule of law allows (`core.gate`).
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any
from uuid import UUID, uuid5

# Names of buckets grow from this one, the same on every host.
_ROOT = UUID("6f1c2f0e-6c44-5d0b-9c6e-7a3b1d5e9f20")
_REGISTERED_ALONE = frozenset({"toll_free", "short_code"})  # no campaign, no tier: the line is all


@dataclass(frozen=True, slots=True)
class Bucket:
    """What may be drawn: so much in a second, so much at once, so much in a day."""

    id: UUID
    kind: str
    per_s: float | None = None
    burst: float = 1.0
    day_cap: int | None = None
    day_zone: str | None = None


@dataclass(frozen=True, slots=True)
class Metered:
    """A line, and what is known of how much it may send."""

    group_id: UUID
    line_id: UUID
    kind: str
    carrier: str
    account: str
    service: str
    registration: str
    volume: str | None = None
    brand: str | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """One class or tier, as an owner picks it."""

    name: str
    label: str
    most: int


def buckets_of(line: Metered) -> tuple[Bucket, ...]:
    """What the line's texts are drawn from; nothing for a line of the simulator."""
    if line.registration == "simulated":
        return ()
    book = _book()
    own = float(book["lines"][line.carrier][line.kind]["per_s"])
    mine = Bucket(_name(line.group_id, "line", str(line.line_id)), "line", own, max(1.0, own))
    if line.kind in _REGISTERED_ALONE:
        return (mine,)
    # A number whose campaign was approved sends as fast as its campaign.
    alone = () if line.volume else (mine,)
    volume = book["volumes"][line.volume or book["unsaid"]["volume"]]["per_min"]
    # What is held at once counts too, so that no minute, wherever it begins, has more than that.
    at_once = max(1.0, volume / 30)
    campaign = _name(line.group_id, "campaign", f"{line.carrier} {line.account} {line.service}")
    company = _name(line.group_id, "company", "")
    cap = book["brands"][line.brand or book["unsaid"]["brand"]]["per_day"]
    zone = book["day"]["zone"]
    return (
        *alone,
        Bucket(campaign, "registration", (volume - at_once) / 60, at_once),
        Bucket(company, "brand", day_cap=cap, day_zone=zone),
    )


def volumes() -> tuple[Choice, ...]:
    """The classes of a campaign, the largest first."""
    return tuple(Choice(k, v["label"], v["per_min"]) for k, v in _book()["volumes"].items())


def brands() -> tuple[Choice, ...]:
    """The tiers of a company, the largest first."""
    return tuple(Choice(k, v["label"], v["per_day"]) for k, v in _book()["brands"].items())


def unsaid() -> tuple[str, str]:
    """The class and the tier of who has not said."""
    said = _book()["unsaid"]
    return said["volume"], said["brand"]


def _name(group_id: UUID, what: str, which: str) -> UUID:
    return uuid5(_ROOT, f"{group_id} {what} {which}")


@cache
def _book() -> dict[str, Any]:
    text = resources.files(__package__).joinpath("throughput.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)
