"""A carrier moves texts only from a line that it has approved.

Business texts count as sent by an application even when a person types them, so there is no way
around this by hand. A simulator line needs no approval.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lotline.core.gate.facts import LineKind, Registration
from lotline.core.gate.rules.book import Rule

if TYPE_CHECKING:
    from lotline.core.gate.decision import Finding
    from lotline.core.gate.rules.book import Book
    from lotline.core.gate.rules.case import Case

RULE = Rule(id="carrier.registered", cites=("CARR-10DLC", "CARR-TF", "CARR-SC"))

_APPROVED = (Registration.APPROVED, Registration.SIMULATED)
_BY_KIND = {
    LineKind.LOCAL: "CARR-10DLC",
    LineKind.TOLL_FREE: "CARR-TF",
    LineKind.SHORT_CODE: "CARR-SC",
}


def check(case: Case, book: Book) -> Finding | None:
    line = case.facts.line
    if line.registration in _APPROVED:
        return None
    rule = _BY_KIND[line.kind]
    if case.on < book.rules[rule].since:
        return None
    return book.finding(rule, "line.unregistered")
