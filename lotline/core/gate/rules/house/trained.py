"""Whoever texts customers has passed the current training."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lotline.core.gate.rules.book import Rule

if TYPE_CHECKING:
    from lotline.core.gate.decision import Finding
    from lotline.core.gate.rules.book import Book
    from lotline.core.gate.rules.case import Case

RULE = Rule(id="house.trained", cites=("HOUSE-TRAINING",))


def check(case: Case, book: Book) -> Finding | None:
    member = case.facts.member
    if member is None or member.trained:
        return None
    return book.finding("HOUSE-TRAINING", "member.untrained")
