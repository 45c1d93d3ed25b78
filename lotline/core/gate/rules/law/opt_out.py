"""After a stop, nothing that it covers, from any person, line or list, until their own yes.

The ten business days are a ceiling; the gate acts before the next text. The one way through is a
person's single answer to a question that the customer asks after the stop, and it leaves the stop
in force. Which entry is named depends on how the stop was said; the verdict does not.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from lotline.core.consent.entry import How, Scope, Source
from lotline.core.gate.rules.book import Rule
from lotline.core.messaging.purpose import Purpose

if TYPE_CHECKING:
    from lotline.core.consent.standing import Standing
    from lotline.core.gate.decision import Finding
    from lotline.core.gate.rules.book import Book
    from lotline.core.gate.rules.case import Case

RULE = Rule(
    id="law.opt_out",
    cites=(
        "FED-REV-1",
        "FED-REV-2",
        "FED-REV-3",
        "FED-REV-5",
        "FED-REV-6",
        "FED-REOPT-1",
        "FED-REPLY-2",
        "*-OPTOUT",
    ),
)

_SAYS = {Scope.ALL: "stop.all", Scope.OFFERS: "stop.offers", Scope.UPDATES: "stop.updates"}
_NEVER_COVERED = (Purpose.STOP_CONFIRMATION, Purpose.HELP)


def check(case: Case, book: Book) -> Finding | None:
    standing = case.facts.standing
    purpose = case.purpose
    if purpose in _NEVER_COVERED:
        return None
    by_line = case.facts.line.id in standing.stopped_lines
    if not by_line and not _covers(standing.stopped, purpose):
        return _permits(standing, purpose, book)
    answer = _one_answer(case, book)
    if answer is not None:
        return answer
    if by_line and not _covers(standing.stopped, purpose):
        return book.finding("FED-REV-1", "stop.line")
    params = (("stopped_at", standing.stopped_at.isoformat()),) if standing.stopped_at else ()
    says = _SAYS[standing.stopped or Scope.ALL]
    rule = _named(case, book)
    if rule == "FED-REOPT-1":
        says = "stop.old_yes"
    return book.finding(rule, says, params=params)


def _covers(stopped: Scope | None, purpose: Purpose) -> bool:
    if stopped is None:
        return False
    if stopped is Scope.OFFERS:
        return purpose is Purpose.OFFER
    if stopped is Scope.UPDATES:
        return purpose in (Purpose.UPDATE, Purpose.REPLY)
    return True


def _permits(standing: Standing, purpose: Purpose, book: Book) -> Finding | None:
    if purpose is Purpose.OFFER and standing.reopened_at is not None:
        return book.finding("FED-REOPT-1", "stop.reopened")
    narrowed = standing.stopped is Scope.OFFERS and standing.stopped_how is How.NARROWED
    if purpose is Purpose.UPDATE and narrowed:
        return book.finding("FED-REV-5", "stop.narrowed")
    return None


def _one_answer(case: Case, book: Book) -> Finding | None:
    """The customer asked something after the stop: one person may answer once, in time."""
    if case.purpose is not Purpose.REPLY or not _asked_since(case):
        return None
    if not case.by_hand or case.facts.answered or not book.law["stop"]["one_answer"]:
        return book.finding("FED-REPLY-2", "stop.answered")
    return book.finding("FED-REPLY-2", "stop.one_answer")


def _asked_since(case: Case) -> bool:
    standing = case.facts.standing
    asked = case.facts.last_in_at
    stops = [at for at in (standing.stopped_at, standing.lines_stopped_at) if at is not None]
    return asked is not None and bool(stops) and asked > max(stops)


def _named(case: Case, book: Book) -> str:
    standing = case.facts.standing
    if standing.stopped_how is How.UNANSWERED:
        return "FED-REV-5"
    if standing.refused_yes_at is not None and case.offer:
        return "FED-REOPT-1"
    other_door = standing.stopped_source not in (None, Source.TEXT, Source.CARRIER)
    plain = "FED-REV-2" if standing.stopped_how is How.WORDING or other_door else "FED-REV-1"
    if case.purpose is Purpose.UPDATE:
        return "FED-REV-6"
    if standing.stopped_at is not None:
        since = standing.stopped_at.date()
        kept = book.law["stop"]["kept_years"]
        if case.at - standing.stopped_at > timedelta(days=365 * kept):
            for code in case.where:
                state = book.states.get(code)
                if state is not None and state.stop_kept_years > kept:
                    return f"{code}-OPTOUT"
        days = _business_days(since, case.on, book.law["stop"]["business_days"] + 1)
        if book.law["stop"]["clock_named_from"] <= days <= book.law["stop"]["business_days"]:
            return "FED-REV-3"
    return plain


def _business_days(since: date, on: date, most: int) -> int:
    """Weekdays after `since` up to `on`, counted no further than `most`."""
    counted = 0
    while since < on and counted < most:
        since += timedelta(days=1)
        counted += since.weekday() < 5
    return counted
