"""The inbox tells what waits for whom, a page at a time, without repeating or skipping."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lotline.actions.conversations import assign, mark_done, mark_read, mark_unread, snooze
from lotline.actions.drafts import save_draft
from lotline.store import inbox
from lotline.store.contacts import load_contacts
from lotline.store.conversations import load_conversation
from lotline.store.database import Tx
from lotline.store.inbox import load_counts, load_inbox, load_row
from lotline.store.shown import InboxRow, Viewer
from tests.conftest import Database
from tests.town import NOON, Town, build_town, make_context

Crowd = Callable[[], tuple[Town, Viewer]]


def rows(town: Town, viewer: Viewer, **asked: Any) -> list[InboxRow]:
    with town.ctx.db.transaction(town.group_id) as tx:
        found, _ = load_inbox(tx, viewer, now=town.clock(), **asked)
        return found


def row(town: Town, viewer: Viewer, conversation_id: UUID) -> InboxRow:
    with town.ctx.db.transaction(town.group_id) as tx:
        found = load_row(tx, viewer, conversation_id)
    assert found is not None
    return found


def number(n: int) -> str:
    return f"+1614555{100 + n:04d}"


def test_a_row_says_what_a_salesperson_must_know(town: Town) -> None:
    priya = town.meet(number(1), "Priya Ramnath", by="ben", line="sales")
    ben = town.sign_in("ben")
    town.clock.pass_by(minutes=1)
    asked_at = town.clock()
    town.hear(priya, "Still there?")
    town.clock.pass_by(minutes=1)
    town.hear(priya, "Hello?")
    save_draft(town.ctx, ben, priya, "Yes, it is")
    found = row(town, ben, priya)
    assert (found.name, found.number) == ("Priya Ramnath", number(1))
    assert (found.last_body, found.last_direction, found.last_state) == (
        "Hello?",
        "in",
        "received",
    )
    assert found.unread == 2
    assert found.waiting_since == asked_at
    assert found.draft == "Yes, it is"
    assert found.level == "replies"
    assert found.assignee_name == "Ben Ostrander"
    assert found.target_s == 300
    assert row(town, town.sign_in("mo"), priya).draft == "", "a draft is its writer's"


def test_an_unknown_name_is_shown_as_its_number(town: Town) -> None:
    made = town.meet(number(2), "", by="ben", line="sales")
    assert row(town, town.sign_in("ben"), made).name == "(614) 555-0102"


def test_reading_is_per_person_and_unread_goes_back_one_text(town: Town) -> None:
    priya = town.meet(number(1), "Priya", by="ben", line="sales")
    ben, mo = town.sign_in("ben"), town.sign_in("mo")
    for body in ("one", "two", "three"):
        town.clock.pass_by(minutes=1)
        last = town.hear(priya, body)
    assert row(town, ben, priya).unread == 3
    mark_read(town.ctx, ben, priya, last)
    assert row(town, ben, priya).unread == 0
    assert row(town, mo, priya).unread == 3
    mark_unread(town.ctx, ben, [priya])
    assert row(town, ben, priya).unread == 1
    mark_read(town.ctx, ben, priya)
    mark_read(town.ctx, ben, priya, NOON)
    assert row(town, ben, priya).unread == 0, "an older screen never takes reading back"


def test_unread_is_capped(town: Town) -> None:
    priya = town.meet(number(1), "Priya", by="ben", line="sales")
    for _ in range(101):
        town.clock.pass_by(seconds=1)
        town.hear(priya, "?")
    assert row(town, town.sign_in("ben"), priya).unread == 99


def test_boxes_and_chips_agree_with_their_counts(town: Town) -> None:
    ben, ada = town.sign_in("ben"), town.sign_in("ada")
    mine = town.meet(number(1), "Mine", by="ben", line="sales")
    nobodys = town.meet(number(2), "Nobody", by="ben", line="sales")
    hers = town.meet(number(3), "Hers", by="mo", line="sales")
    held = town.meet(number(4), "Held", by="ben", line="sales")
    asleep = town.meet(number(5), "Asleep", by="ben", line="sales")
    done = town.meet(number(6), "Done", by="ben", line="sales")
    assign(town.ctx, ben, nobodys, None)
    town.clock.pass_by(minutes=1)
    town.hear(hers, "Anyone?")
    due = town.clock() + timedelta(hours=10)
    town.say(held, "Tomorrow then", by="ben", state="held", due=due)
    snooze(town.ctx, ben, asleep, town.clock() + timedelta(hours=1))
    mark_done(town.ctx, ben, done)

    def ids(box: str, is_: str) -> set[UUID]:
        return {one.conversation_id for one in rows(town, ben, box=box, is_=is_)}

    assert ids("mine", "open") == {mine, held}
    assert ids("unassigned", "open") == {nobodys}
    assert ids("team", "open") == {mine, nobodys, hers, held}
    assert ids("team", "unread") == ids("team", "waiting") == {hers}
    assert ids("mine", "unread") == set()
    assert ids("mine", "held") == ids("team", "held") == {held}
    assert ids("mine", "snoozed") == {asleep}
    assert ids("team", "done") == {done}
    assert row(town, ben, held).held_until == due
    with town.ctx.db.transaction(town.group_id) as tx:
        team = load_counts(tx, ben, now=town.clock())
        own = load_counts(tx, ben, box="mine", now=town.clock())
        ada_dock = load_counts(tx, ada, town.lines["dock"], now=town.clock())
    assert (team.mine, team.unassigned, team.team) == (2, 1, 4)
    assert (team.unread, team.waiting, team.held) == (1, 1, 1)
    assert (own.unread, own.waiting, own.held) == (0, 0, 1)
    assert ada_dock.team == 0
    town.clock.pass_by(hours=1)
    assert asleep in ids("mine", "open"), "who is due wakes by itself"


def test_longest_waiting_comes_first_when_asked(town: Town) -> None:
    made = [town.meet(number(n), f"Customer {n}", by="ben", line="sales") for n in range(4)]
    for n in (2, 0, 3):
        town.clock.pass_by(minutes=1)
        town.hear(made[n], "?")
    town.clock.pass_by(minutes=1)
    town.hear(made[2], "Still nobody?")
    ben = town.sign_in("ben")
    found = [one.conversation_id for one in rows(town, ben, box="mine", oldest_first=True)]
    assert found == [made[2], made[0], made[3], made[1]]
    newest = [one.conversation_id for one in rows(town, ben, box="mine")]
    assert newest == [made[2], made[3], made[0], made[1]]


@pytest.mark.parametrize("cursor", ["", "x", "####", "MTIzLg==", "LjQuNQ==", "é", "9" * 400])
def test_a_cursor_nobody_gave_starts_anew(town: Town, cursor: str) -> None:
    made = town.meet(number(1), "Priya", by="ben", line="sales")
    ben = town.sign_in("ben")
    assert [one.conversation_id for one in rows(town, ben, box="team", before=cursor)] == [made]


# -- paging: a property over every way of listing --------------------------------------------


@pytest.fixture(scope="module")
def crowd(module_db: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crowd]:
    """Twenty-three conversations on two lines; many share their last moment, some wait.

    Given as a function, for Hypothesis prints its arguments whole.
    """
    ctx = make_context(module_db.app, tmp_path_factory.mktemp("keys"), lane=9001)
    try:
        town = build_town(ctx)
        for n in range(23):
            line, by = ("sales", "ben") if n % 3 else ("dock", "cy")
            made = town.meet(number(n), f"Customer {n}", by=by, line=line)
            if n % 2:
                town.hear(made, "?")
            if n % 4 == 0:
                town.clock.pass_by(minutes=1)
            if n % 7 == 0:
                mark_done(ctx, town.sign_in("ada"), made)
        ada = town.sign_in("ada")

        def both() -> tuple[Town, Viewer]:
            return town, ada

        yield both
    finally:
        ctx.db.close()


@settings(
    max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(
    size=st.integers(1, 30),
    is_=st.sampled_from(["open", "unread", "waiting", "done"]),
    oldest=st.booleans(),
)
def test_pages_joined_are_the_whole_list(crowd: Crowd, size: int, is_: str, oldest: bool) -> None:
    town, ada = crowd()
    asked: dict[str, Any] = {"box": "team", "is_": is_, "oldest_first": oldest}
    with town.ctx.db.transaction(town.group_id) as tx:
        whole, none = load_inbox(tx, ada, limit=100, **asked)
        assert none is None
        pages, cursor = [], None
        while True:
            page, cursor = load_inbox(tx, ada, limit=size, before=cursor, **asked)
            assert len(page) <= size
            pages += page
            if cursor is None:
                break
            assert len(page) == size, "only the last page may be short"
    assert [one.conversation_id for one in pages] == [one.conversation_id for one in whole]
    assert len({one.conversation_id for one in pages}) == len(pages)


@pytest.mark.parametrize("box", ["team", "unassigned"])
@pytest.mark.parametrize("look", [1, 5, 400])
def test_many_lines_are_listed_as_few_are(
    crowd: Crowd, monkeypatch: pytest.MonkeyPatch, box: str, look: int
) -> None:
    """From the top of the company, and line by line where that does not fill the page."""
    town, ada = crowd()
    cy = town.sign_in("cy")  # of one line, which is not always on top
    with town.ctx.db.transaction(town.group_id) as tx:

        def asked(viewer: Viewer, before: str | None = None, limit: int = 4) -> Any:
            return load_inbox(tx, viewer, box=box, before=before, limit=limit, now=town.clock())

        assign(town.ctx, ada, [one.conversation_id for one in asked(ada)[0][1:3]], None)
        few = [asked(one, limit=100) for one in (ada, cy)]
        counts = [load_counts(tx, one, box=box, now=town.clock()) for one in (ada, cy)]
        monkeypatch.setattr(inbox, "FEW_LINES", 0)
        monkeypatch.setattr(inbox, "_LOOKED_THROUGH", look)
        for n, viewer in enumerate((ada, cy)):
            pages, cursor = asked(viewer)
            while cursor is not None:
                page, cursor = asked(viewer, cursor)
                pages += page
            assert pages == few[n][0]
            assert load_counts(tx, viewer, box=box, now=town.clock()) == counts[n]
        assert [one.line_id for one in few[1][0]] == [town.lines["dock"]] * len(few[1][0])


@settings(
    max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(size=st.integers(1, 9), q=st.sampled_from(["", "cust", "customer 12", "1 customer"]))
def test_pages_of_customers_too(crowd: Crowd, size: int, q: str) -> None:
    town, ada = crowd()
    with town.ctx.db.transaction(town.group_id) as tx:
        whole, _ = load_contacts(tx, ada, q=q, limit=100)
        pages, cursor = [], None
        while True:
            page, cursor = load_contacts(tx, ada, q=q, limit=size, after=cursor)
            pages += page
            if cursor is None:
                break
    assert [one.contact_id for one in pages] == [one.contact_id for one in whole]
    # A query's words are beginnings of two letters or more; a single letter is a word by itself.
    assert len(whole) == (1 if "1" in q else 23)


def test_a_text_that_comes_while_one_reads_moves_nothing_that_stood_still(town: Town) -> None:
    made = []
    for n in range(6):
        town.clock.pass_by(minutes=1)
        made.append(town.meet(number(n), f"Customer {n}", by="ben", line="sales"))
    ben = town.sign_in("ben")
    with town.ctx.db.transaction(town.group_id) as tx:
        first, cursor = load_inbox(tx, ben, box="mine", limit=3)
    town.clock.pass_by(minutes=1)
    town.hear(made[0], "I jump to the top")
    with town.ctx.db.transaction(town.group_id) as tx:
        second, _ = load_inbox(tx, ben, box="mine", limit=3, before=cursor)
    assert [one.conversation_id for one in first] == made[5:2:-1]
    assert [one.conversation_id for one in second] == made[2:0:-1]


# -- what a page costs -------------------------------------------------------------------------


@contextmanager
def counted(tx: Tx) -> Iterator[list[str]]:
    """The names of the statements that are run."""
    run: list[str] = []
    asked = Tx._ask

    def noting(self: Tx, name: str, params: dict[str, Any]) -> Any:
        if self is tx:
            run.append(name)
        return asked(self, name, params)

    Tx._ask = noting  # type: ignore[method-assign]  # counted from inside; put back below
    try:
        yield run
    finally:
        Tx._ask = asked  # type: ignore[method-assign]  # as above


def test_a_page_costs_the_same_however_much_is_on_it(town: Town) -> None:
    ben = town.sign_in("ben")
    first = town.meet(number(0), "Customer 0", by="ben", line="sales")

    def cost() -> tuple[int, int, int]:
        with town.ctx.db.transaction(town.group_id) as tx:
            assert tx.keys is not None
            with counted(tx) as listed:
                load_inbox(tx, ben, box="mine")
            with counted(tx) as page:
                assert load_conversation(tx, ben, first, now=town.clock())
            with counted(tx) as contacts:
                load_contacts(tx, ben)
        return len(listed), len(page), len(contacts)

    little = cost()
    for n in range(1, 25):
        town.hear(town.meet(number(n), f"Customer {n}", by="ben", line="sales"), "Hi")
        town.clock.pass_by(seconds=20)
        town.hear(first, f"And {n}")
        town.say(first, f"Answer {n}", by="ben")
    assert cost() == little
    assert little <= (2, 10, 3)
