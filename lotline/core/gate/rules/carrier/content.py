"""What carriers refuse whatever the customer agreed to: sex, hate, alcohol, firearms, tobacco."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lotline.core.gate.facts import Mark
from lotline.core.gate.rules.book import Rule

if TYPE_CHECKING:
    from lotline.core.gate.decision import Finding
    from lotline.core.gate.rules.book import Book
    from lotline.core.gate.rules.case import Case

RULE = Rule(id="carrier.content", cites=("CARR-SHAFT",))


def check(case: Case, book: Book) -> Finding | None:
    if not case.marks:
        return None
    for mark in sorted(case.marks):
        if mark.startswith(Mark.SHAFT):
            named = mark.removeprefix(Mark.SHAFT)
            return book.finding("CARR-SHAFT", "content.refused", params=(("class", named),))
    return None
