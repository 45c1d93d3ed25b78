"""A search finds what it names within the viewer's reach, and nothing that one filter forbids."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from lotline.actions import search as acts
from lotline.actions.contacts import start_conversation
from lotline.actions.conversations import mark_done
from lotline.actions.counting import recount_all
from lotline.actions.notes import add_note
from lotline.actions.review import flag_text
from lotline.core.messaging.search import read_search
from lotline.store import search as store
from tests.actions.house import House, MemoryCarrier
from tests.conftest import Database
from tests.town import build_town, carrier_double, make_context

UTC_ZONE = ZoneInfo("UTC")
PRIYA, DALE, JOY = "+16145550142", "+16145550143", "+16145550144"


@pytest.fixture(scope="module")
def searched(module_db: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Priya asks on the sales line, Dale at the docks; Joy has agreed to nothing."""
    folder: Path = tmp_path_factory.mktemp("keys")
    carrier = MemoryCarrier()
    ctx = replace(make_context(module_db.app, folder), carrier_for=carrier_double(carrier))
    house = House(build_town(ctx, {"policy_required": False}), carrier, module_db)
    carrier.clock = house.town.clock
    town = house.town
    ben, cy = town.sign_in("ben"), town.sign_in("cy")
    for number, line, who, name in (
        (PRIYA, "sales", ben, "Priya Ramnath"),
        (DALE, "dock", cy, "Dale Quimby"),
        (JOY, "sales", ben, "Joy Ortega"),
    ):
        start_conversation(
            ctx, who, number=number, line_id=town.lines[line], name=name, how="not_yet"
        )
        town.clock.pass_by(minutes=1)
    house.text_in(PRIYA, "Is the blue hatchback there? Two tires?", line="sales")
    town.clock.pass_by(hours=1)
    house.text_in(DALE, "Any blue trucks left?", line="dock")
    town.clock.pass_by(days=2)
    house.tap(PRIYA, "Yes, the blue hatchback is at the counter.", by="ben")
    house.tap(JOY, "Big sale this weekend, 20% off.", by="ben")
    add_note(ctx, ben, house.conversation(PRIYA), "Prefers blue over any price")
    recount_all(ctx, town.group_id)
    try:
        yield house
    finally:
        house.close()


def bodies(house: House, typed: str, who: str = "ada", **more: str) -> list[str]:
    """The first words of each text that is found."""
    answer = ask(house, typed, who, **more)
    return [" ".join(hit.body.split()[:3]) for hit in answer.found.texts]


def ask(house: House, typed: str, who: str = "ada", before: str = "") -> acts.Answer:
    rules = {"quiet": ["FED-QH-1"], "consent": ["FED-PEWC-1", "FED-PEC-1", "CTIA-CONSENT"]}
    return acts.search(
        house.ctx,
        house.town.sign_in(who),
        read_search(typed),
        rules=rules,
        zone=UTC_ZONE,
        before=before,
    )


ASKED_BLUE, TRUCKS, OURS, SALE = (
    "Is the blue",
    "Any blue trucks",
    "Yes, the blue",
    "Big sale this",
)
EVERY = [
    ("blue", [OURS, TRUCKS, ASKED_BLUE]),
    ("BLUE hatchbacks", [OURS, ASKED_BLUE]),
    ("blue -hatchback", [TRUCKS]),
    ("tire", [ASKED_BLUE]),
    ("blue from:ben", [OURS]),
    ("from:ben", [SALE, OURS]),
    ("from:priya", [ASKED_BLUE]),
    ("from:ben -purpose:offer", [OURS]),
    ("to:priya", [OURS]),
    ("to:elm", [ASKED_BLUE]),
    ("customer:priya", [OURS, ASKED_BLUE]),
    ("customer:0143", [TRUCKS]),
    ("customer:ortega is:blocked", [SALE]),
    ("-customer:priya blue", [TRUCKS]),
    ("line:dockside", [TRUCKS]),
    ("-line:dockside", [SALE, OURS, ASKED_BLUE]),
    ("is:blocked", [SALE]),
    ("is:waiting", [TRUCKS]),
    ("is:held", []),
    ("has:note", [OURS, ASKED_BLUE]),
    ("has:photo", []),
    ("-has:note", [SALE, TRUCKS]),
    ("purpose:offer", [SALE]),
    ("consent:none from:ben after:2026-11-20", []),  # it was refused, so nobody was texted
    ("consent:replies from:ben", [OURS]),
    ("-consent:replies from:ben", [SALE]),
    ("before:2026-11-19", [TRUCKS, ASKED_BLUE]),
    ("-before:2026-11-19 blue", [OURS]),
    ("nowhere", []),
]


@pytest.mark.parametrize("typed, found", EVERY)
def test_what_is_found(searched: House, typed: str, found: list[str]) -> None:
    assert bodies(searched, typed) == found


@pytest.mark.parametrize("typed", [typed for typed, _ in EVERY])
def test_nobody_finds_what_is_not_theirs(searched: House, typed: str) -> None:
    """Ben reaches the sales line, Cy the docks; what Ada finds is what both find, and no more."""
    by_reach = {*bodies(searched, typed, "ben"), *bodies(searched, typed, "cy")}
    assert not {TRUCKS} & set(bodies(searched, typed, "ben"))
    assert not {ASKED_BLUE, OURS, SALE} & set(bodies(searched, typed, "cy"))
    if "is:waiting" not in typed and "is:unread" not in typed:
        assert by_reach == set(bodies(searched, typed, "ada"))


def test_an_attempt_is_its_authors_and_the_managers(searched: House) -> None:
    assert bodies(searched, "weekend", "ben") == [SALE]
    assert bodies(searched, "weekend", "bea") == []


def test_notes_and_customers_have_groups_of_their_own(searched: House) -> None:
    answer = ask(searched, "blue")
    assert [hit.body for hit in answer.found.notes] == ["Prefers blue over any price"]
    assert ask(searched, "blue", "cy").found.notes == ()
    assert [row.name for row in ask(searched, "ramnath").customers] == ["Priya Ramnath"]
    assert ask(searched, "ramnath", "cy").customers == []


def test_a_rule_finds_what_it_stopped(searched: House) -> None:
    (rule,) = searched.ask("select binding_rule from decisions where verdict = 'block' limit 1")[0]
    found = acts.search(
        searched.ctx,
        searched.town.sign_in("ada"),
        read_search("rule:that"),
        rules={"that": [rule]},
        zone=UTC_ZONE,
    )
    assert [hit.state for hit in found.found.texts] == ["blocked"]


def test_near_a_text_is_its_conversation_on_that_day(searched: House) -> None:
    hit = ask(searched, "tires").found.texts[0]
    assert bodies(searched, f"near:{hit.id}") == [ASKED_BLUE]
    assert bodies(searched, f"near:{hit.id}", "cy") == []


def test_nobody_is_called_that(searched: House) -> None:
    assert ask(searched, "from:zebulon blue").found.unknown == ("from:zebulon",)


def test_pages_neither_repeat_nor_skip(searched: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also when a page must stop before it is full: it says how far it looked, and goes on."""
    monkeypatch.setattr(store, "WALKS", (1,))
    seen, before, stopped = [], "", 0
    while True:
        found = ask(searched, "blue -truck", before=before).found
        seen += [hit.id for hit in found.texts]
        stopped += found.looked_to is not None
        if not found.next:
            break
        before = found.next
    monkeypatch.undo()
    assert seen == [hit.id for hit in ask(searched, "blue -truck").found.texts]
    assert stopped


def test_a_managers_search_is_an_entry_without_its_words(searched: House) -> None:
    def kept() -> int:
        return int(searched.ask("select count(*) from access_acts where what = 'searched'")[0][0])

    before = kept()
    ask(searched, "from:ben hatchback", "mo")
    ask(searched, "from:ben hatchback", "ben")
    assert kept() == before + 1
    (detail,) = searched.ask(
        "select detail from access_acts where what = 'searched' order by id desc limit 1"
    )[0]
    assert detail["filters"] == ["from"]
    assert "hatchback" not in str(detail)


def test_done_and_unread_follow_the_conversation(searched: House) -> None:
    talk = searched.conversation(DALE, line="dock")
    assert bodies(searched, "is:unread", "cy") == [TRUCKS]
    mark_done(searched.ctx, searched.town.sign_in("cy"), [talk])
    assert bodies(searched, "is:done") == [TRUCKS]
    assert bodies(searched, "is:waiting") == []


def test_flagged_is_what_was_put_to_a_manager(searched: House) -> None:
    hit = ask(searched, "trucks").found.texts[0]
    flag_text(searched.ctx, searched.town.sign_in("cy"), hit.id)
    assert bodies(searched, "is:flagged") == [TRUCKS]
    assert bodies(searched, "is:flagged", "ben") == []
    assert TRUCKS not in bodies(searched, "blue -is:flagged")
