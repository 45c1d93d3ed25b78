"""While an emergency is declared where the customer is, some states stop all offers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lotline.core.gate.facts import Mark
from lotline.core.gate.rules.book import Rule

if TYPE_CHECKING:
    from lotline.core.gate.decision import Finding
    from lotline.core.gate.rules.book import Book
    from lotline.core.gate.rules.case import Case

RULE = Rule(id="law.emergency", cites=("*-EMERGENCY",))


def check(case: Case, book: Book) -> Finding | None:
    if not case.offer or Mark.EMERGENCY not in case.marks:
        return None
    for code in case.where:
        state = book.states.get(code)
        if state is not None and state.emergency and case.on >= state.since:
            named = (("state_name", state.name),)
            return book.finding(f"{code}-EMERGENCY", "emergency.declared", params=named)
    return None
