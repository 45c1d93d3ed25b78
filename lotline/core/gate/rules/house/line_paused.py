"""Nothing leaves a paused line, except what is owed to a person who wrote STOP, START or HELP."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lotline.core.gate.rules.book import Rule
from lotline.core.messaging.purpose import Purpose

if TYPE_CHECKING:
    from lotline.core.gate.decision import Finding
    from lotline.core.gate.rules.book import Book
    from lotline.core.gate.rules.case import Case

RULE = Rule(id="house.line_paused", cites=("HOUSE-LINE",))

_OURS = (Purpose.REPLY, Purpose.UPDATE, Purpose.OFFER)


def check(case: Case, book: Book) -> Finding | None:
    if not case.facts.line.paused or case.purpose not in _OURS:
        return None
    return book.finding("HOUSE-LINE", "line.paused")
