"""Only an active member whose role covers the line may text from it.

A text by hand that names no member is refused: whoever cannot be named cannot be entitled.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lotline.core.gate.rules.book import Rule

if TYPE_CHECKING:
    from lotline.core.gate.decision import Finding
    from lotline.core.gate.rules.book import Book
    from lotline.core.gate.rules.case import Case

RULE = Rule(id="house.member_entitled", cites=("HOUSE-MEMBER",))


def check(case: Case, book: Book) -> Finding | None:
    member = case.facts.member
    if member is None:
        return book.finding("HOUSE-MEMBER", "member.unknown") if case.by_hand else None
    if not member.active:
        return book.finding("HOUSE-MEMBER", "member.inactive")
    if not member.may_text:
        return book.finding("HOUSE-MEMBER", "member.out_of_reach")
    return None
