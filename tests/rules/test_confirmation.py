"""One confirmation of a stop, within five minutes, at any hour; HELP and START are answered."""

from __future__ import annotations

from datetime import timedelta

import pytest

from lotline.core.consent.entry import Scope
from lotline.core.gate.facts import Sender
from lotline.core.messaging.purpose import Purpose
from tests.rules.specimens import SILENCE, facts, stopped, wall, word

NIGHT = {"clock": "23:00:00", "sender": Sender.SOFTWARE}
HEARD = wall("2026-11-24", "23:00:00")


@pytest.mark.parametrize(
    "seconds,confirmed,expected",
    [
        (0, False, "allow FED-REV-4"),
        (40, False, "allow FED-REV-4"),
        (300, False, "allow FED-REV-4"),
        (300.001, False, "block FED-REV-4"),
        (360, False, "block FED-REV-4"),
        (40, True, "block FED-REV-4"),
        (-60, False, "allow FED-REV-4"),
        (-301, False, "block FED-REV-4"),
    ],
)
def test_once_and_within_five_minutes(seconds: float, confirmed: bool, expected: str) -> None:
    given = facts(
        at=HEARD + timedelta(seconds=seconds),
        sender=Sender.SOFTWARE,
        purpose=Purpose.STOP_CONFIRMATION,
        standing=stopped(),
        stop_heard_at=HEARD,
        stop_confirmed=confirmed,
    )

    assert word(given) == expected


def test_without_a_stop_there_is_nothing_to_confirm() -> None:
    given = facts(**NIGHT, purpose=Purpose.STOP_CONFIRMATION, standing=SILENCE)

    assert word(given) == "block FED-REV-4"


@pytest.mark.parametrize("standing", [SILENCE, stopped(), stopped(Scope.OFFERS)])
def test_help_is_answered_to_anyone_at_any_hour(standing: object) -> None:
    assert word(facts(**NIGHT, purpose=Purpose.HELP, standing=standing)) == "allow CTIA-HELP"


def test_a_yes_is_confirmed_at_any_hour_and_a_stop_is_no_yes() -> None:
    confirms = {**NIGHT, "purpose": Purpose.START_CONFIRMATION}

    assert word(facts(**confirms)) == "allow CTIA-OPTIN"
    assert word(facts(**confirms, standing=SILENCE)) == "block CTIA-OPTIN"
    assert word(facts(**confirms, standing=stopped())) == "block FED-REV-1"
