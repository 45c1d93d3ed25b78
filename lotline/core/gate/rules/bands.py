"""Bands: days between which no rule sees a difference, so that one of them may stand for all.

A day of purchase matters only by the day on which a relationship founded on it ends, and a stop
by its age in business days and in years. Seen from one instant and for the days until a text that
waits may go, most days are alike; those that are not have a band of their own.

Invariant: two days of one band give the same decision at that instant, as long as what is decided
then waits no longer than `HORIZON`. Words that name a day (until when somebody is a customer) may
differ; verdict, rule and hour do not.

Not here: putting contacts into bands (`store.audience`), any length of time (`rulebook`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Generic, TypeVar

from lotline.core.gate.rules.case import months_after

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lotline.core.gate.decision import Decision
    from lotline.core.gate.rules.book import Book

When = TypeVar("When", date, datetime)
HORIZON = timedelta(days=3)  # a Sunday before a holiday is waited for, and a day more
_DAY = timedelta(days=1)
_LONGEST_MONTH = 31


@dataclass(frozen=True, slots=True)
class Bands(Generic[When]):
    """Band 0 is before the first start, band n begins with start n - 1. Each has an example."""

    starts: tuple[When, ...]
    examples: tuple[When, ...]


def purchase_bands(book: Book, at: datetime) -> Bands[date]:
    law = book.law["relationship"]
    months = {state.purchase_months for state in book.states.values()}
    return _bands(months | {law["purchase_months"]}, law["purchase_days"], at)


def inquiry_bands(book: Book, at: datetime) -> Bands[date]:
    law = book.law["relationship"]
    months = {state.inquiry_months for state in book.states.values()}
    return _bands(months | {law["inquiry_months"]}, law["inquiry_days"], at)


def stop_bands(book: Book, at: datetime) -> Bands[datetime]:
    """Of the instant of a stop: long kept, simply past, or one of the last days."""
    law = book.law["stop"]
    kept = at - timedelta(days=365 * law["kept_years"])
    today = at.astimezone(UTC).date()
    counted = 2 * law["business_days"] + 10  # days in which more weekdays pass than are counted
    days = (today + n * _DAY for n in range(-counted, 2))
    starts = (kept, *(datetime.combine(day, time(0), UTC) for day in days))
    return Bands(starts, (kept - _DAY, *starts))


def reaches_beyond(decision: Decision) -> bool:
    """Whether any rule would let the text wait for days that the bands do not tell apart."""
    until = [one.hold_until for one in decision.findings if one.hold_until is not None]
    if decision.hold_until is not None:
        until.append(decision.hold_until)
    return max(until, default=decision.decided_at) - decision.decided_at > HORIZON


def _bands(months: Iterable[int], days: int, at: datetime) -> Bands[date]:
    """Every day that may matter is asked when, in the days to come, each length of time is over."""
    today = at.astimezone(UTC).date()
    first, last = today - _DAY, today + _DAY + HORIZON  # of all calendars in the country
    lengths = sorted({one for one in months if one > 0})
    longest = max(31 * max(lengths, default=0), days) + 2 * _LONGEST_MONTH
    beyond = last + _DAY

    def seen(day: date) -> tuple[date, ...]:
        ends = [months_after(day, one) for one in lengths]
        ends.append(day - _DAY)  # from when on it is no longer a day to come
        if days:
            ends.append(day + (days + 1) * _DAY)
        return tuple(min(max(end, first), beyond) for end in ends)

    day = first - longest * _DAY
    starts: list[date] = []
    examples, before = [day], seen(day)
    while day <= beyond + _DAY:
        day += _DAY
        now = seen(day)
        if now != before:
            starts.append(day)
            examples.append(day)
            before = now
    return Bands(tuple(starts), tuple(examples))
