"""What some states ask of an offer beyond the federal yes: a clear one, a written one, any one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lotline.core.consent.entry import Kind, Scope
from lotline.core.gate.rules.book import Rule

if TYPE_CHECKING:
    from lotline.core.gate.decision import Finding
    from lotline.core.gate.rules.book import Book, State
    from lotline.core.gate.rules.case import Case

RULE = Rule(id="law.state_consent", cites=("*-CONSENT",))


def check(case: Case, book: Book) -> Finding | None:
    if not case.offer or case.facts.standing.stopped in (Scope.ALL, Scope.OFFERS):
        return None
    for code in case.where:
        state = book.states.get(code)
        if state is None or state.consent == "federal" or case.on < state.since:
            continue
        says = _lacks(case, state)
        if says:
            return book.finding(f"{code}-CONSENT", says, params=(("state_name", state.name),))
    return None


def _lacks(case: Case, state: State) -> str:
    """The words for what is missing, or none."""
    offers = case.facts.standing.offers
    related = case.federally_related and case.related(state.purchase_months, state.inquiry_months)
    if state.consent == "solicited":
        return "" if offers or related else "consent.state_any"
    if state.consent == "express":
        return "" if offers else "consent.state"
    if offers is Kind.WRITTEN:
        return ""
    if state.consent == "written":
        return "" if related else "consent.state_written"
    excused = case.by_hand or (related and state.relationship_excuses)
    return "" if excused else "consent.state_written"
