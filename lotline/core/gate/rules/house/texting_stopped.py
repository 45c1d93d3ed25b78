"""Whom a manager stopped after reading a text of theirs sends nothing until that is lifted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lotline.core.gate.rules.book import Rule

if TYPE_CHECKING:
    from lotline.core.gate.decision import Finding
    from lotline.core.gate.rules.book import Book
    from lotline.core.gate.rules.case import Case

RULE = Rule(id="house.texting_stopped", cites=("HOUSE-STOPPED",))


def check(case: Case, book: Book) -> Finding | None:
    member = case.facts.member
    if member is None or not member.stopped:
        return None
    return book.finding("HOUSE-STOPPED", "member.stopped")
