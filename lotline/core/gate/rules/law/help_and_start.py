"""HELP is answered to anyone at any hour; a yes just given is confirmed once, at any hour."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lotline.core.gate.rules.book import Rule
from lotline.core.messaging.purpose import Purpose

if TYPE_CHECKING:
    from lotline.core.gate.decision import Finding
    from lotline.core.gate.rules.book import Book
    from lotline.core.gate.rules.case import Case

RULE = Rule(id="law.help_and_start", cites=("CTIA-HELP", "CTIA-OPTIN"))


def check(case: Case, book: Book) -> Finding | None:
    if case.purpose is Purpose.HELP:
        return book.finding("CTIA-HELP", "help.answer")
    if case.purpose is not Purpose.START_CONFIRMATION:
        return None
    standing = case.facts.standing
    if standing.updates is None and standing.offers is None:
        return book.finding("CTIA-OPTIN", "start.nothing")
    return book.finding("CTIA-OPTIN", "start.confirms")
