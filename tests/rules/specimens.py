"""Facts as keywords: a plain text that may go, and what a specimen changes about it.

The plain text is an offer by hand at noon in Columbus, Ohio, to a person with a written yes.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from lotline.core.base.places import Place
from lotline.core.consent.entry import How, Kind, Scope, Source
from lotline.core.consent.standing import Standing
from lotline.core.gate.decision import Decision
from lotline.core.gate.facts import Facts, LineFacts, MemberFacts, Sender
from lotline.core.gate.gate import decide
from lotline.core.gate.rulebook import load_rulebook
from lotline.core.messaging.purpose import Purpose

LINE = UUID(int=1)
BOOK = load_rulebook()
WRITTEN = Standing(updates=Kind.WRITTEN, offers=Kind.WRITTEN)
EXPRESS = Standing(updates=Kind.EXPRESS, offers=Kind.EXPRESS)
INQUIRY = Standing(updates=Kind.INQUIRY)
SILENCE = Standing()
STOPPED_AT = datetime(2026, 11, 20, 17, tzinfo=UTC)

ZONES = {
    "AL": "America/Chicago",
    "AZ": "America/Phoenix",
    "CT": "America/New_York",
    "FL": "America/New_York",
    "GA": "America/New_York",
    "IN": "America/Indiana/Indianapolis",
    "KY": "America/New_York",
    "LA": "America/Chicago",
    "MD": "America/New_York",
    "ME": "America/New_York",
    "MS": "America/Chicago",
    "NJ": "America/New_York",
    "NY": "America/New_York",
    "OH": "America/New_York",
    "OK": "America/Chicago",
    "OR": "America/Los_Angeles",
    "PA": "America/New_York",
    "RI": "America/New_York",
    "TX": "America/Chicago",
    "UT": "America/Denver",
    "VA": "America/New_York",
    "WA": "America/Los_Angeles",
}


def stopped(scope: Scope = Scope.ALL, **more: Any) -> Standing:
    """A standing in which a stop is in force, by the word STOP in a text."""
    plain = Standing(
        stopped=scope,
        stopped_at=STOPPED_AT,
        stopped_by=UUID(int=7),
        stopped_how=How.KEYWORD,
        stopped_source=Source.TEXT,
        updates=Kind.EXPRESS if scope is Scope.OFFERS else None,
        offers=Kind.WRITTEN if scope is Scope.UPDATES else None,
    )
    return replace(plain, **more)


def wall(day: str, clock: str = "12:00:00", state: str = "OH") -> datetime:
    """A wall clock in a state, as an instant."""
    local = datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=ZoneInfo(ZONES[state]))
    return local.astimezone(UTC)


TUESDAY = "2026-11-24"
NOON = wall(TUESDAY)


def facts(state: str = "OH", clock: str = "12:00:00", day: str = TUESDAY, **more: Any) -> Facts:
    """The plain text, in a state, at a wall clock there, with what `more` changes."""
    plain: dict[str, Any] = {
        "at": wall(day, clock, state),
        "purpose": Purpose.OFFER,
        "sender": Sender.PERSON,
        "place": Place((state,), (ZONES[state],), "area_code"),
        "standing": WRITTEN,
        "line": LineFacts(LINE),
    }
    plain |= more
    if plain["sender"] is Sender.PERSON:
        plain.setdefault("member", MemberFacts())
    return Facts(**plain)


def ask(given: Facts) -> Decision:
    return decide(given, BOOK)


def word(given: Facts) -> str:
    """The verdict and the rule that binds, as one word: `block FED-REV-1`."""
    decision = ask(given)
    return f"{decision.verdict.value} {decision.binding.rule}"
