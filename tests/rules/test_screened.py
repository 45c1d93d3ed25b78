"""What the house's own screens found: refused, waiting for a person, or only said (HOUSE-REVIEW);
and whom a manager stopped (HOUSE-STOPPED).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from lotline.core.gate.decision import Verdict
from lotline.core.gate.facts import MemberFacts
from lotline.core.messaging.purpose import Purpose
from tests.rules.specimens import ask, facts, stopped, word

HELD = "screen_hold_promise"


def marked(*marks: str) -> frozenset[str]:
    return frozenset(marks)


@pytest.mark.parametrize(
    "marks,expected",
    [
        (marked(), "allow FED-QH-1"),
        (marked("screen_warn_birth_date"), "allow FED-QH-1"),
        (marked("screen_flag_profanity"), "allow FED-QH-1"),
        (marked(HELD), "hold HOUSE-REVIEW"),
        (marked(HELD, "screen_released"), "allow FED-QH-1"),
        (marked(HELD, "screen_refused"), "block HOUSE-REVIEW"),
        (marked("screen_block_card_number"), "block HOUSE-REVIEW"),
        # A manager lets go what waits for them, not what is refused.
        (marked("screen_block_card_number", "screen_released"), "block HOUSE-REVIEW"),
    ],
)
def test_a_find_is_refused_waits_or_is_said(marks: frozenset[str], expected: str) -> None:
    assert word(facts(marks=marks)) == expected


def test_a_hold_for_a_person_names_no_hour_even_when_the_law_would() -> None:
    late = facts(clock="21:12:00", marks=marked(HELD))

    decision = ask(late)

    assert (decision.verdict, decision.hold_until) == (Verdict.HOLD, None)
    assert decision.binding.rule == "HOUSE-REVIEW"
    released = ask(replace(late, marks=marked(HELD, "screen_released")))
    assert released.verdict is Verdict.HOLD
    assert released.hold_until is not None


def test_nobody_is_asked_about_what_may_never_go() -> None:
    decision = ask(facts(marks=marked(HELD), standing=stopped()))

    assert decision.verdict is Verdict.BLOCK
    assert decision.binding.rule != "HOUSE-REVIEW"
    assert any(found.rule == "HOUSE-REVIEW" for found in decision.findings)


def test_a_warning_changes_no_verdict_and_names_what_was_found() -> None:
    plain, warned = ask(facts()), ask(facts(marks=marked("screen_warn_unknown_link")))

    assert warned.binding == plain.binding
    assert warned.findings[-1].rule == "HOUSE-REVIEW"
    assert "unknown link" in warned.findings[-1].sentence()


@pytest.mark.parametrize("purpose", [Purpose.REPLY, Purpose.UPDATE, Purpose.OFFER])
def test_whom_a_manager_stopped_sends_nothing(purpose: Purpose) -> None:
    at_work = facts(purpose=purpose, member=MemberFacts(stopped=True))
    answered = replace(at_work, last_in_at=at_work.at - timedelta(minutes=2))

    assert word(answered) == "block HOUSE-STOPPED"
