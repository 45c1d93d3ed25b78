"""The brief: what some states, federal law and the carriers ask of texts, on paper and on a page.

Invariant: every hour, limit, sum and citation in it is read from the rulebook as it stands, and
the paper is dated; two briefs of one rulebook, day and list of states are the same.

Not here: how it is drawn (`paper`, `web`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any

from lotline.core.gate.rulebook import Rulebook
from lotline.core.gate.rules.book import Entry, Window
from lotline.core.oversight.explained import (
    family_of,
    holidays_of,
    hours_said,
    kind_of,
    plain,
    rules_for,
    window_of,
)
from lotline.core.oversight.paper import Block, Bullets, Heading, Paragraph, Table

_ALWAYS, _FOREVER = date.min, date.max


def title_of(book: Rulebook, states: Sequence[str]) -> str:
    """Names the states that the paper is about."""
    names = [book.states[code].name for code in states]
    if not names:
        return "Texting rules, federal"
    last = names.pop()
    return (
        f"Texting rules for {', '.join(names)} and {last}" if names else f"Texting rules for {last}"
    )


def ident_of(book: Rulebook, states: Sequence[str], today: date) -> str:
    """What stands in the foot of each page."""
    named = " ".join(states) or "federal"
    return f"Lotline brief · {named} · rule set {book.version} · {book.digest[:12]} · {today}"


def write_brief(
    book: Rulebook, states: Sequence[str], today: date, *, company: str = "", reviewed: str = ""
) -> list[Block]:
    """The whole paper."""
    words = plain()["brief"]
    by = f" for {company}" if company else ""
    blocks: list[Block] = [
        Heading(title_of(book, states), 1),
        Paragraph(
            f"Printed {said_day(today)}{by}. Rule set {book.version}, sources checked "
            f"{said_day(date.fromisoformat(book.as_of))}. Reviewed by: {reviewed or 'nobody yet'}.",
            strong=True,
        ),
        *(Paragraph(said) for said in words["opens"]),
    ]
    if states:
        blocks += _at_a_glance(book, states, today)
    for code in states:
        blocks += _state(book, code, today)
    blocks += _everywhere(book)
    blocks += _disputed(book, states)
    blocks += _sources(book, states)
    blocks += [*_abbreviations(blocks), Heading("What this paper can't tell")]
    return [*blocks, Bullets(tuple(words["ends"]))]


def _at_a_glance(book: Rulebook, states: Sequence[str], today: date) -> Iterator[Block]:
    yield Heading("At a glance: offers, on the customer's own clock")
    rows = []
    for code in states:
        state, window = book.states[code], window_of(book, code, today)
        hours = hours_said(window) if window is not None else ("as federal",) * 3
        days = len(holidays_of(book, code, today))
        cap = f"{state.daily_max} in 24 hours" if state.daily_max else "none found"
        rows.append((state.name, *hours, f"{days} days" if days else "open", cap))
    yield Table(
        ("State", "Monday to Friday", "Saturday", "Sunday", "Holidays closed", "Most offers"),
        tuple(rows),
        (16, 20, 20, 20, 13, 15),
    )


def _state(book: Rulebook, code: str, today: date) -> Iterator[Block]:
    state, told = book.states[code], book.told[code]
    yield Heading(state.name)
    rows = [
        ("Hours for offers", _hours(book, code, today)),
        ("Holidays in the coming year", _holidays(book, code, today)),
        ("Most offers", _cap(state.daily_max, told)),
        (
            "Consent",
            _joined(_first_up(plain()["consent"][state.consent]), told.get("consent_note")),
        ),
        ("Customer relationship", _relationship(book, code, told)),
        ("Emergencies", "no offers while one is declared there" if state.emergency else ""),
        (
            "Reassigned numbers",
            "must be looked up before an offer" if state.asks_reassigned else "",
        ),
        ("Place", _PRESUMES if told.get("presumes_area_code") else ""),
        (
            "Opt-outs kept",
            f"{state.stop_kept_years} years. {_first_up(told.get('optout_note', ''))}",
        ),
        ("State list", told.get("state_dnc_list", "")),
        ("Registration", told.get("registration", "")),
        ("Who may sue", told.get("private_right", "")),
        ("Penalties", told.get("damages", "")),
        (
            "Reach",
            _joined(_first_up(plain()["reach"].get(told["applies_to_text"], "")), told["scope"]),
        ),
        ("Dealers", told.get("dealer_note", "")),
        ("In force", told.get("effective_date", "")),
        ("Notes", told.get("notes", "")),
        ("Source", f"{told['citation']}\n{told['source_url']}"),
        ("How it was read", f"{told['evidence']}; confidence {told['confidence']}"),
    ]
    yield Table((), tuple((name, _first_up(said)) for name, said in rows if said), (3, 11))


_PRESUMES = "the law takes the number's area code for residence, so it counts beside a ZIP"


def _hours(book: Rulebook, code: str, today: date) -> str:
    lines = [_window(window) for window in book.hours[code].windows if window.until > today]
    if not book.hours[code].own:
        lines.append("No rule of the state's own was found: these are the federal hours.")
    lifted = book.told[code].get("hours_lifted_by")
    if lifted:
        lines.append(
            f"By law lifted by: {', '.join(lifted)}. Lotline keeps the hours all the same."
        )
    return "\n".join(lines)


def _window(window: Window) -> str:
    weekday, saturday, sunday = hours_said(window)
    said = f"Monday to Friday {weekday}; Saturday {saturday}; Sunday {sunday}"
    if weekday == saturday == sunday:
        said = f"Every day {weekday}"
    if window.since > _ALWAYS:
        said += f"; since {said_day(window.since)}"
    if window.until < _FOREVER:
        said += f", until {said_day(window.until)}"
    if window.daylight:
        said += "; counted in standard time all year"
    return f"{said}."


def _holidays(book: Rulebook, code: str, today: date) -> str:
    return "; ".join(f"{name}, {said_day(on)}" for on, name in holidays_of(book, code, today))


def _cap(most: int, told: dict[str, Any]) -> str:
    if not most:
        return "no limit found"
    spared = told.get("daily_max_spares_customers")
    said = _joined(f"{most} in any 24 hours", told.get("cap_scope"))
    return _joined(said, "recent customers are not counted") if spared else said


def _relationship(book: Rulebook, code: str, told: dict[str, Any]) -> str:
    state = book.states[code]
    counts = [
        f"{months} months after a {what}" if months else f"not relied on after a {what}"
        for months, what in (
            (state.purchase_months, "purchase"),
            (state.inquiry_months, "question"),
        )
    ]
    known = plain()["relationship"].get(told["ebr_exemption"], told["ebr_exemption"])
    return _joined(_joined("; ".join(counts), known), told.get("ebr_note"))


def _everywhere(book: Rulebook) -> Iterator[Block]:
    """What holds in every state: the law, then the carriers, then the house."""
    general = [entry for entry in book.rules.values() if not family_of(entry.id)[0]]
    parts = (
        ("Everywhere: federal law, and careful choices beside it", ("law", "conservative_default")),
        ("Everywhere: what the carriers ask", ("industry",)),
        ("Everywhere: this company's own rules", ("house",)),
    )
    for heading, bases in parts:
        found = [
            entry
            for group in plain()["groups"]
            for entry in general
            if entry.basis in bases and entry.group == group
        ]
        kinds = list(dict.fromkeys(kind_of(entry.id) for entry in found))
        found.sort(key=lambda entry: kinds.index(kind_of(entry.id)))
        rows = [
            (
                _titled(entry),
                entry.summary,
                str(plain()["kinds"].get(kind_of(entry.id), {}).get("does", "")),
                entry.citation,
            )
            for entry in found
        ]
        if rows:
            yield Heading(heading)
            yield Table(
                ("Rule", "What it says", "What Lotline does", "Citation"),
                tuple(_said_once(rows)),
                (17, 30, 33, 24),
            )
        if "law" in bases:
            yield Heading(plain()["exposure"]["title"], 3)
            yield Bullets(tuple(plain()["exposure"]["says"]))
            yield Heading("Records", 3)
            yield Bullets(tuple(plain()["records"]["says"]))


def _titled(entry: Entry) -> str:
    mark = "\nCareful choice" if entry.basis == "conservative_default" else ""
    return f"{entry.title}\n{entry.id}{mark}"


def _said_once(rows: Iterable[tuple[str, str, str, str]]) -> Iterator[tuple[str, str, str, str]]:
    """What Lotline does is said at the first rule of its kind; below it, that it is the same."""
    said = set[str]()
    for title, summary, does, citation in rows:
        yield title, summary, "as above" if does in said else does, citation
        said.add(does)


def _disputed(book: Rulebook, states: Sequence[str]) -> Iterator[Block]:
    """Rules that share one dispute stand in one row."""
    shared: dict[tuple[str, str], list[str]] = {}
    for entry in _of(book, states):
        if entry.contested:
            shared.setdefault((entry.contested, entry.default), []).append(entry.title)
    if not shared:
        return
    rows = tuple(
        (", ".join(dict.fromkeys(titles)), _first_up(contested), _first_up(default or "apply"))
        for (contested, default), titles in shared.items()
    )
    yield Heading("What is disputed, and what Lotline does meanwhile")
    yield Table(("Rule", "What is disputed", "Lotline's default"), rows, (20, 50, 24))


def _sources(book: Rulebook, states: Sequence[str]) -> Iterator[Block]:
    seen: dict[str, str] = {}
    for entry in _of(book, states):
        seen.setdefault(entry.citation, entry.source_url)
    rows = tuple(
        (citation, url or "not published at one address") for citation, url in seen.items()
    )
    yield Heading("Sources")
    yield Table(("Citation", "Address"), rows, (5, 6))


def _abbreviations(blocks: Iterable[Block]) -> Iterator[Block]:
    """Those that were used, written out."""
    used = set(_CAPITALS.findall(repr(list(blocks))))
    known = plain()["abbreviations"]
    rows = tuple((short, known[short]) for short in known if short in used)
    if rows:
        yield Heading("Abbreviations")
        yield Table((), rows, (3, 11))


_CAPITALS = re.compile(r"\b[A-Z]{3,6}\b")


def _of(book: Rulebook, states: Sequence[str]) -> Iterator[Entry]:
    """The rules of these states, then everybody's, each once."""
    general = [entry for entry in book.rules.values() if not family_of(entry.id)[0]]
    for code in states:
        yield from (entry for entry in rules_for(book, code) if family_of(entry.id)[0] == code)
    yield from (entry for entry in general if entry.basis != "house")


def _joined(first: str, then: str | None) -> str:
    return f"{first}. {_first_up(then)}" if then and first else first or (then or "")


def _first_up(said: str) -> str:
    return said[:1].upper() + said[1:]


def said_day(on: date) -> str:
    """Says "November 22, 2026"."""
    return f"{on:%B} {on.day}, {on.year}"
