"""Lists as they were imported: an old copy can't clear a number, and one never imported is said.

A copy too old counts as if the number were on it, until a newer one is imported; so an offer with
a written yes, or within a relationship, still goes. Where no list was ever imported the registry's
safe harbour is not claimed: the offer goes by what else is known, and its decision says so. A
house may be stricter, and counsel may let an old copy be used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lotline.core.consent.entry import Kind
from lotline.core.gate.facts import ListKind
from lotline.core.gate.rules.book import Rule

if TYPE_CHECKING:
    from lotline.core.gate.decision import Finding
    from lotline.core.gate.rules.book import Book
    from lotline.core.gate.rules.case import Case

RULE = Rule(id="law.lists", cites=("FED-DNC-2", "HOUSE-LISTS", "HOUSE-LITIGATOR"))

_NATIONAL = ListKind.NATIONAL_DNC.value
_STATE = f"{ListKind.STATE_DNC.value}:"
_REASSIGNED = ListKind.REASSIGNED.value
_SHOWN = {
    _NATIONAL: "the national do-not-call list",
    _REASSIGNED: "the list of reassigned numbers",
    ListKind.LITIGATORS.value: "the list of known litigators",
}


def check(case: Case, book: Book) -> Finding | None:
    facts = case.facts
    if not case.offer or not (facts.litigator or facts.lists):
        return None
    if facts.litigator:
        return book.finding("HOUSE-LITIGATOR", "lists.litigator")
    old = [
        (name, as_of)
        for name, as_of in facts.lists
        if as_of is not None and case.too_old(name, as_of)
    ]
    if old:
        name, as_of = old[0]
        strict = book.law["lists"]["old_counts_as_listed"] and not _excused(case)
        strict = strict and name.startswith((_NATIONAL, _STATE))
        params = (("list", _shown(name, book)), ("as_of", as_of.isoformat()))
        return book.finding("FED-DNC-2", "lists.old" if strict else "lists.old_used", params=params)
    return _never(case, book)


def _never(case: Case, book: Book) -> Finding | None:
    missing = book.never_imported(case.facts.lists)
    if not missing:
        return None
    strict = book.law["lists"]["never_counts_as_listed"] and _NATIONAL in missing
    if strict and not _excused(case):
        shown = _shown(_NATIONAL, book)
        return book.finding("HOUSE-LISTS", "lists.never", params=(("list", shown),))
    named = ", ".join([_shown(name, book) for name in missing])
    return book.finding("HOUSE-LISTS", "lists.not_asked", params=(("lists", named),))


def _excused(case: Case) -> bool:
    """What would let an offer go to a listed number: the registry's own rule judges the rest."""
    return case.facts.standing.offers is Kind.WRITTEN or (
        case.federally_related and case.shorter is None
    )


def _shown(name: str, book: Book) -> str:
    if name.startswith(_STATE):
        return f"{book.states[name.removeprefix(_STATE)].name}'s do-not-call list"
    return _SHOWN[name]
