"""An update about something agreed goes at any hour; a courtesy without an offer keeps to daytime.

Neither is a solicitation. The daytime of a courtesy is the federal one, which is a kindness here
and no duty.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lotline.core.gate.rules.book import Rule
from lotline.core.messaging.purpose import Purpose

if TYPE_CHECKING:
    from lotline.core.gate.decision import Finding
    from lotline.core.gate.rules.book import Book
    from lotline.core.gate.rules.case import Case

RULE = Rule(id="law.update", cites=("FED-TRANS-1", "FED-TRANS-2", "TZ-ALL"))


def check(case: Case, book: Book) -> Finding | None:
    if case.purpose is not Purpose.UPDATE:
        return None
    if not case.courtesy:
        return book.finding("FED-TRANS-1", "update.any_hour")
    if case.open:
        return book.finding("FED-TRANS-2", "update.daytime")
    until = book.next_open(case.at, case.states, case.zones)
    if until is None:
        return book.finding("TZ-ALL", "hours.never")
    shut = next(clock for clock in case.clocks if not clock.open)
    params = (("local_time", shut.shown), ("zone", shut.zone))
    return book.finding("FED-TRANS-2", "update.night", hold_until=until, params=params)
