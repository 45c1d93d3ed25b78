"""'Wrong number' is a stop, and a sign that the number has a new owner.

It outlasts a later yes until a person confirms who is there. A doubt, weaker, keeps offers and
updates back for the same reason; a doubt about offers keeps only offers back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lotline.core.consent.entry import Scope
from lotline.core.gate.rules.book import Rule
from lotline.core.messaging.purpose import Purpose

if TYPE_CHECKING:
    from lotline.core.gate.decision import Finding
    from lotline.core.gate.rules.book import Book
    from lotline.core.gate.rules.case import Case

RULE = Rule(id="law.wrong_number", cites=("FED-RND-2", "HOUSE-CHECK"))

_NEEDS_THE_PERSON = (Purpose.UPDATE, Purpose.OFFER)


def check(case: Case, book: Book) -> Finding | None:
    standing = case.facts.standing
    if standing.wrong_number_at is not None:
        asked = case.facts.last_in_at
        wrote_since = asked is not None and asked > standing.wrong_number_at
        if case.purpose in _NEEDS_THE_PERSON or (case.purpose is Purpose.REPLY and not wrote_since):
            return book.finding("FED-RND-2", "number.wrong")
    if standing.doubted_at is None or case.purpose not in _NEEDS_THE_PERSON:
        return None
    if standing.doubted is Scope.OFFERS and not case.offer:
        return None
    return book.finding("HOUSE-CHECK", "number.doubted")
