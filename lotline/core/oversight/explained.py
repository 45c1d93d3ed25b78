"""The rulebook explained: what each rule makes Lotline do, cases that the gate itself decides,
and every state's value side by side.

Invariant: no verdict, hour, limit or citation is written here; each is read from the rulebook or
asked of the gate at the moment it is shown.

Not here: how a page or a paper looks (`web`, `paper`).
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from importlib import resources
from typing import Any

from lotline.core.base.atlas import load_states
from lotline.core.base.places import Place
from lotline.core.gate.decision import Decision, Finding
from lotline.core.gate.facts import Facts
from lotline.core.gate.gate import decide
from lotline.core.gate.rulebook import CHECKS, Rulebook
from lotline.core.gate.rules.book import Entry, Window
from lotline.core.gate.rules.case import Case
from lotline.core.oversight.invented import facts_of, plain_case

_DAY = timedelta(days=1)
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_LOOK_AHEAD = 370  # days in which every weekday and every holiday comes


@dataclass(frozen=True, slots=True)
class Example:
    """A case and the gate's word on it, at an instant of the customer's own clock."""

    says: str
    at: datetime
    zone: str
    decision: Decision


@dataclass(frozen=True, slots=True)
class Answer:
    """What one kind of rule says of a text; nothing when it has nothing against it."""

    kind: str
    entries: tuple[str, ...]
    finding: Finding | None


@cache
def plain() -> dict[str, Any]:
    """The plain words that go with the rulebook."""
    path = resources.files("lotline.core.gate.rulebook") / "plain.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


def family_of(rule: str) -> tuple[str, str]:
    """`FL-HOURS` is Florida's of the family HOURS; a rule of everybody's has no family."""
    state, _, family = rule.partition("-")
    if family in plain()["families"] and state in load_states():
        return state, family
    return "", ""


def kind_of(rule: str) -> str:
    """The kind of rule, by who cites it: the first that names it, by itself or by its family."""
    _, family = family_of(rule)
    for check in CHECKS:
        if rule in check.RULE.cites or (family and f"*-{family}" in check.RULE.cites):
            return str(check.RULE.id)
    return ""


def answers(facts: Facts, book: Rulebook) -> list[Answer]:
    """Every kind of rule in the order of checks, each with its word at the instant of the facts."""
    case = Case(facts, facts.at, book)
    said = []
    for check in CHECKS:
        rule = check.RULE
        found = check.check(case, book) if case.on >= rule.since else None
        said.append(Answer(rule.id, rule.cites, found))
    return said


def examples(book: Rulebook, rule: str, today: date) -> list[Example]:
    """The cases of the rule's kind, in its own state, decided now by this rulebook."""
    kind = plain()["kinds"].get(kind_of(rule))
    if kind is None:
        return []
    code = family_of(rule)[0] or plain()["sample_state"]
    zone = load_states()[code].zones[0]
    name = book.states[code].name if code in book.states else code
    made = []
    for case in kind["cases"]:
        day, _, clock = case.get("clock", "tuesday 12:00").partition(" ")
        on = _next(day, today, _feasts(book, code, today))
        local = datetime.combine(on, time.fromisoformat(clock), book.zone(zone))
        at = local.astimezone(UTC)
        given = plain_case(case)
        place = Place() if given.pop("nowhere", "") else Place((code,), (zone,), "stated")
        decision = decide(facts_of(given, at, place), book)
        made.append(Example(case["says"].replace("{state}", name), at, zone, decision))
    return made


def _next(day: str, today: date, feasts: dict[date, str]) -> date:
    if day == "holiday":
        return min((on for on in feasts if on > today), default=today)
    wanted = _WEEKDAYS.index(day)
    on = today + _DAY
    while on.weekday() != wanted or on in feasts:
        on += _DAY
    return on


def _feasts(book: Rulebook, code: str, today: date) -> dict[date, str]:
    window = window_of(book, code, today)
    name = window.holidays if window is not None and window.holidays else "federal"
    return dict(book.holidays[name])


def window_of(book: Rulebook, code: str, on: date) -> Window | None:
    """The state's hours in force on a day."""
    return next((w for w in book.hours[code].windows if w.since <= on < w.until), None)


def holidays_of(book: Rulebook, code: str, today: date) -> list[tuple[date, str]]:
    """The days of the coming year on which the state wants no offers."""
    window = window_of(book, code, today)
    if window is None or not window.holidays:
        return []
    until = today + timedelta(days=_LOOK_AHEAD - 5)
    days = book.holidays[window.holidays].items()
    return sorted((on, name) for on, name in days if today <= on < until)


def span_said(span: tuple[int, int] | None) -> str:
    """Says "9:00 AM to 8:00 PM" of seconds after midnight."""
    if span is None:
        return "none"
    return f"{_hour(span[0])} to {_hour(span[1])}"


def _hour(seconds: int) -> str:
    hour, minute = divmod(seconds // 60, 60)
    return f"{hour % 12 or 12}:{minute:02d} {'AM' if hour % 24 < 12 else 'PM'}"


def hours_said(window: Window) -> tuple[str, str, str]:
    """Monday to Friday, Saturday, Sunday."""
    weekday, saturday, sunday = (span_said(span) for span in window.days)
    return weekday, saturday, sunday


# --- every state's value, side by side --------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Values:
    """A table of one family; each row is a state's, with the rule that it comes from."""

    title: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, tuple[str, ...]], ...]  # the state's code, its cells


def values_of(book: Rulebook, family: str, today: date) -> Values | None:
    """What each state says, where any state says something."""
    make = _TABLES.get(family)
    if make is None:
        return None
    headings, cells = make
    codes = [code for code in book.states if f"{code}-{family}" in book.rules]
    codes.sort(key=lambda code: book.states[code].name)
    rows = [(code, (book.states[code].name, *cells(book, code, today))) for code in codes]
    return Values(plain()["families"][family], ("State", *headings), tuple(rows))


def _cells_hours(book: Rulebook, code: str, today: date) -> tuple[str, ...]:
    window = window_of(book, code, today)
    if window is None:
        return ("as federal", "as federal", "as federal", "")
    own = "own rule" if book.hours[code].own else "federal"
    return (*hours_said(window), own)


def _cells_cap(book: Rulebook, code: str, _today: date) -> tuple[str, ...]:
    state = book.states[code]
    spared = "recent customers are not counted" if state.daily_max_spares_customers else ""
    return (f"{state.daily_max} in 24 hours", spared)


def _cells_consent(book: Rulebook, code: str, _today: date) -> tuple[str, ...]:
    return (plain()["consent"][book.states[code].consent],)


def _cells_relationship(book: Rulebook, code: str, _today: date) -> tuple[str, ...]:
    state = book.states[code]
    return (_months(state.purchase_months), _months(state.inquiry_months))


def _cells_holidays(book: Rulebook, code: str, today: date) -> tuple[str, ...]:
    days = holidays_of(book, code, today)
    return (f"{len(days)}", f"{days[0][1]}, {days[0][0].isoformat()}" if days else "")


def _cells_kept(book: Rulebook, code: str, _today: date) -> tuple[str, ...]:
    return (f"{book.states[code].stop_kept_years} years",)


def _cells_summary(family: str) -> Callable[[Rulebook, str, date], tuple[str, ...]]:
    def cells(book: Rulebook, code: str, _today: date) -> tuple[str, ...]:
        return (book.rules[f"{code}-{family}"].summary.partition(": ")[2],)

    return cells


def _months(count: int) -> str:
    return f"{count} months" if count else "not relied on"


_TABLES: dict[str, tuple[tuple[str, ...], Any]] = {
    "HOURS": (("Monday to Friday", "Saturday", "Sunday", "Whose"), _cells_hours),
    "FREQ": (("Offers", "Spared"), _cells_cap),
    "CONSENT": (("Before an offer",), _cells_consent),
    "EBR": (("After a purchase", "After a question"), _cells_relationship),
    "HOLIDAY": (("Days in the coming year", "Next"), _cells_holidays),
    "OPTOUT": (("Kept for",), _cells_kept),
    "SUNDAY": (("What it says",), _cells_summary("SUNDAY")),
    "EMERGENCY": (("What it says",), _cells_summary("EMERGENCY")),
    "RND": (("What it says",), _cells_summary("RND")),
}


def family_beside(rule: str) -> str:
    """The family whose values belong on the rule's page: its own, or that of its kind."""
    _, family = family_of(rule)
    if family:
        return family
    cites = next((check.RULE.cites for check in CHECKS if check.RULE.id == kind_of(rule)), ())
    return next((cited.removeprefix("*-") for cited in cites if cited.startswith("*-")), "")


def rules_for(book: Rulebook, state: str = "") -> Iterator[Entry]:
    """Every rule, or those that hold for a customer in a state: everybody's and that state's."""
    for entry in book.rules.values():
        code, _ = family_of(entry.id)
        if not state or code in {"", state}:
            yield entry


def sentence_of(book: Rulebook, rule: str, today: date) -> str:
    """What the rule says; a state's hours are said as they are today, as people write them."""
    code, family = family_of(rule)
    window = window_of(book, code, today) if family == "HOURS" else None
    if window is None:
        return book.rules[rule].summary
    weekday, saturday, sunday = hours_said(window)
    if weekday == saturday == sunday:
        return f"{book.states[code].name}: offers {weekday}, every day."
    week = f"offers {weekday} on weekdays, {saturday} on Saturdays"
    return f"{book.states[code].name}: {week}, {sunday} on Sundays."
