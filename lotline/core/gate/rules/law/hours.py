"""Offers in daytime only: in every zone where the customer may be, by every state that may apply.

Consent and a relationship do not open the night (careful default; one court reads it otherwise).
Sundays and holidays are those of the customer's own calendar. Which entry is named depends on
what closed the day, or on what made the clock worth a second look; the verdict does not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lotline.core.gate.facts import Mark
from lotline.core.gate.rules.book import Rule
from lotline.core.gate.rules.case import Case

if TYPE_CHECKING:
    from datetime import datetime

    from lotline.core.gate.decision import Finding
    from lotline.core.gate.rules.book import Book
    from lotline.core.gate.rules.case import Clock

RULE = Rule(
    id="law.hours",
    cites=(
        "FED-QH-1",
        "FED-QH-2",
        "FED-MIXED-1",
        "*-HOURS",
        "*-SUNDAY",
        "*-HOLIDAY",
        "HOUSE-HOURS",
        "HOUSE-SUNDAY",
        "ST-UNION",
        "TZ-ALL",
        "TZ-AZ",
        "TZ-DST",
        "TZ-ZIP",
    ),
)

_FEDERAL = "FED-QH-1"
_HOUSE = "HOUSE-"


def check(case: Case, book: Book) -> Finding | None:
    if not case.offer or not case.facts.place.zones:
        return None
    shut = [clock for clock in case.clocks if not clock.open]
    if shut and book.open_night is not None and _excused(case):
        book = book.open_night
        case = Case(case.facts, case.at, book)
        shut = [clock for clock in case.clocks if not clock.open]
    if not shut:
        return _open(case, book)
    until = book.next_open(case.at, case.states, case.zones)
    if until is None:
        return book.finding("TZ-ALL", "hours.never")
    return _closed(case, book, shut, until)


def _open(case: Case, book: Book) -> Finding:
    first = case.clocks[0]
    plain = first.day.closed_by if first.day.own else _FEDERAL
    clock_rule = _clock_rule(case, book, case.at)
    if not clock_rule and case.facts.place.source == "zip":
        clock_rule = "TZ-ZIP"
    params = (("zone", first.zone),)
    if clock_rule:
        also = (plain,) if plain != _FEDERAL else ()
        return book.finding(clock_rule, "hours.open", params=params, also=also)
    return book.finding(plain, "hours.open", params=params)


def _closed(case: Case, book: Book, shut: list[Clock], until: datetime) -> Finding:
    first = shut[0]
    day = first.day
    params: tuple[tuple[str, str], ...] = (
        ("local_time", first.shown),
        ("zone", first.zone),
        ("state_name", day.shut_in or _state_name(book, _drawn_by(first))),
        ("holiday", day.holiday),
    )
    plain = day.shut_by or _drawn_by(first)
    says = "hours.closed" if plain == _FEDERAL else "hours.closed_state"
    if plain.startswith(_HOUSE):
        says = "hours.sunday_house" if day.shut_by else "hours.closed_house"
    elif day.shut_by:
        says = "hours.holiday" if day.holiday else "hours.sunday"
    rule = plain
    if Mark.OFFER_INSIDE in case.marks:
        rule = "FED-MIXED-1"
    elif day.shut_by:
        rule = day.shut_by
    elif len(shut) < len(case.clocks):
        rule, says = "TZ-ALL", "hours.zones"
    elif _first_state_open(case, book, first):
        rule = "ST-UNION"
    elif plain == _FEDERAL:
        rule = _clock_rule(case, book, until) or _federal(case, first)
    also: tuple[str, ...] = (plain,) if rule != plain else ()
    if plain == _FEDERAL:
        also = tuple(name for name in also if name != _FEDERAL) + _behind(case, book)
    return book.finding(rule, says, hold_until=until, params=params, also=also)


def _drawn_by(clock: Clock) -> str:
    """Whose end of the window the moment is beyond."""
    return clock.day.opened_by if clock.second < clock.day.opens else clock.day.closed_by


def _first_state_open(case: Case, book: Book, clock: Clock) -> bool:
    """Whether the place's own state, without the one its area code adds, would be open."""
    if len(case.states) < 2:
        return False
    alone = book.day(case.states[:1], clock.local)
    return not alone.shut_by and alone.opens <= clock.second < alone.closes


def _clock_rule(case: Case, book: Book, until: datetime) -> str:
    """The entry to name where the clock itself is the matter: two clocks, or a changed one."""
    for code in case.states:
        hours = book.hours.get(code)
        if hours is not None and hours.clock_rule:
            offsets = {
                case.at.astimezone(book.zone(zone)).utcoffset() for zone in hours.clock_zones
            }
            if len(offsets) > 1:
                return hours.clock_rule
    for clock in case.clocks:
        if book.changes_clock(clock.zone, clock.local.date()):
            return "TZ-DST"
        if until != case.at:
            then = until.astimezone(book.zone(clock.zone))
            if then.utcoffset() != clock.local.utcoffset():
                return "TZ-DST"
    if until != case.at and case.facts.place.source == "zip":
        return "TZ-ZIP"
    return ""


def _federal(case: Case, clock: Clock) -> str:
    """After closing, with a yes or a relationship, what is disputed is whether those open it."""
    return "FED-QH-2" if _excused(case) and clock.second > clock.day.closes else _FEDERAL


def _excused(case: Case) -> bool:
    return case.facts.standing.offers is not None or case.federally_related


def _behind(case: Case, book: Book) -> tuple[str, ...]:
    """The states that say the same as the federal rule."""
    own = (code for code in case.states if code in book.hours and book.hours[code].own)
    return tuple(f"{code}-HOURS" for code in own)


def _state_name(book: Book, rule: str) -> str:
    hours = book.hours.get(rule.partition("-")[0])
    return hours.name if hours is not None else ""
