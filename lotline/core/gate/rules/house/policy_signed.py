"""No signature, no texting: the current policy is signed before the first text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lotline.core.gate.rules.book import Rule

if TYPE_CHECKING:
    from lotline.core.gate.decision import Finding
    from lotline.core.gate.rules.book import Book
    from lotline.core.gate.rules.case import Case

RULE = Rule(id="house.policy_signed", cites=("HOUSE-POLICY",))


def check(case: Case, book: Book) -> Finding | None:
    member = case.facts.member
    if member is None or member.policy_signed:
        return None
    return book.finding("HOUSE-POLICY", "member.unsigned")
