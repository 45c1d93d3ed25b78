"""Answers by night and by day, updates at any hour, courtesies in daytime."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from lotline.core.base.places import Place
from lotline.core.consent.entry import Kind
from lotline.core.consent.standing import Standing
from lotline.core.gate.decision import Verdict
from lotline.core.gate.facts import Sender
from lotline.core.messaging.purpose import Purpose
from tests.rules.specimens import INQUIRY, SILENCE, ask, facts, wall, word

TEN_PM = wall("2026-11-24", "22:00:00")
NOON = wall("2026-11-24", "12:00:00")
REPLY: dict[str, Any] = {"purpose": Purpose.REPLY, "standing": SILENCE}


@pytest.mark.parametrize(
    "age,expected",
    [
        (timedelta(minutes=9), "allow FED-REPLY-1"),
        (timedelta(minutes=60), "allow FED-REPLY-1"),
        (timedelta(minutes=60, seconds=1), "hold FED-REPLY-1"),
        (timedelta(hours=5), "hold FED-REPLY-1"),
        (timedelta(minutes=-4), "allow FED-REPLY-1"),
    ],
)
def test_an_answer_at_night(age: timedelta, expected: str) -> None:
    assert word(facts(**REPLY, at=TEN_PM, last_in_at=TEN_PM - age)) == expected


@pytest.mark.parametrize(
    "age,expected",
    [
        (timedelta(hours=24), "allow FED-REPLY-1"),
        (timedelta(hours=24, seconds=1), "block CTIA-CONSENT"),
        (timedelta(minutes=-6), "block CTIA-CONSENT"),
    ],
)
def test_an_answer_by_day_within_a_day(age: timedelta, expected: str) -> None:
    """Later, to one with whom nothing is agreed, it is an offer that needs its own yes."""
    assert word(facts(**REPLY, at=NOON, last_in_at=NOON - age)) == expected


def test_a_late_answer_to_one_who_wrote_first_is_an_update_in_daytime() -> None:
    late = facts(purpose=Purpose.REPLY, standing=INQUIRY, at=NOON)
    two_days = replace(late, last_in_at=NOON - timedelta(days=2))

    assert word(two_days) == "allow FED-TRANS-2"
    assert word(replace(two_days, at=TEN_PM)) == "hold FED-TRANS-2"
    assert word(replace(two_days, standing=SILENCE, bought_on=date(2026, 9, 1))) == (
        "allow FED-TRANS-2"
    )


def test_an_answer_keeps_the_hours_of_the_state() -> None:
    """Pennsylvania closes at seven, and on Sundays altogether."""
    evening = wall("2026-11-24", "19:30:00", "PA")
    held = facts("PA", **REPLY, at=evening, last_in_at=evening - timedelta(hours=2))

    assert word(held) == "hold FED-REPLY-1"
    assert ask(held).hold_until == wall("2026-11-25", "09:00:00", "PA")
    assert word(replace(held, last_in_at=evening - timedelta(minutes=30))) == "allow FED-REPLY-1"


def test_an_answer_that_would_be_too_late_by_morning_is_judged_as_what_it_is_then() -> None:
    asked = wall("2026-11-24", "07:00:00")
    night = facts(**REPLY, at=wall("2026-11-24", "23:00:00"), last_in_at=asked)

    assert word(night) == "block CTIA-CONSENT"
    later = ask(replace(night, standing=INQUIRY))
    assert later.verdict is Verdict.HOLD
    assert later.hold_until == wall("2026-11-25", "08:00:00")


def test_a_list_answers_nobody() -> None:
    given = facts(**REPLY, sender=Sender.BROADCAST, last_in_at=NOON - timedelta(minutes=5))

    assert word(given) == "block FED-PEWC-1"


def test_the_sentence_says_how_long_ago() -> None:
    decision = ask(facts(**REPLY, at=TEN_PM, last_in_at=TEN_PM - timedelta(minutes=9, seconds=50)))

    assert decision.binding.sentence(name="Dale") == "Answers Dale's text from 9 min ago."


@pytest.mark.parametrize(
    "courtesy,clock,expected",
    [
        (False, "03:00:00", "allow FED-TRANS-1"),
        (True, "07:59:59", "hold FED-TRANS-2"),
        (True, "08:00:00", "allow FED-TRANS-2"),
        (True, "20:59:59", "allow FED-TRANS-2"),
        (True, "21:00:00", "hold FED-TRANS-2"),
    ],
)
def test_an_update_goes_at_any_hour_and_a_courtesy_in_daytime(
    courtesy: bool, clock: str, expected: str
) -> None:
    assert word(facts(clock=clock, purpose=Purpose.UPDATE, courtesy=courtesy)) == expected


def test_a_courtesy_keeps_the_federal_day_even_where_sundays_are_closed_to_offers() -> None:
    sunday: dict[str, Any] = {"day": "2026-11-29", "purpose": Purpose.UPDATE, "courtesy": True}

    assert word(facts("AL", **sunday)) == "allow FED-TRANS-2"


def test_where_nobody_knows_the_place_a_courtesy_waits_for_the_whole_country() -> None:
    yes = Standing(updates=Kind.EXPRESS)
    morning = wall("2026-11-24", "09:00:00")
    given = facts(place=Place(), standing=yes, purpose=Purpose.UPDATE, courtesy=True, at=morning)

    decision = ask(given)

    assert decision.verdict is Verdict.HOLD
    assert decision.hold_until == wall("2026-11-24", "13:00:00")  # eight in Honolulu
    assert word(replace(given, courtesy=False)) == "allow FED-TRANS-1"
