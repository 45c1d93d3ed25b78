"""No offer to a person who may be anywhere: hours cannot be kept where nobody knows the clock."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lotline.core.gate.rules.book import Rule

if TYPE_CHECKING:
    from lotline.core.gate.decision import Finding
    from lotline.core.gate.rules.book import Book
    from lotline.core.gate.rules.case import Case

RULE = Rule(id="law.unknown_place", cites=("LOC-UNKNOWN",))


def check(case: Case, book: Book) -> Finding | None:
    if not case.offer:
        return None
    place = case.facts.place
    if place.zones and not book.hours.keys().isdisjoint(place.states):
        return None
    return book.finding("LOC-UNKNOWN", "place.unknown")
