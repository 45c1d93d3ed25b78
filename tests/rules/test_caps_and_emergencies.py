"""So many offers in any 24 hours, and none while an emergency is declared."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from lotline.core.gate.decision import Verdict
from lotline.core.gate.facts import Sender
from lotline.core.messaging.purpose import Purpose
from tests.rules.specimens import NOON, WRITTEN, ask, facts, wall, word

HOUR = timedelta(hours=1)


def sent(*hours_ago: float, before: datetime = NOON) -> tuple[datetime, ...]:
    return tuple(before - hours * HOUR for hours in hours_ago)


@pytest.mark.parametrize(
    "state,ago,expected",
    [
        ("FL", (1, 2), "allow FL-HOURS"),
        ("FL", (1, 2, 3), "hold FL-FREQ"),
        ("FL", (1, 2, 24), "allow FL-FREQ"),
        ("FL", (1, 2, 23.9999), "hold FL-FREQ"),
        ("MD", (1, 2, 3), "hold MD-FREQ"),
        ("OK", (1, 2, 3), "hold OK-FREQ"),
        ("OR", (1, 2, 3), "hold OR-FREQ"),
        ("OH", (1, 2, 3, 4, 5), "allow FED-QH-1"),
    ],
)
def test_three_in_a_day(state: str, ago: tuple[float, ...], expected: str) -> None:
    noon = wall("2026-11-24", state=state)

    assert word(facts(state, offers_24h=sent(*ago, before=noon))) == expected


def test_it_waits_until_enough_of_them_are_a_day_old() -> None:
    """Five went where three may go: three must be a day old, and it must be daytime then."""
    noon = wall("2026-11-24", state="FL")
    held = ask(facts("FL", offers_24h=sent(1, 2, 3, 4, 5, before=noon)))

    assert held.hold_until == noon - 3 * HOUR + 24 * HOUR
    early = noon - 4 * HOUR  # eight in the morning
    night = ask(facts("FL", at=early, offers_24h=sent(1, 2, 12.5, before=early)))
    assert night.hold_until == wall("2026-11-24", "19:30:00", "FL")
    shut = ask(facts("FL", at=early, offers_24h=sent(1, 2, 11.5, before=early)))
    assert shut.hold_until == wall("2026-11-25", "08:00:00", "FL")


def test_oregon_spares_those_who_bought() -> None:
    noon = wall("2026-11-24", state="OR")
    three = facts("OR", offers_24h=sent(1, 2, 3, before=noon))

    assert word(replace(three, bought_on=date(2025, 5, 25))) == "allow OR-HOURS"
    assert word(replace(three, bought_on=date(2025, 5, 24))) == "hold OR-FREQ"


@pytest.mark.parametrize(
    "day,expected", [("2025-12-31", "allow FED-QH-1"), ("2026-01-02", "hold OR-FREQ")]
)
def test_oregon_counts_since_its_own_day(day: str, expected: str) -> None:
    noon = wall(day, state="OR")

    assert word(facts("OR", at=noon, offers_24h=sent(1, 2, 3, before=noon))) == expected


@pytest.mark.parametrize(
    "state,purpose,sender,expected",
    [
        ("LA", Purpose.OFFER, Sender.PERSON, "block LA-EMERGENCY"),
        ("NY", Purpose.OFFER, Sender.BROADCAST, "block NY-EMERGENCY"),
        ("OH", Purpose.OFFER, Sender.PERSON, "allow FED-QH-1"),
        ("LA", Purpose.UPDATE, Sender.PERSON, "allow FED-TRANS-1"),
    ],
)
def test_an_emergency_stops_offers_where_the_state_says_so(
    state: str, purpose: Purpose, sender: Sender, expected: str
) -> None:
    marks = frozenset({"state_of_emergency"})

    assert word(facts(state, purpose=purpose, sender=sender, marks=marks)) == expected


@pytest.mark.parametrize(
    "day,expected", [("2019-12-17", "allow NY-HOURS"), ("2019-12-18", "block NY-EMERGENCY")]
)
def test_new_york_stops_them_since_its_own_day(day: str, expected: str) -> None:
    given = facts("NY", day=day, marks=frozenset({"state_of_emergency"}))

    assert word(given) == expected


def test_an_update_is_never_counted() -> None:
    given = facts("FL", purpose=Purpose.UPDATE, standing=WRITTEN, offers_24h=sent(1, 2, 3))

    assert ask(given).verdict is Verdict.ALLOW
