"""What a class of recipients forgets of them changes no verdict, no rule and no hour."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lotline.core.base.places import Place
from lotline.core.consent.entry import Entry, How, Kind, Says, Scope, Source
from lotline.core.consent.standing import standing_on_record
from lotline.core.gate.decision import Decision
from lotline.core.gate.facts import Facts, LineFacts, Mark, Sender
from lotline.core.gate.gate import decide
from lotline.core.gate.rulebook import Rulebook
from lotline.core.gate.rulebook.profile import Setting, Settings, effective
from lotline.core.gate.rules.bands import (
    HORIZON,
    Bands,
    inquiry_bands,
    purchase_bands,
    reaches_beyond,
    stop_bands,
)
from lotline.core.gate.rules.book import Book
from lotline.core.gate.rules.case import within_months
from lotline.core.messaging.purpose import Purpose
from lotline.store.audience import agreed
from tests.rules.specimens import BOOK, LINE, ZONES

DAY = timedelta(days=1)
NEW, OLD = date(2029, 1, 1), date(2025, 1, 1)
SCOPES = [Scope.ALL, Scope.OFFERS, Scope.UPDATES, Scope.LINE]
# States that count a relationship in their own way are drawn more often.
STATES = [*sorted(ZONES), *["LA", "OR", "PA", "TX", "UT"] * 5]
KINDS = [None, Kind.INQUIRY, Kind.EXPRESS, Kind.WRITTEN]
# Christmas, a leap day, changed clocks and ordinary weeks, at any hour.
instants = st.datetimes(datetime(2025, 12, 20), datetime(2028, 12, 31), timezones=st.just(UTC))


def looser(point: str, choice: str) -> Rulebook:
    setting = Setting(point, choice, UUID(int=1), date(2025, 1, 1), UUID(int=2))
    return effective(BOOK, Settings(points=(setting,)))


BOOKS = [
    BOOK,
    BOOK,
    looser("FED-QH-2", "open"),
    looser("FED-EBR-1", BOOK.points["FED-EBR-1"].choices[0].name),
    looser("FED-PEWC-1", "oral_in_circuit"),
]


def alike(bands: Bands[Any], when: Any) -> Any:
    return bands.examples[bisect_right(bands.starts, when)]


@st.composite
def spans_back(draw: st.DrawFn, at: datetime) -> date | None:
    """Days near those on which something ends are drawn as often as all others."""
    if draw(st.booleans()):
        return draw(st.one_of(st.none(), st.dates(date(2023, 6, 1), date(2029, 2, 1))))
    months = draw(st.sampled_from([3, 6, 12, 18]))
    return at.date() + draw(st.integers(-12, 12)) * DAY - timedelta(days=round(months * 30.44))


@st.composite
def people(draw: st.DrawFn) -> tuple[Facts, Facts, Book]:
    """Somebody as they are, as their class is, and the book they are decided by."""
    at = draw(instants)
    book = draw(st.sampled_from(BOOKS))
    purpose = draw(st.sampled_from([Purpose.OFFER, Purpose.OFFER, Purpose.UPDATE]))
    offer = purpose is Purpose.OFFER
    states = tuple(draw(st.lists(st.sampled_from(STATES), max_size=2, unique=True)))
    wrote = draw(st.one_of(st.none(), st.timedeltas(timedelta(hours=25), 900 * DAY)))
    bought, asked = draw(spans_back(at)), draw(spans_back(at))
    entries, bits = draw(yeses(at))
    told = list(agreed(bits, at))
    stopped = draw(st.integers(0, 3)) == 0
    if stopped:
        stop = draw(stops(at))
        entries = [one for one in entries if max(one.said_at, one.heard_at) <= stop.said_at]
        entries.append(stop)
        told = [replace(stop, id=UUID(int=9), said_at=alike(stop_bands(book, at), stop.said_at))]
    rarely = st.sampled_from([False] * 5 + [True])
    facts = Facts(
        at=at,
        purpose=purpose,
        sender=draw(st.sampled_from([Sender.BROADCAST, Sender.SOFTWARE])),
        place=Place(
            states,
            tuple(dict.fromkeys(ZONES[code] for code in states)),
            draw(st.sampled_from(["zip", "area_code"])),
        ),
        standing=standing_on_record(entries, at),
        line=LineFacts(LINE, paused=draw(rarely)),
        last_in_at=None if wrote is None else at - wrote,
        number_kind="landline" if draw(rarely) else "mobile",
        reassigned=draw(st.sampled_from(["no", "no", "unknown", "yes"])),
        national_dnc=draw(rarely),
        state_dnc=draw(rarely),
        litigator=draw(rarely),
        lists=tuple(
            (name, draw(st.sampled_from([NEW, NEW, at.date() - 30 * DAY, OLD, None])))
            for name in ("national_dnc", "reassigned")
        ),
        bought_on=bought,
        asked_on=asked,
        answered=wrote is not None and draw(st.booleans()),
        marks=frozenset({Mark.OFFER_INSIDE} if draw(rarely) else ()),
        courtesy=draw(st.booleans()),
    )
    as_class = replace(
        facts,
        standing=standing_on_record(told, at),
        last_in_at=None if wrote is None or stopped or offer else at - 30 * DAY,
        bought_on=None if bought is None or stopped else alike(purchase_bands(book, at), bought),
        asked_on=None if asked is None or stopped else alike(inquiry_bands(book, at), asked),
        answered=facts.answered and asked is not None and not stopped,
    )
    return facts, as_class, book


@st.composite
def yeses(draw: st.DrawFn, at: datetime) -> tuple[list[Entry], int]:
    """Plain yeses, and their bits."""
    entries, bits = [], 0
    for n in range(draw(st.integers(0, 4))):
        scope, kind = draw(st.integers(0, 3)), draw(st.integers(0, 3))
        named = draw(st.sampled_from([True, True, True, False]))
        said_at = at - draw(st.timedeltas(timedelta(0), 1500 * DAY))
        entry = Entry(
            id=UUID(int=1000 + n),
            says=Says.YES,
            scope=SCOPES[scope],
            said_at=said_at,
            heard_at=draw(st.sampled_from([said_at, at])),
            source=draw(st.sampled_from(Source)),
            kind=KINDS[kind],
            line_id=LINE if scope == 3 else None,
            seller_named=named,
        )
        entries.append(entry)
        bits |= named << (scope * 4 + kind)
    return entries, bits


@st.composite
def stops(draw: st.DrawFn, at: datetime) -> Entry:
    """A stop of all, of any age; near the ends of the law's spans as often as not."""
    years = timedelta(days=365 * BOOK.law["stop"]["kept_years"])
    near = st.timedeltas(timedelta(seconds=-2), timedelta(seconds=2)).map(lambda off: years + off)
    age = draw(
        st.one_of(st.timedeltas(timedelta(0), 25 * DAY), near, st.timedeltas(DAY, 2500 * DAY))
    )
    return Entry(
        id=UUID(int=2000),
        says=Says.STOP,
        scope=Scope.ALL,
        said_at=at - age,
        heard_at=at - age,
        source=draw(st.sampled_from(Source)),
        how=draw(st.sampled_from(How)),
    )


def word(decision: Decision) -> tuple[Any, ...]:
    binding = decision.binding.rule
    return decision.verdict, binding, decision.hold_until, decision.without_offer


@given(people())
@settings(max_examples=300)
def test_a_class_is_decided_as_each_of_its_people(drawn: tuple[Facts, Facts, Book]) -> None:
    facts, as_class, book = drawn
    assert isinstance(book, Rulebook)
    told = decide(as_class, book)
    if not reaches_beyond(told):
        assert word(told) == word(decide(facts, book))


LENGTHS = st.sampled_from(
    [
        (purchase_bands, 6),
        (purchase_bands, 12),
        (purchase_bands, 18),
        (inquiry_bands, 3),
        (inquiry_bands, 18),
    ]
)


@given(st.dates(date(2023, 1, 1), date(2029, 12, 31)), instants, LENGTHS)
@example(date(2025, 8, 31), datetime(2027, 2, 26, 23, tzinfo=UTC), (purchase_bands, 18))
def test_days_of_a_band_end_together(day: date, at: datetime, length: Any) -> None:
    """Of the lengths that the rulebook has, and in any calendar until the horizon."""
    bands, months = length
    other = alike(bands(BOOK, at), day)
    on = at.date() - DAY
    while on <= at.date() + DAY + HORIZON:
        assert within_months(day, months, on) == within_months(other, months, on)
        on += DAY


@pytest.mark.parametrize("bands", [purchase_bands, inquiry_bands, stop_bands])
def test_bands_are_in_order_and_few(bands: Any) -> None:
    made = bands(BOOK, datetime(2026, 11, 24, 17, tzinfo=UTC))
    assert list(made.starts) == sorted(set(made.starts))
    assert [bisect_right(made.starts, one) for one in made.examples] == list(
        range(len(made.examples))
    )
    assert len(made.starts) < 60
