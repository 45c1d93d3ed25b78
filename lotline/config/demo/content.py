"""The town as it is written in town.toml, with every time turned into an instant.

A line of a log is dated from the moment the town is made: nothing in it is still to come, and
within a conversation time only goes forward.

Not here: making it happen (`building`, `living`).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cache
from importlib import resources
from typing import Any
from zoneinfo import ZoneInfo

_DAY = re.compile(r"([+-]\d+)d(?: (\d\d):(\d\d))?")
_MINUTES = re.compile(r"-(\d+)m")
_STEP = timedelta(seconds=20)


@dataclass(frozen=True, slots=True)
class Moment:
    """One line of a log: `kind at` and the rest, as written."""

    at: datetime
    kind: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Person:
    """A customer, as written."""

    number: str
    line: str
    name: str
    assignee: str
    persona: str
    zip_code: str
    place: str
    language: str
    card: dict[str, Any]
    bought: date | None
    draft: tuple[str, ...]
    snooze: datetime | None
    done: bool
    open: bool  # still to be answered, however old
    log: tuple[Moment, ...]


@dataclass(frozen=True, slots=True)
class Content:
    """All of it. Stores, lines, members and saved replies are as the file has them."""

    company: dict[str, Any]
    stores: list[dict[str, Any]]
    lines: list[dict[str, Any]]
    members: list[dict[str, Any]]
    templates: list[dict[str, Any]]
    people: list[Person] = field(default_factory=list)

    @property
    def zone(self) -> str:
        zone: str = self.stores[0]["zone"]
        return zone

    def timeline(self) -> Iterator[tuple[Person, Moment]]:
        """Everybody's moments, the oldest first."""
        moments = [(one, moment) for one in self.people for moment in one.log]
        yield from sorted(moments, key=lambda both: both[1].at)


@cache
def _written() -> dict[str, Any]:
    file = resources.files("lotline.config.demo").joinpath("town.toml")
    return tomllib.loads(file.read_text(encoding="utf-8"))


def load_content(now: datetime) -> Content:
    """The town as of `now`."""
    written = _written()
    zone = ZoneInfo(written["store"][0]["zone"])
    return Content(
        company=written["company"],
        stores=written["store"],
        lines=written["line"],
        members=written["member"],
        templates=written["template"],
        people=[_person(one, now, zone) for one in written["contact"]],
    )


def moment_of(said: str, now: datetime, zone: ZoneInfo) -> datetime:
    """`-9m` is nine minutes ago; `-3d 16:31` is the store's clock three days ago."""
    minutes = _MINUTES.fullmatch(said)
    if minutes:
        return now - timedelta(minutes=int(minutes[1]))
    day = _DAY.fullmatch(said)
    if day is None:
        raise ValueError(f"town.toml: {said!r} is no time")
    local = now.astimezone(zone)
    wall = time(int(day[2] or 12), int(day[3] or 0))
    on = local.date() + timedelta(days=int(day[1]))
    return datetime.combine(on, wall, zone).astimezone(now.tzinfo)


def _person(one: dict[str, Any], now: datetime, zone: ZoneInfo) -> Person:
    bought = one.get("bought")
    snooze = one.get("snooze")
    return Person(
        number=one["number"],
        line=one["line"],
        name=one.get("name", ""),
        assignee=one.get("assignee", ""),
        persona=one.get("persona", "silent"),
        zip_code=one.get("zip", ""),
        place=one.get("place", ""),
        language=one.get("language", "en"),
        card=one.get("card", {}),
        bought=moment_of(bought, now, zone).astimezone(zone).date() if bought else None,
        draft=tuple(one.get("draft", ())),
        snooze=moment_of(snooze, now, zone) if snooze else None,
        done=one.get("done", False),
        open=one.get("open", False),
        log=tuple(_moments(one["log"], now, zone)),
    )


def _moments(log: list[list[str]], now: datetime, zone: ZoneInfo) -> Iterator[Moment]:
    """In order, whatever the hour at which the town is made."""
    earliest = None
    for kind, said, *words in log:
        at = min(moment_of(said, now, zone), now)
        if earliest is not None and at < earliest:
            at = earliest
        earliest = at + _STEP
        yield Moment(at, kind, tuple(words))
