"""The facts as they look at one instant: whose clock shows what, and what the text counts as.

Invariant: a case adds nothing to the facts; two cases of equal facts and one rulebook are equal in
everything a rule can see.

Not here: any verdict.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from lotline.core.gate.facts import Facts, Sender
from lotline.core.messaging.purpose import Purpose

if TYPE_CHECKING:
    from lotline.core.gate.rules.book import Book, Day


_ONE_DAY = timedelta(days=1)


class Clock(NamedTuple):
    """One candidate zone: its wall clock and the day it is in, for the states that apply."""

    zone: str
    local: datetime
    day: Day

    @property
    def second(self) -> int:
        return self.local.hour * 3600 + self.local.minute * 60 + self.local.second

    @property
    def open(self) -> bool:
        return not self.day.shut_by and self.day.opens <= self.second < self.day.closes


class Case:
    """`purpose` is what the text counts as: an answer that comes too late is no reply."""

    __slots__ = ("_clocks", "at", "book", "courtesy", "facts", "on", "purpose", "reply_age")

    def __init__(self, facts: Facts, at: datetime, book: Book) -> None:
        self.facts = facts
        self.at = at
        self.book = book
        self.courtesy = facts.courtesy
        self.reply_age = _reply_age(facts, at, book)
        self.purpose = self._counts_as(facts.purpose)
        zones = facts.place.zones
        # The latest local date of all candidates: a deadline is over where it is over first.
        self.on = max(at.astimezone(book.zone(zone)).date() for zone in zones or ("UTC",))
        self._clocks: tuple[Clock, ...] | None = None

    @property
    def offer(self) -> bool:
        return self.purpose is Purpose.OFFER

    @property
    def by_hand(self) -> bool:
        return self.facts.sender is Sender.PERSON

    @property
    def states(self) -> tuple[str, ...]:
        """The states whose hours apply: a courtesy keeps the federal ones, a late answer theirs."""
        return () if self.facts.purpose is Purpose.UPDATE else self.facts.place.states

    @property
    def zones(self) -> tuple[str, ...]:
        """The candidate zones; of an unknown place, the zones of the whole country."""
        return self.facts.place.zones or tuple(self.book.law["unknown_place"]["zones"])

    @property
    def clocks(self) -> tuple[Clock, ...]:
        if self._clocks is None:
            book, states = self.book, self.states
            clocks = []
            for zone in self.zones:
                local = self.at.astimezone(book.zone(zone))
                clocks.append(Clock(zone, local, book.day(states, local)))
            self._clocks = tuple(clocks)
        return self._clocks

    @property
    def open(self) -> bool:
        return all(clock.open for clock in self.clocks)

    def bought_within(self, months: int) -> bool:
        return within_months(self.facts.bought_on, months, self.on)

    def asked_within(self, months: int) -> bool:
        return within_months(self.facts.asked_on, months, self.on)

    def related(self, purchase_months: int, inquiry_months: int) -> bool:
        """A purchase or an inquiry young enough, by the days of the law or of a state."""
        return self.bought_within(purchase_months) or self.asked_within(inquiry_months)

    @property
    def federally_related(self) -> bool:
        months = self.book.law["relationship"]
        return self.related(months["purchase_months"], months["inquiry_months"])

    def _counts_as(self, purpose: Purpose) -> Purpose:
        facts = self.facts
        if purpose is not Purpose.REPLY:
            return purpose
        if facts.sender is Sender.BROADCAST:
            return Purpose.OFFER
        if self.reply_age is not None and self.reply_age <= self._day:
            return purpose
        # Too late for an answer. About a deal, or to one who wrote to us first, it is an update
        # that keeps to daytime; to anyone else it is what purpose.md calls it, an offer.
        if facts.bought_on is not None or facts.standing.updates is not None:
            self.courtesy = True
            return Purpose.UPDATE
        return Purpose.OFFER

    @property
    def _day(self) -> timedelta:
        return timedelta(hours=self.book.law["reply"]["day_hours"])

    @property
    def fresh(self) -> bool:
        """An answer so soon that it may go at any hour."""
        age = self.reply_age
        minutes: int = self.book.law["reply"]["night_minutes"]
        return age is not None and age <= timedelta(minutes=minutes)


def _reply_age(facts: Facts, at: datetime, book: Book) -> timedelta | None:
    if facts.last_in_at is None:
        return None
    age = at - facts.last_in_at
    if age < timedelta(0):
        skew = timedelta(seconds=book.law["reply"]["clock_skew_s"])
        return timedelta(0) if -age <= skew else None
    return age


def within_months(since: date | None, months: int, on: date) -> bool:
    """Whether `on` is before the mark, `months` calendar months after `since`.

    The mark is clamped to the month's end and is itself outside, so 18 months from 31 August end
    on the day before the last of February. A date still to come is no ground, but the store's
    calendar may be a day ahead of the customer's.
    """
    if since is None or months <= 0 or since > on + _ONE_DAY:
        return False
    return on < months_after(since, months)


def months_after(since: date, months: int) -> date:
    years, month = divmod(since.month - 1 + months, 12)
    year = since.year + years
    return date(year, month + 1, min(since.day, monthrange(year, month + 1)[1]))
