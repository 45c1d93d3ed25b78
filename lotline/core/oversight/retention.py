"""Retention: which classes of records there are, how long each is kept, and what never goes.

Every period and citation is read from the rulebook's `records.toml`; an owner's choice lengthens
it, or shortens it to the floor and no further.

Not here: who chooses (`actions.retention`), the retiring itself (`store.retention`).
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from importlib import resources
from typing import Any

FOR_EVER = 0
MOST_MONTHS = 1200
_A_MONTH = timedelta(days=30.4375)


@dataclass(frozen=True, slots=True)
class Source:
    """Where a period was found, and what of it was read."""

    citation: str
    says: str
    url: str
    read: str


@dataclass(frozen=True, slots=True)
class Class:
    """One class of records. `months` 0 is for ever."""

    name: str
    title: str
    goes: str
    stays: str
    counts_from: str
    months: int
    floor: int
    basis: str
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class Kept:
    """What never goes, and why."""

    name: str
    title: str
    why: str
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class Along:
    """What has no time of its own: with what it goes, and why not before."""

    name: str
    title: str
    goes_with: str
    why: str
    sources: tuple[Source, ...]


@cache
def load_records() -> tuple[tuple[Class, ...], tuple[Kept, ...]]:
    """Every class that can be retired, then everything that is kept."""
    found = _read()
    classes = tuple(Class(name=name, **said) for name, said in found["classes"].items())
    for one in classes:
        assert one.floor > 0, one.name
        assert one.months == FOR_EVER or one.months >= one.floor, one.name
    return classes, tuple(Kept(name=name, **said) for name, said in found["kept"].items())


def load_along() -> tuple[Along, ...]:
    """Everything that goes with something else."""
    return tuple(Along(name=name, **said) for name, said in _read()["along"].items())


@cache
def _read() -> dict[str, dict[str, dict[str, Any]]]:
    """The file, each entry with the sources that it names."""
    path = resources.files("lotline.core.gate.rulebook") / "records.toml"
    found = tomllib.loads(path.read_text(encoding="utf-8"))
    sources = {name: Source(**said) for name, said in found.pop("sources").items()}
    return {
        table: {
            name: {**said, "sources": tuple(sources[one] for one in said["sources"])}
            for name, said in entries.items()
        }
        for table, entries in found.items()
    }


def class_named(name: str) -> Class:
    """The class, or KeyError."""
    return {one.name: one for one in load_records()[0]}[name]


def months_of(one: Class, chosen: Mapping[str, int | None]) -> int:
    """How long it is kept: what the owner chose, never below the floor; else the default."""
    if one.name not in chosen:
        return one.months
    months = chosen[one.name]
    return FOR_EVER if months is None else max(months, one.floor)


def before_of(months: int, now: datetime) -> datetime | None:
    """What is older may go; None when nothing ever does."""
    return None if months == FOR_EVER else now - months * _A_MONTH


def may_choose(one: Class, months: int | None) -> bool:
    """For ever, or at least the floor."""
    return months is None or one.floor <= months <= MOST_MONTHS
