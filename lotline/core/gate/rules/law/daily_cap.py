"""No more offers in any 24 hours than a state allows, whatever they are about.

What counts as one subject is untested, so every offer counts. An offer exactly 24 hours old
counts no more. One state spares customers who bought recently.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from lotline.core.gate.rules.book import Rule

if TYPE_CHECKING:
    from lotline.core.gate.decision import Finding
    from lotline.core.gate.rules.book import Book
    from lotline.core.gate.rules.case import Case

RULE = Rule(id="law.daily_cap", cites=("*-FREQ", "HOUSE-CAP"))

_DAY = timedelta(hours=24)


def check(case: Case, book: Book) -> Finding | None:
    sent = case.facts.offers_24h
    if not sent or not case.offer:
        return None
    room: Finding | None = None
    most: int = book.law["house"]["daily_max"]
    recent = sorted(at for at in sent if at > case.at - _DAY)
    if most and len(recent) >= most:
        until = recent[len(recent) - most] + _DAY
        counted = (("count", str(len(recent))),)
        return book.finding("HOUSE-CAP", "cap.reached_house", hold_until=until, params=counted)
    for code in case.where:
        state = book.states.get(code)
        if state is None or not state.daily_max or case.on < state.since:
            continue
        months = book.law["relationship"]["purchase_months"]
        if state.daily_max_spares_customers and case.bought_within(months):
            continue
        params = (
            ("count", str(len(recent))),
            ("max", str(state.daily_max)),
            ("state_name", state.name),
        )
        if len(recent) >= state.daily_max:
            until = recent[len(recent) - state.daily_max] + _DAY
            return book.finding(f"{code}-FREQ", "cap.reached", hold_until=until, params=params)
        if len(sent) >= state.daily_max:
            room = book.finding(f"{code}-FREQ", "cap.room", params=params)
    return room
