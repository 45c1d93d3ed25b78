"""The stream leaves nothing out: not what commits late, not what lies before a cut."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest

from lotline.store.conversations import load_conversation
from lotline.store.events import record_event
from lotline.store.shown import Event, Viewer
from lotline.store.stream import MOST, Stream, load_cursor, load_events, load_stream, prune_events
from tests.conftest import Database
from tests.town import Town, build_town, make_context


@pytest.fixture
def town(db: Database, tmp_path: Any) -> Iterator[Town]:
    """A database of its own: a transaction left open holds back every stream beside it."""
    ctx = make_context(db.app, tmp_path)
    try:
        yield build_town(ctx)
    finally:
        ctx.db.close()


def cursor(town: Town) -> str:
    with town.ctx.db.transaction(town.group_id) as tx:
        return load_cursor(tx)


def stream(town: Town, viewer: Viewer, after: str, **asked: Any) -> Stream:
    with town.ctx.db.transaction(town.group_id) as tx:
        return load_stream(tx, viewer, after, **asked)


def names(events: list[Event]) -> list[str]:
    return [event.name for event in events]


def tell(town: Town, name: str, **ids: UUID | None) -> None:
    with town.ctx.db.transaction(town.group_id) as tx:
        record_event(tx, name, at=town.clock(), **ids)


def test_a_transaction_that_commits_late_is_not_skipped(town: Town) -> None:
    """Two write, the first one stays open: nothing after it is told until it has ended."""
    ada = town.sign_in("ada")
    line = town.lines["sales"]
    start = cursor(town)
    with town.ctx.db.transaction(town.group_id) as slow:
        record_event(slow, "slow.one", at=town.clock(), line_id=line)
        tell(town, "quick.one", line_id=line)
        early = stream(town, ada, start)
        assert names(early.events) == []
        assert not early.reset
        record_event(slow, "slow.two", at=town.clock(), line_id=line)
    after = stream(town, ada, early.cursor)
    assert names(after.events) == ["slow.one", "slow.two", "quick.one"]
    assert names(stream(town, ada, start).events) == names(after.events)


def test_a_reader_at_every_moment_gets_each_event_once_and_in_order(town: Town) -> None:
    """However the cursor is moved on, by the events' own or by the stream's."""
    ada = town.sign_in("ada")
    line = town.lines["sales"]
    start = by_event = by_stream = cursor(town)
    told_by_event: list[str] = []
    told_by_stream: list[str] = []

    def read() -> None:
        nonlocal by_event, by_stream
        for event in stream(town, ada, by_event).events:
            told_by_event.append(event.name)
            by_event = event.cursor
        found = stream(town, ada, by_stream)
        told_by_stream.extend(names(found.events))
        by_stream = found.cursor

    for n in range(6):
        with town.ctx.db.transaction(town.group_id) as outer:
            record_event(outer, f"outer {n}", at=town.clock(), line_id=line)
            read()
            with town.ctx.db.transaction(town.group_id) as inner:
                record_event(inner, f"inner {n}", at=town.clock(), line_id=line)
                read()
            read()
        read()
    whole = names(stream(town, ada, start).events)
    assert sorted(whole) == sorted(f"{which} {n}" for which in ("outer", "inner") for n in range(6))
    assert told_by_event == told_by_stream == whole


def test_what_was_rolled_back_is_never_told(town: Town) -> None:
    ada = town.sign_in("ada")
    start = cursor(town)

    def fail() -> None:
        with town.ctx.db.transaction(town.group_id) as tx:
            record_event(tx, "never", at=town.clock(), line_id=town.lines["sales"])
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    tell(town, "then", line_id=town.lines["sales"])
    assert names(stream(town, ada, start).events) == ["then"]


def test_each_hears_of_what_they_reach(town: Town) -> None:
    viewers = {who: town.sign_in(who) for who in ("ada", "mo", "ben", "bea", "cy", "noor")}
    priya = town.meet("+16145550142", "Priya", by="ben", line="sales")
    with town.ctx.db.transaction(town.group_id) as tx:
        page = load_conversation(tx, viewers["ben"], priya, now=town.clock())
    assert page is not None
    start = cursor(town)
    tell(town, "line", line_id=town.lines["sales"], store_id=town.stores["elm"])
    tell(town, "store", store_id=town.stores["elm"])
    tell(town, "talk", conversation_id=priya)
    tell(town, "customer", contact_id=page.contact.contact_id)
    tell(town, "to.ben", member_id=town.members["ben"], line_id=town.lines["dock"])
    tell(town, "house")
    heard = {who: names(stream(town, one, start).events) for who, one in viewers.items()}
    everything = ["line", "store", "talk", "customer", "house"]
    assert heard == {
        "ada": everything,
        "noor": everything,
        "mo": ["line", "store", "talk", "customer"],
        "ben": ["line", "talk", "customer", "to.ben"],
        "bea": [],
        "cy": [],
    }


def test_too_far_behind_is_a_reset(town: Town) -> None:
    ben = town.sign_in("ben")
    start = cursor(town)
    with town.ctx.db.transaction(town.group_id) as tx:
        for n in range(MOST):
            record_event(tx, f"event {n}", at=town.clock(), line_id=town.lines["sales"])
    assert len(stream(town, ben, start).events) == MOST
    tell(town, "one more", line_id=town.lines["sales"])
    found = stream(town, ben, start)
    assert found.reset
    assert found.events == []
    assert stream(town, ben, found.cursor) == ([], False, found.cursor)


def test_what_others_do_does_not_push_one_out(town: Town) -> None:
    cy = town.sign_in("cy")
    start = cursor(town)
    with town.ctx.db.transaction(town.group_id) as tx:
        for n in range(MOST + 1):
            record_event(tx, f"event {n}", at=town.clock(), line_id=town.lines["sales"])
    tell(town, "for cy", line_id=town.lines["dock"])
    found = stream(town, cy, start)
    assert names(found.events) == ["for cy"]


@pytest.mark.parametrize(
    "after", ["", "-", "7", "a-b", "1-", "-1", "1-2-3", "١-٢", "9" * 30 + "-1", f"{2**62}-0"]
)
def test_a_cursor_from_elsewhere_is_a_reset(town: Town, after: str) -> None:
    with town.ctx.db.transaction(town.group_id) as tx:
        assert load_events(tx, town.sign_in("ben"), after) == ([], True)


def test_a_reader_from_before_a_cut_is_told_so(town: Town) -> None:
    ben = town.sign_in("ben")
    line = town.lines["sales"]
    start = cursor(town)
    for n in range(5):
        tell(town, f"old {n}", line_id=line)
    middle = cursor(town)
    town.clock.pass_by(days=4)
    tell(town, "new", line_id=line)
    now = town.clock()
    with town.ctx.db.transaction(town.group_id) as tx:
        while prune_events(tx, now - timedelta(days=3), limit=2):
            pass
    assert stream(town, ben, start, now=now).reset
    kept = stream(town, ben, middle, now=now)
    assert not kept.reset
    assert names(kept.events) == ["new"]


def test_a_house_where_nothing_was_cut_is_never_reset(town: Town) -> None:
    ben = town.sign_in("ben")
    found = stream(town, ben, "0-0", now=town.clock())
    assert not found.reset
    assert set(names(found.events)) == {"device.opened"}


def test_a_page_tells_from_where_it_is_true(town: Town) -> None:
    """What commits while the page is read is told again from the page's own cursor."""
    ben = town.sign_in("ben")
    priya = town.meet("+16145550142", "Priya", by="ben", line="sales")
    with town.ctx.db.transaction(town.group_id) as tx:
        page = load_conversation(tx, ben, priya, now=town.clock())
        text = town.hear(priya, "While you look")
    assert page is not None
    found = stream(town, ben, page.cursor).events
    assert text in {event.subject_id for event in found}


def test_nobody_else_is_woken_by_name_or_number(town: Town, db: Database) -> None:
    """What NOTIFY carries is the group's id and nothing more."""
    with psycopg.connect(db.app, autocommit=True) as ear:
        ear.execute("listen lotline")
        town.hear(town.meet("+16145550142", "Priya", by="ben", line="sales"), "Hi")
        said = {note.payload for note in ear.notifies(timeout=0.5)}
    assert said == {str(town.group_id)}
