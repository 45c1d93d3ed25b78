"""An old copy clears nobody; one never imported is said; neither stops what may go anyway."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from lotline.core.gate.facts import Facts, Sender
from lotline.core.gate.gate import decide, facts_from_json, facts_to_json
from lotline.core.gate.rulebook.profile import effective
from lotline.core.messaging.purpose import Purpose
from tests.rules.specimens import BOOK, EXPRESS, INQUIRY, NOON, SILENCE, ask, facts, word
from tests.rules.test_points import chosen

TODAY = NOON.date()


def copies(national: int | None, **more: int | None) -> tuple[tuple[str, date | None], ...]:
    """Lists by the age of their copies in days."""
    ages = {"national_dnc": national, **more}
    named = {name.replace("__", ":"): age for name, age in ages.items()}
    return tuple(
        (name, None if age is None else TODAY - timedelta(days=age)) for name, age in named.items()
    )


def said(given: Facts, **points: str) -> list[str]:
    decision = decide(given, effective(BOOK, chosen(**points)))
    return [f"{found.verdict.value} {found.rule}" for found in decision.findings]


@pytest.mark.parametrize(
    "state, lists, expected",
    [
        ("OH", copies(31), "allow"),
        ("OH", copies(32), "block FED-DNC-2"),
        ("OH", copies(32, state_dnc__OH=400), "block FED-DNC-2"),
        ("OH", copies(0, state_dnc__OH=400), "allow"),  # Ohio keeps no list of its own
        ("FL", copies(0, state_dnc__FL=31), "allow"),
        ("FL", copies(0, state_dnc__FL=32), "block FED-DNC-2"),
        ("TX", copies(0, state_dnc__TX=92), "allow"),  # comes out quarterly
        ("TX", copies(0, state_dnc__TX=93), "block FED-DNC-2"),
        ("OH", copies(0, reassigned=400), "allow FED-DNC-2"),
        ("OH", copies(0, litigators=93), "allow FED-DNC-2"),
        ("ME", copies(0, reassigned=31), "allow"),
        ("ME", copies(0, reassigned=32), "block ME-RND"),
        ("ME", copies(0, reassigned=None), "block ME-RND"),
    ],
)
def test_the_age_of_a_copy(state: str, lists: Any, expected: str) -> None:
    found = said(facts(state, standing=EXPRESS, lists=lists))

    assert any(one.startswith(expected) for one in found), found
    assert found[0].split()[0] == expected.split(maxsplit=1)[0]


@pytest.mark.parametrize(
    "more",
    [
        {},  # a written yes lifts the registry, so an old copy of it matters no more
        {"standing": EXPRESS, "bought_on": TODAY - timedelta(days=40)},
        {"purpose": Purpose.UPDATE, "bought_on": TODAY},
        {"purpose": Purpose.REPLY, "standing": INQUIRY, "last_in_at": NOON},
    ],
)
def test_an_old_copy_stops_nothing_that_a_listed_number_may_get(more: dict[str, Any]) -> None:
    listed = ask(facts(national_dnc=True, **more)).verdict

    assert ask(facts(lists=copies(400), **more)).verdict is listed
    assert listed.value == "allow"


def test_an_old_copy_is_never_looser_than_being_on_the_list() -> None:
    for standing in (SILENCE, INQUIRY, EXPRESS):
        for sender in Sender:
            plain = facts(standing=standing, sender=sender)
            old = facts(standing=standing, sender=sender, lists=copies(32))
            on_it = facts(standing=standing, sender=sender, national_dnc=True)
            assert ask(old).verdict in (ask(plain).verdict, ask(on_it).verdict)
            if ask(on_it).verdict.value == "block":
                assert ask(old).verdict.value == "block"


def test_counsel_may_let_an_old_copy_be_used_and_that_is_said_too() -> None:
    given = facts(standing=EXPRESS, lists=copies(400))
    found = said(given, FED_DNC_2="note")

    assert found[0].startswith("allow")
    assert found.count("allow FED-DNC-2") == 2  # that it was used, and that counsel let it


def test_what_was_never_imported_is_said_and_may_be_counted_as_listed() -> None:
    given = facts("FL", standing=EXPRESS, lists=copies(None, state_dnc__FL=None, reassigned=3))
    decision = ask(given)

    (note,) = [found for found in decision.findings if found.rule == "HOUSE-LISTS"]
    assert note.sentence().endswith("the national do-not-call list, Florida's do-not-call list.")
    assert decision.verdict.value == "allow"
    assert decision.binding is not note
    assert said(given, HOUSE_LISTS="as_listed")[0] == "block HOUSE-LISTS"
    excused = facts("FL", lists=copies(None))
    assert said(excused, HOUSE_LISTS="as_listed")[0].startswith("allow")


def test_a_known_litigator_gets_no_offer_but_an_answer() -> None:
    assert word(facts(litigator=True)) == "block HOUSE-LITIGATOR"
    answer = facts(litigator=True, purpose=Purpose.REPLY, standing=INQUIRY, last_in_at=NOON)
    assert word(answer) == "allow FED-REPLY-1"


def test_facts_with_lists_come_back_as_they_were() -> None:
    given = facts(lists=copies(3, state_dnc__FL=None), litigator=True)
    assert facts_from_json(facts_to_json(given)) == given
    old = facts_to_json(given)
    del old["lists"], old["litigator"]
    assert facts_from_json(old).lists == (), "facts of before there were lists"
