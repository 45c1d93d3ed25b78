"""What an outsider sees of the promises: histories recorded honestly, of acts that broke them."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import pytest

from lotline.core.consent.entry import Says, Scope
from lotline.core.ledger.leaf import Head, LeafKind
from lotline.core.oversight import content
from lotline.core.oversight.evidence import write_bundle
from lotline.core.oversight.verify import verify_bundle
from tests.core.oversight.history import DANA, LINE, Town


def problems(town: Town) -> str:
    """Where and what, one a line, of the town's bundle."""
    report = verify_bundle(write_bundle(town.export()))
    return "\n".join(f"{found.where}: {found.says}" for found in report.problems)


def told(write: Callable[[Town], object]) -> str:
    town = Town()
    town.consent(Says.YES)
    write(town)
    return problems(town)


def test_a_text_after_a_stop_is_found() -> None:
    def write(town: Town) -> None:
        town.consent(Says.STOP, text=town.text("in", "STOP"))
        town.text("out", "Big sale!", "offer", "allow")

    assert told(write) == "chain[3]: a text was sent after a stop that covers it"


def test_a_stop_counts_by_its_place_in_the_chain_not_by_a_clock() -> None:
    def write(town: Town) -> None:
        town.consent(Says.STOP, said_at=town.at, heard_at=town.at.replace(year=2027))
        town.text("out", "Big sale!", "offer", "allow")

    assert "after a stop" in told(write)


@pytest.mark.parametrize(
    "purpose,found",
    [
        ("stop_confirmation", ""),
        ("help", ""),
        ("update", "stop"),
        ("offer", "stop"),
        ("reply", "stop"),
    ],
)
def test_what_may_follow_a_stop(purpose: str, found: str) -> None:
    def write(town: Town) -> None:
        town.consent(Says.STOP, text=town.text("in", "STOP"))
        town.text("out", "...", purpose, "allow")

    assert (found in told(write)) if found else told(write) == ""


def test_a_stop_is_confirmed_once() -> None:
    def write(town: Town) -> None:
        town.consent(Says.STOP)
        for _ in range(2):
            town.text("out", "No more texts.", "stop_confirmation", "allow")

    assert told(write) == "chain[3]: one stop was confirmed twice"


def test_one_question_after_a_stop_gets_one_answer() -> None:
    def write(town: Town) -> None:
        town.consent(Says.STOP)
        town.text("in", "Is it sold?")
        town.text("out", "Yes.", "reply", "allow")
        town.text("out", "But see this one!", "reply", "allow")

    assert told(write) == "chain[4]: a text was sent after a stop that covers it"


@pytest.mark.parametrize(
    "scope,purpose,stopped",
    [
        (Scope.OFFERS, "offer", True),
        (Scope.OFFERS, "update", False),
        (Scope.UPDATES, "update", True),
        (Scope.UPDATES, "offer", False),
        (Scope.LINE, "update", True),
        (Scope.ALL, "update", True),
    ],
)
def test_a_narrow_stop(scope: Scope, purpose: str, stopped: bool) -> None:
    def write(town: Town) -> None:
        town.consent(Says.STOP, scope=scope, line_id=LINE if scope is Scope.LINE else None)
        town.text("out", "...", purpose, "allow")

    assert bool(told(write)) is stopped


def test_a_start_opens_again() -> None:
    def write(town: Town) -> None:
        town.consent(Says.STOP, text=town.text("in", "STOP"))
        town.consent(Says.YES, text=town.text("in", "START"))
        town.text("out", "Your car is ready.", "update", "allow")

    assert told(write) == ""


@pytest.mark.parametrize("verdict", ["", "hold", "block"])
def test_a_text_without_an_allowing_decision_is_found(verdict: str) -> None:
    def write(town: Town) -> None:
        town.text("out", "Your car is ready.", "update", verdict)

    assert told(write) == "chain[1]: a text was sent without a decision that allows it"


def test_a_later_tightening_counts() -> None:
    """Allowed when it was written, blocked at its dispatch, sent all the same."""

    def write(town: Town) -> None:
        row = UUID(int=0x018F0000_0000_7000_8000_000000010000 + town.rows + 3)
        town.decide(row, "allow")
        town.decide(row, "block")
        assert town.text("out", "Your car is ready.", "update") == row

    assert "without a decision" in told(write)


def test_a_second_history_under_the_same_key_shows_its_seam() -> None:
    """The company leaves out a stop and goes on from the leaf before: the stop is left dangling.

    The bundle by itself cannot show that; a walk through the whole log does (`ledger.audit`), and
    so does any older bundle or checkpoint the customer holds.
    """
    town = Town()
    town.consent(Says.YES)
    before = town.heads[DANA]
    town.consent(Says.STOP)
    town.heads[DANA] = Head(before.seq, before.hash)
    town.shown.pop()
    assert problems(town) == ""  # what a bundle cannot show: docs/ledger.md says so


def test_a_part_about_something_else_is_found() -> None:
    town = Town()
    town.consent(Says.YES)
    row = town.row()
    other: content.Part = {
        "id": str(UUID(int=5)),
        "what": "read",
        "actor": None,
        "about": None,
        "detail": {},
    }
    town.record(LeafKind.ACCESS, row, {"act": other})
    assert "its act is about something else" in problems(town)


def test_a_part_about_another_contact_is_found() -> None:
    town = Town()
    row = town.row()
    part = {"id": str(row), "contact": str(LINE), "direction": "in"}
    town.record(LeafKind.TEXT, row, {"text": part})
    assert "about another contact" in problems(town)
