"""What members do with conversations: by whom it may be done, and who hears of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from lotline.actions.context import Context
from lotline.actions.conversations import (
    assign,
    mark_done,
    mark_read,
    mark_unread,
    record_reading,
    reopen,
    snooze,
)
from lotline.actions.drafts import save_draft
from lotline.actions.errors import NotAllowed, NotYours, Refused
from lotline.actions.notes import add_note
from lotline.store.access import load_acts
from lotline.store.conversations import load_conversation
from lotline.store.inbox import load_row
from lotline.store.shown import ConversationPage, Event, InboxRow, Viewer
from lotline.store.stream import load_cursor, load_stream
from tests.town import Town

PRIYA = "+16145550142"

Act = Callable[[Context, Viewer, UUID], object]

ACTS: dict[str, Act] = {
    "assign": lambda ctx, me, one: assign(ctx, me, one, me.member_id),
    "done": mark_done,
    "reopen": reopen,
    "snooze": lambda ctx, me, one: snooze(ctx, me, one, ctx.now() + timedelta(hours=1)),
    "note": lambda ctx, me, one: add_note(ctx, me, one, "A note"),
    "draft": lambda ctx, me, one: save_draft(ctx, me, one, "A draft"),
}
READINGS: dict[str, Act] = {
    "read": mark_read,
    "unread": mark_unread,
    "reading": record_reading,
}


@pytest.fixture
def priya(town: Town) -> UUID:
    made = town.meet(PRIYA, "Priya Ramnath", by="ben", line="sales")
    town.clock.pass_by(minutes=1)
    town.hear(made, "Still there?")
    return made


def shown(town: Town, who: str, conversation_id: UUID) -> InboxRow:
    viewer = town.sign_in(who)
    with town.ctx.db.transaction(town.group_id) as tx:
        found = load_row(tx, viewer, conversation_id)
    assert found is not None
    return found


def page(town: Town, who: str, conversation_id: UUID) -> ConversationPage:
    viewer = town.sign_in(who)
    with town.ctx.db.transaction(town.group_id) as tx:
        found = load_conversation(tx, viewer, conversation_id, now=town.clock())
    assert found is not None
    return found


def heard(town: Town, who: str, act: Callable[[], object]) -> list[Event]:
    """What somebody's stream says of an act."""
    viewer = town.sign_in(who)
    with town.ctx.db.transaction(town.group_id) as tx:
        start = load_cursor(tx)
    act()
    with town.ctx.db.transaction(town.group_id) as tx:
        return load_stream(tx, viewer, start).events


@pytest.mark.parametrize("who", ["bea", "cy"])
@pytest.mark.parametrize("act", [*ACTS.values(), *READINGS.values()], ids=[*ACTS, *READINGS])
def test_for_an_outsider_it_is_not_there(town: Town, priya: UUID, who: str, act: Act) -> None:
    before = page(town, "ada", priya)
    outsider = town.sign_in(who)
    if act is record_reading:
        assert record_reading(town.ctx, outsider, priya) is False
    else:
        with pytest.raises(NotYours):
            act(town.ctx, outsider, priya)
    with pytest.raises(NotYours):
        mark_done(town.ctx, outsider, town.ctx.new_id())
    after = page(town, "ada", priya)
    assert (after.log, after.done, after.assignee_id) == (
        before.log,
        before.done,
        before.assignee_id,
    )


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)
def test_an_auditor_only_reads(town: Town, priya: UUID, act: Act) -> None:
    with pytest.raises(NotAllowed):
        act(town.ctx, town.sign_in("noor"), priya)


@pytest.mark.parametrize("act", [*ACTS.values(), *READINGS.values()], ids=[*ACTS, *READINGS])
def test_a_locked_screen_does_nothing(town: Town, priya: UUID, act: Act) -> None:
    town.sign_in("ben", "phone")
    town.clock.pass_by(minutes=15)
    locked = town.sign_in("ben", "phone")
    assert locked.locked
    with pytest.raises(NotAllowed):
        act(town.ctx, locked, priya)


def test_given_to_a_member_who_works_on_the_line(town: Town, priya: UUID) -> None:
    ben = town.sign_in("ben")
    assert assign(town.ctx, ben, priya, town.members["mo"]) == 1
    assert shown(town, "ben", priya).assignee_name == "Mo Haddad"
    assert assign(town.ctx, ben, priya, town.members["mo"]) == 0, "nothing changed hands"
    assert assign(town.ctx, ben, priya, None) == 1
    assert shown(town, "ben", priya).assignee_id is None
    for other in ("cy", "bea", "noor"):
        with pytest.raises(Refused):
            assign(town.ctx, ben, priya, town.members[other])
    with pytest.raises(Refused):
        assign(town.ctx, ben, priya, town.ctx.new_id())


def test_many_at_once_leave_out_what_is_not_theirs(town: Town, priya: UUID) -> None:
    dock = town.meet("+16145550143", "Dale", by="cy", line="dock")
    more = [
        town.meet(f"+16145550{n}", f"Customer {n}", by="ben", line="sales") for n in range(150, 155)
    ]
    ben = town.sign_in("ben")
    assert mark_done(town.ctx, ben, [priya, dock, *more, town.ctx.new_id()]) == 6
    assert not shown(town, "cy", dock).done
    assert all(shown(town, "ben", one).done for one in [priya, *more])
    assert mark_done(town.ctx, ben, [priya, *more]) == 0
    assert reopen(town.ctx, ben, [priya, more[0]]) == 2
    with pytest.raises(Refused):
        mark_done(town.ctx, ben, [town.ctx.new_id() for _ in range(501)])


def test_done_ends_the_waiting_and_a_new_text_opens_it_again(town: Town, priya: UUID) -> None:
    ben = town.sign_in("ben")
    assert shown(town, "ben", priya).waiting_since is not None
    mark_done(town.ctx, ben, priya)
    assert shown(town, "ben", priya).waiting_since is None
    town.clock.pass_by(minutes=1)
    town.hear(priya, "One more thing")
    after = shown(town, "ben", priya)
    assert not after.done
    assert after.waiting_since == town.clock()


def test_snoozed_until_a_time_to_come(town: Town, priya: UUID) -> None:
    ben = town.sign_in("ben")
    for late in (timedelta(), timedelta(minutes=-1)):
        with pytest.raises(Refused):
            snooze(town.ctx, ben, priya, town.clock() + late)
    until = town.clock() + timedelta(hours=2)
    assert snooze(town.ctx, ben, priya, until) == 1
    assert shown(town, "ben", priya).snoozed_until == until
    assert snooze(town.ctx, ben, priya, None) == 1
    assert shown(town, "ben", priya).snoozed_until is None


def test_what_changed_is_told_to_those_who_see_it(town: Town, priya: UUID) -> None:
    ben = town.sign_in("ben")

    def names(who: str, act: Callable[[], object]) -> list[str]:
        return [event.name for event in heard(town, who, act)]

    assert names("mo", lambda: assign(town.ctx, ben, priya, None)) == ["conversation"]
    assert names("cy", lambda: mark_done(town.ctx, ben, priya)) == []
    assert names("mo", lambda: mark_read(town.ctx, ben, priya)) == []
    assert names("ben", lambda: mark_read(town.ctx, ben, priya)) == ["read"]
    assert names("mo", lambda: save_draft(town.ctx, ben, priya, "Hm")) == []
    assert names("ben", lambda: save_draft(town.ctx, ben, priya, "Hm")) == ["draft"]


def test_who_is_named_in_a_note_is_told_if_they_work_here(town: Town, priya: UUID) -> None:
    ben = town.sign_in("ben")

    def note() -> UUID:
        return add_note(
            town.ctx, ben, priya, " @mo @cy look ", [town.members["mo"], town.members["cy"]]
        )

    assert [event.name for event in heard(town, "mo", note)] == ["note", "mention"]
    assert heard(town, "cy", note) == []
    assert page(town, "mo", priya).log[-1].body == "@mo @cy look"
    for nothing in ("", "  \n "):
        with pytest.raises(Refused):
            add_note(town.ctx, ben, priya, nothing)


def test_reading_what_is_anothers_is_on_record_once_in_ten_minutes(town: Town, priya: UUID) -> None:
    mo, ben, ada = town.sign_in("mo", "m"), town.sign_in("ben"), town.sign_in("ada")

    def readings() -> int:
        with town.ctx.db.transaction(town.group_id) as tx:
            acts = [act for act in load_acts(tx, ada, about_id=priya) if act.what == "read"]
        flow = [item for item in page(town, "ben", priya).log if item.happening == "read"]
        assert len(acts) == len(flow)
        return len(acts)

    assert record_reading(town.ctx, mo, priya)
    assert not record_reading(town.ctx, mo, priya)
    assert record_reading(town.ctx, ada, priya), "each reader for themselves"
    assert readings() == 2
    town.clock.pass_by(minutes=10)
    assert record_reading(town.ctx, town.sign_in("mo", "m"), priya)
    assert readings() == 3
    assert not record_reading(town.ctx, ben, priya), "one's own"
    assign(town.ctx, ben, priya, None)
    assert not record_reading(town.ctx, mo, priya), "nobody's"
    assert readings() == 3


def test_a_reading_is_a_leaf_of_the_ledger(town: Town, priya: UUID) -> None:
    record_reading(town.ctx, town.sign_in("mo"), priya)
    ada = town.sign_in("ada")
    with town.ctx.db.transaction(town.group_id) as tx:
        act = next(one for one in load_acts(tx, ada, about_id=priya) if one.what == "read")
        leaves: list[Any] = tx._conn.execute(
            "select kind from ledger_leaves where subject_id = %s", [act.id]
        ).fetchall()
    assert act.actor_name == "Mo Haddad"
    assert [leaf.kind for leaf in leaves] == ["access"]


def test_a_draft_kept_at_a_stop_is_not_emptied_by_a_late_screen(town: Town, priya: UUID) -> None:
    ben = town.sign_in("ben")
    save_draft(town.ctx, ben, priya, "About that offer")
    contact = page(town, "ben", priya).contact.contact_id
    with town.ctx.db.transaction(town.group_id) as tx:
        tx.run("standing.keep_drafts", contacts=[contact], why="stop")
        tx.run("standing.set_levels", ids=[contact], levels=["out"], at=town.clock())
    save_draft(town.ctx, ben, priya, "")
    kept = page(town, "ben", priya)
    assert (kept.draft, kept.draft_kept_why) == ("About that offer", "stop")


def test_words_that_arrive_after_the_stop_are_kept_like_those_before_it(
    town: Town, priya: UUID
) -> None:
    """A screen keeps a draft when typing pauses; the stop may come before the pause."""
    ben = town.sign_in("ben")
    contact = page(town, "ben", priya).contact.contact_id
    with town.ctx.db.transaction(town.group_id) as tx:
        tx.run("standing.set_levels", ids=[contact], levels=["out"], at=town.clock())
    save_draft(town.ctx, ben, priya, "Just now typed")
    kept = page(town, "ben", priya)
    assert (kept.draft, kept.draft_kept_why) == ("Just now typed", "stop")
    with town.ctx.db.transaction(town.group_id) as tx:
        tx.run("standing.set_levels", ids=[contact], levels=["replies"], at=town.clock())
    save_draft(town.ctx, ben, priya, "After the START")
    again = page(town, "ben", priya)
    assert (again.draft, again.draft_kept_why) == ("After the START", "")


def test_a_draft_has_an_end(town: Town, priya: UUID) -> None:
    with pytest.raises(Refused):
        save_draft(town.ctx, town.sign_in("ben"), priya, "x" * 10_001)
