"""Waits: how long a customer who wrote waited for a person, by the clock of the line's open hours.

Invariant: a wait starts at the first text of the customer's own after our last human text, and ends
at the first human text that the carrier took. Keyword texts, answers by software and texts to many
neither start nor end one, and who the conversation belongs to never matters.

Not here: which conversations wait now past their target (`store.dashboard`), storing any of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

_NAMES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY = timedelta(days=1)
_NOTHING = timedelta(0)
_LOOK = 8  # days: after so many shut ones nothing opens any more

Open = tuple[time, time]


@dataclass(frozen=True, slots=True)
class Hours:
    """When a line is answered, in its store's zone; Monday first. None: at any hour."""

    zone: ZoneInfo
    days: tuple[Open | None, ...] | None = None


class Said(NamedTuple):
    """One text, as the clock needs it: a customer's own, or a person's that the carrier took."""

    text_id: UUID
    at: datetime
    theirs: bool
    author_id: UUID | None = None


class Wait(NamedTuple):
    """`ended_at` is None while nobody answered."""

    text_id: UUID  # the customer's, that began it
    started_at: datetime
    ended_at: datetime | None = None
    author_id: UUID | None = None


def read_hours(zone: ZoneInfo, written: Mapping[str, Any]) -> Hours:
    """As a store's row holds them: `{"mon": ["08:00", "20:00"], "sun": []}`. None written: always.

    A day that closes at or before its opening closes on the next.
    """
    if not any(written.get(name) for name in _NAMES):
        return Hours(zone)
    return Hours(zone, tuple(_read(written.get(name) or ()) for name in _NAMES))


def _read(pair: Sequence[str]) -> Open | None:
    if len(pair) != 2:  # opening and closing
        return None
    begin, end = (time.fromisoformat("00:00" if one == "24:00" else one) for one in pair)
    return begin, end


@lru_cache(maxsize=20_000)
def _span(hours: Hours, day: date) -> tuple[datetime, datetime] | None:
    """When it is open on one day of its own, as instants."""
    assert hours.days is not None, "who is always open has no days"
    pair = hours.days[day.weekday()]
    if pair is None:
        return None
    begin, end = pair
    closes = day if end > begin else day + _DAY
    return (
        datetime.combine(day, begin, hours.zone).astimezone(UTC),
        datetime.combine(closes, end, hours.zone).astimezone(UTC),
    )


def open_between(hours: Hours, start: datetime, end: datetime) -> timedelta:
    """How much of that time the line was open; real time, so a night that is an hour longer is not
    an hour shorter.
    """
    if end <= start:
        return _NOTHING
    if hours.days is None:
        return end - start
    total = _NOTHING
    day = start.astimezone(hours.zone).date() - _DAY  # yesterday's may reach over midnight
    last = end.astimezone(hours.zone).date()
    while day <= last:
        span = _span(hours, day)
        if span is not None:
            total += max(_NOTHING, min(end, span[1]) - max(start, span[0]))
        day += _DAY
    return total


def opens_at(hours: Hours, at: datetime) -> datetime:
    """The first open moment from `at` on; `at` itself where nothing ever opens."""
    if hours.days is None:
        return at
    day = at.astimezone(hours.zone).date() - _DAY
    for n in range(_LOOK + 1):
        span = _span(hours, day + n * _DAY)
        if span is not None and span[1] > at:
            return max(at, span[0])
    return at


def open_since(hours: Hours, now: datetime, length: timedelta) -> datetime:
    """The latest instant from which `length` of open time has passed until `now`."""
    if hours.days is None:
        return now - length
    left, day = length, now.astimezone(hours.zone).date()
    shut = 0
    while shut < _LOOK:
        span = _span(hours, day)
        day -= _DAY
        if span is None or span[0] >= now:
            shut += 1
            continue
        shut = 0
        end = min(now, span[1])
        if end - span[0] >= left:
            return end - left
        left -= end - span[0]
    return now - length


def fold_waits(said: Iterable[Said]) -> list[Wait]:
    """The waits of one conversation, oldest first; at most the last is open."""
    waits: list[Wait] = []
    waiting: Wait | None = None
    for one in sorted(said, key=lambda text: (text.at, not text.theirs, text.text_id)):
        if one.theirs:
            waiting = waiting or Wait(one.text_id, one.at)
        elif waiting is not None:
            waits.append(waiting._replace(ended_at=one.at, author_id=one.author_id))
            waiting = None
    return [*waits, waiting] if waiting is not None else waits
