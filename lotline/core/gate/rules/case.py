"""The facts as they look at one instant: whose clock shows what, and what the text counts as.

Invariant: a case adds nothing to the facts; two cases of equal facts and one rulebook are equal in
everything a rule can see.

Not here: any verdict.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from lotline.core.gate.facts import Facts, Mark, Sender
from lotline.core.messaging.purpose import Purpose

if TYPE_CHECKING:
    from lotline.core.gate.rules.book import Book, Day, State


_ONE_DAY = timedelta(days=1)


class Clock(NamedTuple):
    """One candidate zone: its wall clock and the day it is in, for the states that apply."""

    zone: str
    local: datetime
    day: Day

    second: int  # of the local day
    open: bool

    @property
    def shown(self) -> str:
        """Hour and minute, as people read them."""
        return f"{self.local.hour:02}:{self.local.minute:02}"


_COULD_SELL = (Purpose.REPLY, Purpose.UPDATE)


class Case:
    """`purpose` is what the text counts as: an answer that comes too late is no reply."""

    __slots__ = (
        "_clocks",
        "at",
        "book",
        "by_hand",
        "courtesy",
        "facts",
        "fresh",
        "marks",
        "offer",
        "on",
        "purpose",
        "reply_age",
        "states",
        "where",
        "zones",
    )

    def __init__(
        self, facts: Facts, at: datetime, book: Book, *, instead_of_offer: Purpose | None = None
    ) -> None:
        place = facts.place
        asked_for = instead_of_offer or facts.purpose
        self.facts = facts
        self.at = at
        self.book = book
        # A person may say why it is none, and is reviewed; software gives no reasons.
        mixed = book.law["mixed"]
        by_person = facts.sender is Sender.PERSON
        counts = not mixed["person_may_say"] if by_person else mixed["software_counts"]
        found = counts and Mark.OFFER_INSIDE in facts.marks
        if found and instead_of_offer is None and asked_for in _COULD_SELL:
            asked_for = Purpose.OFFER
        self.marks = facts.marks if instead_of_offer is None else facts.marks - {Mark.OFFER_INSIDE}
        self.courtesy = facts.courtesy
        self.by_hand = by_person
        self.reply_age: timedelta | None = None
        self.fresh = False  # an answer so soon that it may go at any hour
        self.purpose = self._answers() if asked_for is Purpose.REPLY else asked_for
        self.offer = self.purpose is Purpose.OFFER
        # Every state that may apply: the place's own first, then the one its number adds.
        settled = place.source == "zip" and book.law["places"]["zip_settles"]
        self.where = place.states[:1] if settled else place.states
        # An update keeps the federal hours at most, an answer and an offer the states' too.
        self.states = () if asked_for is Purpose.UPDATE else self.where
        # Of an unknown place, the zones of the whole country are candidates.
        self.zones = place.zones or tuple(book.law["unknown_place"]["zones"])
        self._clocks: tuple[Clock, ...] | None = None
        # The latest local date of all candidates: a deadline is over where it is over first.
        self.on = _latest_date(self.clocks) if place.zones else at.date()

    def _answers(self) -> Purpose:
        """REPLY while it is in time; later, what it then is."""
        facts, law = self.facts, self.book.law["reply"]
        if facts.sender is Sender.BROADCAST:
            return Purpose.OFFER
        self.reply_age = age = _reply_age(facts, self.at, self.book)
        if age is not None and age <= timedelta(hours=law["day_hours"]):
            self.fresh = age <= timedelta(minutes=law["night_minutes"])
            return Purpose.REPLY
        # Too late for an answer. About a deal, or to one who wrote to us first, it is an update
        # that keeps to daytime; to anyone else it is what purpose.md calls it, an offer.
        if facts.bought_on is not None or facts.standing.updates is not None:
            self.courtesy = True
            return Purpose.UPDATE
        return Purpose.OFFER

    @property
    def clocks(self) -> tuple[Clock, ...]:
        if self._clocks is None:
            book, states = self.book, self.states
            clocks = []
            for zone in self.zones:
                local = self.at.astimezone(book.zone(zone))
                day = book.day(states, local)
                second = local.hour * 3600 + local.minute * 60 + local.second
                is_open = not day.shut_by and day.opens <= second < day.closes
                clocks.append(Clock(zone, local, day, second, is_open))
            self._clocks = tuple(clocks)
        return self._clocks

    @property
    def open(self) -> bool:
        return all(clock.open for clock in self.clocks)

    def bought_within(self, months: int) -> bool:
        since, days = self.facts.bought_on, self.book.law["relationship"]["purchase_days"]
        return within_months(since, months, self.on) and _within_days(since, days, self.on)

    def asked_within(self, months: int) -> bool:
        since, days = self.facts.asked_on, self.book.law["relationship"]["inquiry_days"]
        return within_months(since, months, self.on) and _within_days(since, days, self.on)

    def related(self, purchase_months: int, inquiry_months: int) -> bool:
        """A purchase or an inquiry young enough, by the days of the law or of a state."""
        return self.bought_within(purchase_months) or self.asked_within(inquiry_months)

    @property
    def federally_related(self) -> bool:
        months = self.book.law["relationship"]
        return self.related(months["purchase_months"], months["inquiry_months"])

    @property
    def shorter(self) -> State | None:
        """The first state by whose own count the relationship is over."""
        for code in self.where:
            state = self.book.states.get(code)
            if state is None or self.on < state.since:
                continue
            asked = not (state.inquiry_once and self.facts.answered)
            bought = self.bought_within(state.purchase_months)
            if not (bought or (asked and self.asked_within(state.inquiry_months))):
                return state
        return None

    @property
    def listed(self) -> bool:
        """On the national registry, or on the list of a state."""
        facts, aside = self.facts, self.book.law["do_not_call"]["not_in"]
        if facts.national_dnc and not (aside and self.where and set(self.where) <= set(aside)):
            return True
        return facts.state_dnc

    def too_old(self, name: str, as_of: date) -> bool:
        """Whether a list's copy of that day can no longer clear a number."""
        most = self.book.list_max_days(name)
        return most is not None and self.on - as_of > timedelta(days=most)


def _latest_date(clocks: tuple[Clock, ...]) -> date:
    if len(clocks) == 1:
        return clocks[0].local.date()
    return max(clock.local.date() for clock in clocks)


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


def _within_days(since: date | None, days: int, on: date) -> bool:
    """Where a house counts days as well; none where it doesn't."""
    return not days or (since is not None and on - since <= timedelta(days=days))


def months_after(since: date, months: int) -> date:
    years, month = divmod(since.month - 1 + months, 12)
    year = since.year + years
    return date(year, month + 1, min(since.day, monthrange(year, month + 1)[1]))
