"""The registries, and the relationship that excuses a text to a listed number or stands for a yes.

A request to this company beats everything. A listed number needs a written yes, or a purchase or
inquiry young enough by federal count and by each state's own, whichever is shorter.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lotline.core.consent.entry import Kind
from lotline.core.gate.rules.book import Rule
from lotline.core.gate.rules.case import months_after

if TYPE_CHECKING:
    from lotline.core.gate.decision import Finding
    from lotline.core.gate.rules.book import Book
    from lotline.core.gate.rules.case import Case

RULE = Rule(id="law.do_not_call", cites=("FED-IDNC-1", "FED-DNC-1", "FED-EBR-1", "*-EBR"))


def check(case: Case, book: Book) -> Finding | None:
    if not case.offer:
        return None
    facts = case.facts
    if facts.own_dnc:
        return book.finding("FED-IDNC-1", "listed.own")
    offers = facts.standing.offers
    listed = case.listed
    if listed and offers is Kind.WRITTEN:
        return book.finding("FED-DNC-1", "listed.written")
    if not listed and offers is not None:
        return None
    named = tuple(f"{code}-EBR" for code in facts.place.states if f"{code}-EBR" in book.rules)
    if not case.federally_related:
        # Unlisted and unrelated: whether a yes is missing is the question of prior consent.
        return book.finding("FED-DNC-1", "listed.no_ground", also=named) if listed else None
    shorter = case.shorter
    if shorter is not None:
        rule = f"{shorter.code}-EBR"
        also = ("FED-DNC-1",) if listed else ()
        return book.finding(
            rule if rule in book.rules else "FED-EBR-1",
            "relationship.state_shorter",
            params=(("state_name", shorter.name),),
            also=also,
        )
    rule = named[0] if named else "FED-EBR-1"
    params = (("until", _until(case, book)),)
    return book.finding(rule, "relationship.customer", params=params)


def _until(case: Case, book: Book) -> str:
    months = book.law["relationship"]
    ends = []
    if case.facts.bought_on is not None:
        ends.append(months_after(case.facts.bought_on, months["purchase_months"]))
    if case.facts.asked_on is not None:
        ends.append(months_after(case.facts.asked_on, months["inquiry_months"]))
    return max(ends).isoformat()
