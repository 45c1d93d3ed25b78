"""The yes that a text needs before it, by what the text is for and by who starts it.

An offer by list or software needs a written yes. An offer by hand needs any yes to offers, or a
young relationship; carriers ask for that much even where the law does not. An automatic update
needs the customer's own yes or order. An update by hand needs that they wrote, asked, bought or
agreed. An answer needs none: the customer's text invited it.

Where a stop is in force it has spoken, and nobody is told to ask for a yes. Where the number is on
a registry and a person sends, the registry asks for more than this and names itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lotline.core.consent.entry import Kind, Scope
from lotline.core.gate.rules.book import Rule
from lotline.core.messaging.purpose import Purpose

if TYPE_CHECKING:
    from lotline.core.gate.decision import Finding
    from lotline.core.gate.rules.book import Book
    from lotline.core.gate.rules.case import Case

RULE = Rule(id="law.prior_consent", cites=("FED-PEWC-1", "FED-PEC-1", "CTIA-CONSENT"))


def check(case: Case, book: Book) -> Finding | None:
    stopped = case.facts.standing.stopped
    if stopped is Scope.ALL or (stopped is Scope.OFFERS and case.offer):
        return None
    if case.purpose is Purpose.OFFER:
        return _offer(case, book)
    if case.purpose is Purpose.UPDATE:
        return _update(case, book)
    return None


def _offer(case: Case, book: Book) -> Finding | None:
    standing = case.facts.standing
    if standing.offers is Kind.WRITTEN:
        return book.finding("FED-PEWC-1", "consent.written")
    enough = book.law["prior_consent"]["express_enough_in"]
    oral = standing.offers is not None and bool(case.where) and set(case.where) <= set(enough)
    if not case.by_hand and not oral:
        return book.finding("FED-PEWC-1", "consent.no_writing")
    if standing.offers is Kind.EXPRESS:
        return book.finding("CTIA-CONSENT", "consent.express")
    if case.federally_related or case.listed:
        return None
    reached = standing.updates is not None
    return book.finding("CTIA-CONSENT", "consent.no_offers" if reached else "consent.none")


def _update(case: Case, book: Book) -> Finding | None:
    facts = case.facts
    agreed = facts.standing.offers is not None or facts.standing.updates in (
        Kind.EXPRESS,
        Kind.WRITTEN,
    )
    if agreed or facts.bought_on is not None:
        return None
    if not case.by_hand:
        return book.finding("FED-PEC-1", "consent.none_automatic")
    wrote = facts.standing.updates is not None or facts.last_in_at is not None
    if wrote or facts.asked_on is not None:
        return None
    return book.finding("CTIA-CONSENT", "consent.none")
