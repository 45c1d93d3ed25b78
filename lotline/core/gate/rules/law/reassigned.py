"""Consent belongs to a person, not to a number: a number known to have a new owner gets nothing.

An answer to a text that came from the number is for whoever holds it now, and may go. Where a
state makes the question a duty, an offer waits until it was asked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lotline.core.gate.facts import ListKind
from lotline.core.gate.rules.book import Rule
from lotline.core.messaging.purpose import Purpose

if TYPE_CHECKING:
    from lotline.core.gate.decision import Finding
    from lotline.core.gate.rules.book import Book
    from lotline.core.gate.rules.case import Case

RULE = Rule(id="law.reassigned", cites=("FED-RND-1", "*-RND"))

_NEEDS_THE_PERSON = (Purpose.UPDATE, Purpose.OFFER, Purpose.START_CONFIRMATION)


def check(case: Case, book: Book) -> Finding | None:
    known = case.facts.reassigned
    if known == "yes" and case.purpose in _NEEDS_THE_PERSON:
        return book.finding("FED-RND-1", "number.reassigned")
    if not case.offer:
        return None
    for code in case.where:
        state = book.states.get(code)
        asks = state is not None and state.asks_reassigned and case.on >= state.since
        if state is not None and asks and (known != "no" or _not_asked(case)):
            named = (("state_name", state.name),)
            return book.finding(f"{code}-RND", "number.not_checked", params=named)
    return None


def _not_asked(case: Case) -> bool:
    """Whether the list of reassigned numbers was there to be asked, and young enough."""
    for name, as_of in case.facts.lists:
        if name == ListKind.REASSIGNED.value:
            return as_of is None or case.too_old(name, as_of)
    return False
