"""A direct answer to the customer's own text: soon at any hour, otherwise in daytime, for a day.

No rule says how long an invitation lasts; the two lengths are this rulebook's careful choice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lotline.core.gate.rules.book import Rule
from lotline.core.messaging.purpose import Purpose

if TYPE_CHECKING:
    from lotline.core.gate.decision import Finding
    from lotline.core.gate.rules.book import Book
    from lotline.core.gate.rules.case import Case

RULE = Rule(id="law.reply", cites=("FED-REPLY-1", "TZ-ALL"))


def check(case: Case, book: Book) -> Finding | None:
    if case.purpose is not Purpose.REPLY or case.reply_age is None:
        return None
    seconds = case.reply_age.total_seconds()
    if case.fresh:
        return book.finding(
            "FED-REPLY-1", "reply.fresh", params=(("minutes", str(int(seconds // 60))),)
        )
    if case.open:
        return book.finding(
            "FED-REPLY-1", "reply.today", params=(("hours", str(int(seconds // 3600))),)
        )
    until = book.next_open(case.at, case.states, case.zones)
    if until is None:
        return book.finding("TZ-ALL", "hours.never")
    shut = next(clock for clock in case.clocks if not clock.open)
    params = (
        ("local_time", shut.shown),
        ("zone", shut.zone),
        ("night_minutes", str(book.law["reply"]["night_minutes"])),
    )
    return book.finding("FED-REPLY-1", "reply.night", hold_until=until, params=params)
