"""One text may confirm a stop: within five minutes, once, and nothing else after it.

It is no solicitation, so it goes at any hour. Later than five minutes the sender would have to
justify the delay, so it is dropped.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lotline.core.gate.rules.book import Rule
from lotline.core.messaging.purpose import Purpose

if TYPE_CHECKING:
    from lotline.core.gate.decision import Finding
    from lotline.core.gate.rules.book import Book
    from lotline.core.gate.rules.case import Case

RULE = Rule(id="law.confirmation", cites=("FED-REV-4",))


def check(case: Case, book: Book) -> Finding | None:
    if case.purpose is not Purpose.STOP_CONFIRMATION:
        return None
    heard = case.facts.stop_heard_at
    if heard is None:
        return book.finding("FED-REV-4", "confirm.nothing")
    if case.facts.stop_confirmed:
        return book.finding("FED-REV-4", "confirm.again")
    late_s = (case.at - heard).total_seconds()
    skew_s = book.law["reply"]["clock_skew_s"]
    if not -skew_s <= late_s <= book.law["confirmation"]["max_s"]:
        return book.finding("FED-REV-4", "confirm.late")
    return book.finding("FED-REV-4", "confirm.in_time")
