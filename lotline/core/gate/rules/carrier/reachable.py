"""A number that cannot receive texts is not sent any: the carrier would refuse and still charge."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lotline.core.gate.rules.book import Rule

if TYPE_CHECKING:
    from lotline.core.gate.decision import Finding
    from lotline.core.gate.rules.book import Book
    from lotline.core.gate.rules.case import Case

RULE = Rule(id="carrier.reachable", cites=("CARR-REACH",))


def check(case: Case, book: Book) -> Finding | None:
    kind = case.facts.number_kind
    if kind not in book.law["numbers"]["unreachable"]:
        return None
    params = (("number_kind", kind.replace("_", " ")),)
    return book.finding("CARR-REACH", "number.unreachable", params=params)
