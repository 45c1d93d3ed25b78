"""A conversation's page: one flow of three kinds, in order, opened where reading stopped."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lotline.actions.consent import record_stop
from lotline.actions.contacts import erase, set_place
from lotline.actions.conversations import assign, mark_done, mark_read
from lotline.actions.drafts import save_draft
from lotline.actions.notes import add_note
from lotline.store.conversations import load_conversation, load_log_items
from lotline.store.shown import ConversationPage, Viewer
from tests.town import Town

PRIYA = "+16145550142"


def page(town: Town, viewer: Viewer, conversation_id: UUID, **asked: Any) -> ConversationPage:
    with town.ctx.db.transaction(town.group_id) as tx:
        found = load_conversation(tx, viewer, conversation_id, now=town.clock(), **asked)
    assert found is not None
    return found


def flow(found: ConversationPage) -> list[tuple[str, str]]:
    return [(item.kind, item.body or item.happening) for item in found.log]


def test_the_flow_holds_texts_notes_and_happenings_in_order(town: Town) -> None:
    priya = town.meet(PRIYA, "Priya Ramnath", by="ben", line="sales")
    ben, mo = town.sign_in("ben"), town.sign_in("mo")
    acts: list[Callable[[], object]] = [
        lambda: town.hear(priya, "Still there?"),
        lambda: town.say(priya, "It is", by="ben"),
        lambda: add_note(town.ctx, mo, priya, "Desk approved"),
        lambda: assign(town.ctx, mo, priya, town.members["mo"]),
        lambda: mark_done(town.ctx, mo, priya),
    ]
    for act in acts:
        town.clock.pass_by(minutes=1)
        act()
    found = page(town, ben, priya)
    assert flow(found) == [
        ("happening", "started"),
        ("text", "Still there?"),
        ("text", "It is"),
        ("note", "Desk approved"),
        ("happening", "assigned"),
        ("happening", "done"),
    ]
    given_to = found.log[4]
    assert (given_to.author_name, given_to.subject_name) == ("Mo Haddad", "Mo Haddad")
    assert (found.line_label, found.line_number) == ("Elm sales", "+16145550101")
    assert (found.store_name, found.store_zone) == ("Elm Street Motors", "America/New_York")
    assert found.assignee_name == "Mo Haddad"
    assert found.done
    assert found.last_in_body == "Still there?"


def test_earlier_pages_join_into_the_whole_flow(town: Town) -> None:
    priya = town.meet(PRIYA, "Priya", by="ben", line="sales")
    ben = town.sign_in("ben")
    for n in range(30):
        town.clock.pass_by(seconds=n % 2)  # some within one moment
        if n % 5 == 0:
            add_note(town.ctx, ben, priya, f"note {n}")
        elif n % 2:
            town.hear(priya, f"in {n}")
        else:
            town.say(priya, f"out {n}", by="ben")
    whole = flow(page(town, ben, priya, limit=100))
    assert len(whole) == 31

    @settings(
        max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
    )
    @given(limit=st.integers(1, 40))
    def joined(limit: int) -> None:
        parts: list[tuple[str, str]] = []
        before = None
        while True:
            found = page(town, ben, priya, limit=limit, before=before)
            parts = flow(found) + parts
            if not found.earlier:
                break
            assert len(found.log) == limit
            before = found.log[0].id
        assert parts == whole

    joined()


def test_it_opens_at_the_first_text_not_yet_read(town: Town) -> None:
    priya = town.meet(PRIYA, "Priya", by="ben", line="sales")
    ben, mo = town.sign_in("ben"), town.sign_in("mo")
    town.clock.pass_by(minutes=1)
    first = town.hear(priya, "one")
    town.clock.pass_by(minutes=1)
    second = town.hear(priya, "two")
    assert page(town, ben, priya).first_unread_id == first
    mark_read(town.ctx, ben, priya, first)
    assert page(town, ben, priya).first_unread_id == second
    mark_read(town.ctx, ben, priya)
    assert page(town, ben, priya).first_unread_id is None
    assert page(town, mo, priya).first_unread_id == first


def test_a_draft_is_its_writers_on_each_of_their_screens(town: Town) -> None:
    priya = town.meet(PRIYA, "Priya", by="ben", line="sales")
    phone, desk = town.sign_in("ben", "phone"), town.sign_in("ben", "desk")
    save_draft(town.ctx, phone, priya, "On the phone")
    assert page(town, phone, priya).draft == "On the phone"
    assert not page(town, phone, priya).draft_other_device
    assert page(town, desk, priya).draft_other_device
    save_draft(town.ctx, desk, priya, "At the desk")
    assert page(town, phone, priya).draft == "At the desk"
    assert page(town, phone, priya).draft_other_device
    assert page(town, town.sign_in("mo"), priya).draft == ""
    save_draft(town.ctx, desk, priya, "  ")
    assert page(town, phone, priya).draft == ""


def test_items_are_fetched_by_name_only_from_their_own_conversation(town: Town) -> None:
    priya = town.meet(PRIYA, "Priya", by="ben", line="sales")
    dale = town.meet("+16145550143", "Dale", by="ben", line="sales")
    ben = town.sign_in("ben")
    town.clock.pass_by(minutes=1)
    mine, other = town.hear(priya, "Mine"), town.hear(dale, "Not mine")
    due = town.clock() + timedelta(seconds=10)
    waiting = town.say(priya, "Soon", by="ben", state="queued", due=due)
    with town.ctx.db.transaction(town.group_id) as tx:
        found = load_log_items(tx, ben, priya, [waiting, other, mine, priya])
    assert [item.id for item in found] == [mine, waiting]
    assert found[1].due_at == due


def test_the_card_beside_it_says_what_may_be_texted_and_why(town: Town) -> None:
    priya = town.meet(PRIYA, "Priya Ramnath", by="ben", line="sales", how="in_person")
    card = page(town, town.sign_in("ben"), priya).contact
    assert (card.name, card.number, card.level) == ("Priya Ramnath", PRIYA, "replies")
    assert (card.zip_code, card.place_source, card.states) == ("43215", "zip", ("OH",))
    assert card.place == "Ohio"
    assert [(one.says, one.kind, one.source) for one in card.timeline] == [
        ("yes", "express", "in_person")
    ]
    entry = card.timeline[0]
    assert entry.member_name == "Ben Ostrander"
    assert entry.words == "how: in_person"
    assert len(entry.short_hash) == 8
    assert not entry.sequenced
    assert [one[2] for one in card.conversations] == ["Elm sales"]


def test_a_card_names_only_the_conversations_in_reach(town: Town) -> None:
    elm = town.meet(PRIYA, "Priya", by="ben", line="sales")
    dock = town.meet(PRIYA, "Somebody else", by="cy", line="dock")
    ben, cy, ada = town.sign_in("ben"), town.sign_in("cy"), town.sign_in("ada")

    def talks(viewer: Viewer, conversation_id: UUID) -> set[UUID]:
        return {one[0] for one in page(town, viewer, conversation_id).contact.conversations}

    assert talks(ben, elm) == {elm}
    assert talks(cy, dock) == {dock}
    assert talks(ada, elm) == {elm, dock}
    assert page(town, cy, dock).contact.name == "Priya", "a number has one card"


def test_a_place_given_later_is_in_the_flow_and_on_the_card(town: Town) -> None:
    priya = town.meet(PRIYA, "Priya", by="ben", line="sales")
    ben = town.sign_in("ben")
    contact = page(town, ben, priya).contact.contact_id
    set_place(town.ctx, ben, contact, zip_code="85004")
    found = page(town, ben, priya)
    assert found.contact.zones == ("America/Phoenix",)
    assert found.contact.place_source == "zip"
    assert ("happening", "place") in flow(found)


@pytest.mark.parametrize("stopped", [True, False])
def test_once_erased_nothing_of_them_can_be_read(town: Town, stopped: bool) -> None:
    priya = town.meet(PRIYA, "Priya Ramnath", by="ben", line="sales")
    ben, ada = town.sign_in("ben"), town.sign_in("ada")
    town.hear(priya, "My address is 12 Elm")
    add_note(town.ctx, ben, priya, "She pays cash")
    save_draft(town.ctx, ben, priya, "Dear Priya")
    contact_id = page(town, ada, priya).contact.contact_id
    if stopped:
        record_stop(town.ctx, ben, contact_id, how="phone")
    erase(town.ctx, ada, contact_id)
    found = page(town, ben, priya)
    shown = repr(found)
    for word in ("Priya", "address", "cash", "0142", "43215"):
        assert word not in shown, word
    assert found.contact.erased
    # The number comes back: what was forgotten stays forgotten, what is new can be read. Only who
    # once said stop is known again, for the stop's sake.
    again = town.meet(PRIYA, "", by="ben", line="sales")
    assert (again == priya) == stopped
    town.clock.pass_by(minutes=1)
    town.hear(again, "Hello again")
    bodies = [item.body for item in page(town, ben, again).log if item.kind == "text"]
    assert bodies == (["", "Hello again"] if stopped else ["Hello again"])
    assert page(town, ben, again).contact.level == ("out" if stopped else "replies")
