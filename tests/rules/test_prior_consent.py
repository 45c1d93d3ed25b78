"""The yes that a text needs before it: federal, state, registries, relationships."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from lotline.core.gate.decision import Remedy
from lotline.core.gate.facts import Sender
from lotline.core.messaging.purpose import Purpose
from tests.rules.specimens import (
    EXPRESS,
    INQUIRY,
    NOON,
    SILENCE,
    WRITTEN,
    ask,
    facts,
    word,
)

OCTOBER = date(2026, 10, 1)


@pytest.mark.parametrize(
    "sender,standing,expected",
    [
        (Sender.BROADCAST, WRITTEN, "allow FED-QH-1"),
        (Sender.BROADCAST, EXPRESS, "block FED-PEWC-1"),
        (Sender.BROADCAST, SILENCE, "block FED-PEWC-1"),
        (Sender.SOFTWARE, WRITTEN, "allow FED-QH-1"),
        (Sender.SOFTWARE, EXPRESS, "block FED-PEWC-1"),
        (Sender.PERSON, EXPRESS, "allow FED-QH-1"),
        (Sender.PERSON, INQUIRY, "block CTIA-CONSENT"),
        (Sender.PERSON, SILENCE, "block CTIA-CONSENT"),
    ],
)
def test_an_offer_needs_a_yes_by_who_starts_it(
    sender: Sender, standing: object, expected: str
) -> None:
    assert word(facts(sender=sender, standing=standing)) == expected


@pytest.mark.parametrize(
    "sender,changed,expected",
    [
        (Sender.SOFTWARE, {"standing": EXPRESS}, "allow FED-TRANS-1"),
        (Sender.SOFTWARE, {"bought_on": OCTOBER}, "allow FED-TRANS-1"),
        (Sender.SOFTWARE, {"standing": INQUIRY}, "block FED-PEC-1"),
        (Sender.SOFTWARE, {}, "block FED-PEC-1"),
        (Sender.PERSON, {"standing": INQUIRY}, "allow FED-TRANS-1"),
        (Sender.PERSON, {"bought_on": OCTOBER}, "allow FED-TRANS-1"),
        (Sender.PERSON, {"asked_on": OCTOBER}, "allow FED-TRANS-1"),
        (Sender.PERSON, {}, "block CTIA-CONSENT"),
    ],
)
def test_an_update_needs_a_yes_or_an_order(
    sender: Sender, changed: dict[str, Any], expected: str
) -> None:
    plain: dict[str, Any] = {"purpose": Purpose.UPDATE, "standing": SILENCE, "sender": sender}

    assert word(facts(**(plain | changed))) == expected


def test_what_is_missing_is_said_with_the_way_out() -> None:
    nothing = ask(facts(standing=SILENCE))
    replies_only = ask(facts(standing=INQUIRY))

    assert nothing.binding.sentence(name="Joanne") == "Joanne hasn't said yes to texts."
    assert replies_only.binding.sentence(name="Priya") == "Priya hasn't said yes to offers."
    assert nothing.remedies[0] is Remedy.ASK_CONSENT


def test_an_answer_needs_no_consent() -> None:
    asked = NOON - timedelta(minutes=3)

    assert word(facts(standing=SILENCE, purpose=Purpose.REPLY, last_in_at=asked)) == (
        "allow FED-REPLY-1"
    )


# -- what states ask besides ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "state,changed,expected",
    [
        ("CT", {"standing": EXPRESS}, "block CT-CONSENT"),
        ("CT", {"standing": EXPRESS, "bought_on": OCTOBER}, "allow CT-HOURS"),
        ("CT", {"standing": SILENCE, "bought_on": OCTOBER}, "allow CT-EBR"),
        ("CT", {"standing": WRITTEN}, "allow CT-HOURS"),
        ("WA", {"standing": SILENCE, "bought_on": OCTOBER}, "block WA-CONSENT"),
        ("WA", {"standing": EXPRESS}, "allow WA-HOURS"),
        ("LA", {"standing": SILENCE, "bought_on": OCTOBER}, "block LA-CONSENT"),
        ("LA", {"standing": EXPRESS}, "allow LA-HOURS"),
        ("NJ", {"standing": SILENCE}, "block CTIA-CONSENT"),
        ("NJ", {"standing": SILENCE, "bought_on": OCTOBER}, "allow FED-EBR-1"),
        ("OK", {"standing": EXPRESS}, "allow OK-HOURS"),
    ],
)
def test_some_states_ask_for_more(state: str, changed: dict[str, Any], expected: str) -> None:
    assert word(facts(state, **changed)) == expected


@pytest.mark.parametrize(
    "day,expected", [("2023-09-30", "allow FED-QH-1"), ("2023-10-01", "block CT-CONSENT")]
)
def test_connecticut_asks_since_its_own_day(day: str, expected: str) -> None:
    assert word(facts("CT", day=day, standing=EXPRESS)) == expected


@pytest.mark.parametrize("state", ["FL", "OK", "MD"])
def test_a_list_without_a_written_yes_is_named_for_state_and_federal_rule(state: str) -> None:
    decision = ask(facts(state, sender=Sender.BROADCAST, standing=EXPRESS, bought_on=OCTOBER))
    spoken = {found.rule for found in decision.findings}

    assert decision.binding.rule == "FED-PEWC-1"
    assert (f"{state}-CONSENT" in spoken) is (state != "FL")  # Florida excuses a relationship


# -- registries and relationships -----------------------------------------------------------------

LISTED: dict[str, Any] = {"national_dnc": True, "standing": SILENCE}


@pytest.mark.parametrize(
    "changed,expected",
    [
        ({"standing": WRITTEN}, "allow FED-DNC-1"),
        ({"standing": EXPRESS}, "block FED-DNC-1"),
        ({}, "block FED-DNC-1"),
        ({"bought_on": date(2025, 5, 25)}, "allow FED-EBR-1"),
        ({"bought_on": date(2025, 5, 24)}, "block FED-DNC-1"),
        ({"asked_on": date(2026, 8, 25)}, "allow FED-EBR-1"),
        ({"asked_on": date(2026, 8, 24)}, "block FED-DNC-1"),
        ({"asked_on": date(2026, 11, 26)}, "block FED-DNC-1"),
        ({"standing": WRITTEN, "own_dnc": True}, "block FED-IDNC-1"),
        ({"purpose": Purpose.UPDATE, "bought_on": OCTOBER}, "allow FED-TRANS-1"),
    ],
)
def test_a_listed_number(changed: dict[str, Any], expected: str) -> None:
    """On 2026-11-24: eighteen months to the day before are over, a day less is not."""
    assert word(facts("GA", **(LISTED | changed))) == expected


@pytest.mark.parametrize(
    "day,expected",
    [("2028-02-28", "allow FED-EBR-1"), ("2028-02-29", "block FED-DNC-1")],
)
def test_eighteen_months_are_clamped_to_the_end_of_february(day: str, expected: str) -> None:
    assert word(facts("GA", day=day, **LISTED, bought_on=date(2026, 8, 31))) == expected


@pytest.mark.parametrize(
    "state,bought,expected",
    [
        ("PA", date(2025, 11, 25), "allow PA-EBR"),
        ("PA", date(2025, 11, 24), "block PA-EBR"),
        ("TX", date(2025, 9, 15), "block TX-EBR"),
        ("LA", date(2026, 3, 10), "block LA-EBR"),
        ("IN", OCTOBER, "block IN-EBR"),
        ("VA", date(2025, 9, 15), "allow VA-EBR"),
    ],
)
def test_the_shorter_count_wins(state: str, bought: date, expected: str) -> None:
    given = facts(state, national_dnc=True, standing=EXPRESS, bought_on=bought)

    assert word(given) == expected


def test_a_relationship_stands_for_a_yes_only_while_every_state_counts_it() -> None:
    young = facts("PA", standing=SILENCE, bought_on=date(2026, 1, 20))

    assert word(young) == "allow PA-EBR"
    assert word(replace(young, bought_on=date(2025, 10, 20))) == "block PA-EBR"
    assert word(replace(young, bought_on=date(2025, 5, 20))) == "block CTIA-CONSENT"


def test_in_pennsylvania_a_question_carries_the_first_contact_only() -> None:
    asked = facts("PA", standing=SILENCE, asked_on=date(2026, 11, 20))

    assert word(asked).startswith("allow")
    assert word(replace(asked, answered=True)) == "block PA-EBR"
    assert word(replace(asked, answered=True, bought_on=date(2026, 6, 1))).startswith("allow")
    ohio = facts("OH", standing=SILENCE, asked_on=date(2026, 11, 20), answered=True)
    assert word(ohio).startswith("allow")
