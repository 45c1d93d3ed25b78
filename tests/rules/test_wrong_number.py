"""Whoever is not there agreed to nothing: wrong numbers, doubts, and numbers with new owners."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from lotline.core.consent.entry import Scope
from lotline.core.gate.facts import Sender
from lotline.core.messaging.purpose import Purpose
from tests.rules.specimens import NOON, WRITTEN, facts, stopped, word

HOUR = timedelta(hours=1)
WRONG = replace(stopped(), wrong_number_at=stopped().stopped_at)
REOPENED = replace(WRITTEN, wrong_number_at=NOON - 48 * HOUR)
DOUBTED = replace(WRITTEN, doubted_at=NOON - HOUR, doubted=Scope.ALL)
DOUBTED_OFFERS = replace(DOUBTED, doubted=Scope.OFFERS)


@pytest.mark.parametrize(
    "standing,purpose,expected",
    [
        (WRONG, Purpose.OFFER, "block FED-RND-2"),
        (WRONG, Purpose.UPDATE, "block FED-RND-2"),
        (REOPENED, Purpose.OFFER, "block FED-RND-2"),
        (REOPENED, Purpose.UPDATE, "block FED-RND-2"),
        (REOPENED, Purpose.REPLY, "allow FED-REPLY-1"),
        (DOUBTED, Purpose.OFFER, "block HOUSE-CHECK"),
        (DOUBTED, Purpose.UPDATE, "block HOUSE-CHECK"),
        (DOUBTED, Purpose.REPLY, "allow FED-REPLY-1"),
        (DOUBTED_OFFERS, Purpose.OFFER, "block HOUSE-CHECK"),
        (DOUBTED_OFFERS, Purpose.UPDATE, "allow FED-TRANS-1"),
        (WRITTEN, Purpose.OFFER, "allow FED-QH-1"),
    ],
)
def test_who_is_in_doubt_gets_answers_only(
    standing: object, purpose: Purpose, expected: str
) -> None:
    given = facts(standing=standing, purpose=purpose, last_in_at=NOON - HOUR)

    assert word(given) == expected


def test_the_text_that_says_wrong_number_asks_nothing() -> None:
    said = facts(standing=WRONG, purpose=Purpose.REPLY, last_in_at=WRONG.wrong_number_at)

    assert word(said) == "block FED-RND-2"
    assert word(replace(said, last_in_at=NOON - HOUR)) == "allow FED-REPLY-2"


@pytest.mark.parametrize(
    "state,reassigned,purpose,expected",
    [
        ("OH", "yes", Purpose.OFFER, "block FED-RND-1"),
        ("OH", "yes", Purpose.UPDATE, "block FED-RND-1"),
        ("OH", "yes", Purpose.REPLY, "allow FED-REPLY-1"),
        ("OH", "unknown", Purpose.OFFER, "allow FED-QH-1"),
        ("ME", "unknown", Purpose.OFFER, "block ME-RND"),
        ("ME", "unknown", Purpose.UPDATE, "allow FED-TRANS-1"),
        ("ME", "no", Purpose.OFFER, "allow FED-QH-1"),
    ],
)
def test_a_number_with_a_new_owner(
    state: str, reassigned: str, purpose: Purpose, expected: str
) -> None:
    given = facts(state, reassigned=reassigned, purpose=purpose, last_in_at=NOON - HOUR)

    assert word(given) == expected


@pytest.mark.parametrize(
    "day,expected", [("2024-08-08", "allow FED-QH-1"), ("2024-08-09", "block ME-RND")]
)
def test_maine_asks_since_its_own_day(day: str, expected: str) -> None:
    given = facts("ME", day=day, reassigned="unknown", sender=Sender.BROADCAST)

    assert word(given) == expected
