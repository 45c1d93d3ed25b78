"""Who was texted without an opt-in: the dashboard's cell and its search say the same."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from lotline.actions.consent import add_consent
from lotline.actions.counting import recount_all
from lotline.actions.dashboard import Asked, see, see_rows
from lotline.actions.search import search
from lotline.core.messaging.search import read_search
from lotline.store.dashboard_rows import Wanted
from lotline.store.imported import record_imported
from tests.actions.house import House, MemoryCarrier
from tests.conftest import Database
from tests.town import build_town, carrier_double, make_context

HERE = ZoneInfo("America/New_York")
FIRST = date(2026, 11, 18)
ANA, BO, CAL, DEE, EVE, FAY, GUS = (f"+1614555014{n}" for n in range(1, 8))
NAMES = {ANA: "Ana", BO: "Bo", CAL: "Cal", DEE: "Dee", EVE: "Eve", FAY: "Fay", GUS: "Gus"}
OF_BEN = {"Your plates are in.", "Your second key is here.", "Your title is in the mail."}


@pytest.fixture(scope="module")
def lived(module_db: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Ana, Bo, Cal and Dee bought and never agreed; Ana agrees after she was texted. Eve agreed,
    Fay asked, Gus stopped.
    """
    folder: Path = tmp_path_factory.mktemp("keys")
    carrier = MemoryCarrier()
    ctx = replace(make_context(module_db.app, folder), carrier_for=carrier_double(carrier))
    house = House(build_town(ctx, {"policy_required": False}), carrier, module_db)
    carrier.clock = house.town.clock
    for number, by, line in (
        (ANA, "ben", "sales"), (BO, "ben", "sales"), (CAL, "bea", "service"), (DEE, "cy", "dock"),
        (EVE, "ben", "sales"), (FAY, "ben", "sales"), (GUS, "ben", "sales"),
    ):  # fmt: skip
        agreed = "in_person" if number in {EVE, GUS} else "not_yet"
        house.town.meet(number, f"{NAMES[number]} Sample", by=by, line=line, how=agreed)
        if number in {ANA, BO, CAL, DEE}:
            bought(house, number, line)
    house.text_in(FAY, "Is the coupe still there?")
    house.text_in(GUS, "STOP")
    say(house, ANA, "Your plates are in.")
    say(house, EVE, "Your plates came.")
    say(house, FAY, "It is, come by.", purpose="reply")
    say(house, GUS, "Your plates are here.")
    say(house, CAL, "The part is here.", by="bea", line="service")
    say(house, DEE, "Your tag is in.", by="cy", line="dock")
    agree(house, ANA)
    say(house, ANA, "Your second set is in.")
    morning = house.town.clock() + timedelta(days=1)
    say(house, BO, "Your title is in the mail.", send_at=morning)
    house.town.clock.pass_by(days=1)
    house.dispatch()
    say(house, BO, "Your second key is here.")
    house.town.clock.pass_by(days=1)
    recount_all(ctx, house.town.group_id)
    try:
        yield house
    finally:
        house.close()


def contact(house: House, number: str, line: str = "sales") -> UUID:
    talk = house.conversation(number, line=line)
    found: UUID = house.ask("select contact_id from conversations where id = %s", talk)[0][0]
    return found


def bought(house: House, number: str, line: str) -> None:
    with house.ctx.db.transaction(house.town.group_id) as tx:
        record_imported(
            tx, contact(house, number, line), card={}, bought_on=FIRST - timedelta(days=20)
        )


def say(house: House, number: str, body: str, *, purpose: str = "update", **more: Any) -> None:
    house.tap(number, body, purpose=purpose, why="About what they have with us.", **more)
    house.town.clock.pass_by(seconds=11)
    house.dispatch()
    house.town.clock.pass_by(minutes=2)


def agree(house: House, number: str) -> None:
    add_consent(
        house.ctx, house.town.sign_in("ben"), contact(house, number), kind="written", scope="all",
        source="paper_form", said_at=house.town.clock(), words="Delivery form",
    )  # fmt: skip
    house.town.clock.pass_by(minutes=2)


def found_by(house: House, typed: str, who: str = "ada") -> tuple[set[str], set[str]]:
    """The customers and the texts of a search."""
    viewer = house.town.sign_in(who)
    found = search(house.ctx, viewer, read_search(typed), rules={}, zone=ZoneInfo("UTC")).found
    return {hit.name for hit in found.texts}, {hit.body for hit in found.texts}


def counted(house: House, asked: Asked, by: str | None, who: str) -> tuple[set[str], set[str]]:
    """The customers and the texts behind the dashboard's cell, which says how many they are."""
    viewer = house.town.sign_in(who)
    member = house.town.members[by] if by else None
    _, rows, _, _ = see_rows(house.ctx, viewer, asked, Wanted("without", member))
    names = {row.name for row in rows}
    board = see(house.ctx, viewer, asked).board
    assert len(names) == (board.without_by_author.get(member, 0) if member else board.without)
    return names, {row.body for row in rows}


class Cell(NamedTuple):
    """Days up to which one, by whom, on which line, seen by whom; how many customers."""

    days: int
    last: date | None
    by: str | None
    line: str | None
    who: str
    many: int


CELLS = [
    Cell(7, None, None, None, "ada", 4),
    Cell(7, None, "ben", None, "ada", 2),
    Cell(7, None, "bea", None, "ada", 1),
    Cell(7, None, None, "sales", "ada", 2),
    Cell(7, None, None, None, "mo", 3),
    Cell(1, FIRST, None, None, "ada", 3),
    Cell(1, FIRST, "ben", None, "mo", 1),
    Cell(1, FIRST + timedelta(days=1), None, None, "ada", 1),
    Cell(1, FIRST + timedelta(days=1), "ben", None, "ada", 1),
    Cell(1, None, None, None, "ada", 0),
]


@pytest.mark.parametrize("cell", CELLS, ids=str)
def test_a_cell_and_its_search_say_the_same(lived: House, cell: Cell) -> None:
    line_id = lived.town.lines[cell.line] if cell.line else None
    shown = counted(lived, Asked(cell.days, line_id, last=cell.last), cell.by, cell.who)
    assert len(shown[0]) == cell.many
    ends = cell.last or lived.town.clock().astimezone(HERE).date()
    words = ["consent:none", f"after:{ends - timedelta(days=cell.days - 1)}"]
    words += [f"before:{ends + timedelta(days=1)}"] if cell.last else []
    words += [f"from:{cell.by}"] if cell.by else []
    words += ['line:"Elm sales"'] if cell.line else []
    assert found_by(lived, " ".join(words), cell.who) == shown


STOOD = [
    ("consent:none", {"Ana Sample", "Bo Sample", "Cal Sample", "Dee Sample"}),
    ("consent:none from:ben", {"Ana Sample", "Bo Sample"}),
    ("consent:none customer:ana", {"Ana Sample"}),
    ("consent:none title", {"Bo Sample"}),
    ("consent:none -title from:ben", {"Ana Sample", "Bo Sample"}),
    ("consent:none customer:gus", set()),  # it never left
    ("consent:none customer:fay", set()),  # it answered what she had just written
    ("consent:offers customer:ana", {"Ana Sample"}),
    ("consent:out is:blocked", {"Gus Sample"}),
    ("consent:replies from:ben", {"Eve Sample", "Fay Sample"}),
    ("consent:none consent:offers customer:ana", {"Ana Sample"}),
]


@pytest.mark.parametrize("typed, names", STOOD)
def test_a_search_asks_how_somebody_stood_when_the_text_left(
    lived: House, typed: str, names: set[str]
) -> None:
    assert found_by(lived, typed)[0] == names


def test_who_agreed_afterwards_is_found_by_what_was_sent_before(lived: House) -> None:
    assert found_by(lived, "consent:none customer:ana")[1] == {"Your plates are in."}
    assert found_by(lived, "consent:offers customer:ana")[1] == {"Your second set is in."}
    assert found_by(lived, "-consent:none customer:ana")[1] == {"Your second set is in."}
    assert found_by(lived, "consent:none from:ben")[1] == OF_BEN
