"""After a stop nothing goes that it covers, whoever sends it and whatever else is in order."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from lotline.core.consent.entry import How, Kind, Scope, Source
from lotline.core.gate.decision import Remedy, Verdict
from lotline.core.gate.facts import Sender
from lotline.core.messaging.purpose import Purpose
from tests.rules.specimens import LINE, NOON, STOPPED_AT, ask, facts, stopped, wall, word

DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
ASKED = NOON - timedelta(minutes=10)


@pytest.mark.parametrize("sender", list(Sender))
@pytest.mark.parametrize("purpose", [Purpose.REPLY, Purpose.UPDATE, Purpose.OFFER])
def test_nothing_passes_a_stop_of_all(sender: Sender, purpose: Purpose) -> None:
    """The customer's last text is the stop itself, so there is no question to answer."""
    given = facts(standing=stopped(), sender=sender, purpose=purpose, last_in_at=STOPPED_AT)

    assert ask(given).verdict is Verdict.BLOCK


@pytest.mark.parametrize(
    "scope,purpose,verdict",
    [
        (Scope.OFFERS, Purpose.OFFER, "block"),
        (Scope.OFFERS, Purpose.UPDATE, "allow"),
        (Scope.OFFERS, Purpose.REPLY, "allow"),
        (Scope.UPDATES, Purpose.OFFER, "allow"),
        (Scope.UPDATES, Purpose.UPDATE, "block"),
        (Scope.ALL, Purpose.UPDATE, "block"),
    ],
)
def test_a_stop_closes_what_it_names(scope: Scope, purpose: Purpose, verdict: str) -> None:
    asked = NOON - timedelta(minutes=5)
    given = facts(standing=stopped(scope), purpose=purpose, last_in_at=asked)

    assert ask(given).verdict.value == verdict


@pytest.mark.parametrize(
    "changed,purpose,expected",
    [
        ({}, Purpose.OFFER, "block FED-REV-1"),
        ({"stopped_how": How.WORDING}, Purpose.OFFER, "block FED-REV-2"),
        ({"stopped_source": Source.EMAIL}, Purpose.OFFER, "block FED-REV-2"),
        ({"stopped_source": Source.CARRIER}, Purpose.OFFER, "block FED-REV-1"),
        ({"stopped_how": How.UNANSWERED}, Purpose.UPDATE, "block FED-REV-5"),
        ({}, Purpose.UPDATE, "block FED-REV-6"),
        ({"refused_yes_at": NOON - DAY}, Purpose.OFFER, "block FED-REOPT-1"),
        # Friday to Thursday are four business days, to the Friday after five, two weeks ten.
        ({"stopped_at": NOON - 6 * DAY}, Purpose.OFFER, "block FED-REV-1"),
        ({"stopped_at": NOON - 7 * DAY}, Purpose.OFFER, "block FED-REV-3"),
        ({"stopped_at": NOON - 14 * DAY}, Purpose.OFFER, "block FED-REV-3"),
        ({"stopped_at": NOON - 15 * DAY}, Purpose.OFFER, "block FED-REV-1"),
    ],
)
def test_which_entry_is_named(changed: dict[str, Any], purpose: Purpose, expected: str) -> None:
    assert word(facts(standing=stopped(**changed), purpose=purpose)) == expected


def test_virginia_keeps_a_stop_longer_and_so_do_we_everywhere() -> None:
    nine_years = wall("2035-11-20", state="VA")

    assert word(facts("VA", at=nine_years, standing=stopped())) == "block VA-OPTOUT"
    assert word(facts("OH", at=nine_years, standing=stopped())) == "block FED-REV-1"


def test_a_new_question_gets_one_answer_by_a_person() -> None:
    asked = facts(standing=stopped(), purpose=Purpose.REPLY, last_in_at=ASKED)

    assert word(asked) == "allow FED-REPLY-2"
    assert word(replace(asked, answered=True)) == "block FED-REPLY-2"
    assert word(replace(asked, sender=Sender.SOFTWARE)) == "block FED-REPLY-2"
    assert word(replace(asked, purpose=Purpose.OFFER)) == "block FED-REV-1"
    assert word(replace(asked, last_in_at=STOPPED_AT)) != "allow FED-REPLY-2"
    assert word(replace(asked, last_in_at=NOON - DAY)) == "allow FED-REPLY-2"
    assert ask(replace(asked, last_in_at=NOON - DAY - SECOND)).verdict is Verdict.BLOCK


def test_the_one_answer_keeps_to_the_hours_of_an_answer() -> None:
    late = facts(
        clock="22:00:00",
        standing=stopped(),
        purpose=Purpose.REPLY,
        last_in_at=wall("2026-11-24", "20:59:59"),
    )

    assert word(late) == "hold FED-REPLY-1"
    assert word(replace(late, last_in_at=wall("2026-11-24", "21:00:00"))) == "allow FED-REPLY-2"


def test_a_stop_of_one_line_leaves_the_others() -> None:
    other = stopped(stopped=None, stopped_lines=frozenset({LINE}), offers=Kind.WRITTEN)
    here = facts(standing=other, purpose=Purpose.UPDATE)

    assert word(here) == "block FED-REV-1"
    assert here.line.id == LINE
    assert ask(facts(standing=replace(other, stopped_lines=frozenset()))).verdict is Verdict.ALLOW


def test_a_later_yes_is_named_as_what_permits_the_offer() -> None:
    given = facts()
    reopened = replace(given, standing=replace(given.standing, reopened_at=NOON - DAY))

    assert word(reopened) == "allow FED-REOPT-1"


def test_only_the_customer_can_undo_it_and_nobody_is_told_to_ask_for_a_yes() -> None:
    decision = ask(facts(standing=stopped()))

    assert decision.remedies == (Remedy.CUSTOMER_START,)
    assert "START" in decision.binding.says


def test_without_its_offer_a_text_may_go_after_a_stop_of_offers() -> None:
    decision = ask(facts(standing=stopped(Scope.OFFERS)))

    assert decision.verdict is Verdict.BLOCK
    assert decision.without_offer is Verdict.ALLOW
    assert decision.remedies[0] is Remedy.DROP_OFFER
