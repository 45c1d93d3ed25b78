"""Only yours: each loader, asked by who may and by who may not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

import pytest

from lotline.actions.templates import Words, add_template
from lotline.store.access import load_acts
from lotline.store.contacts import load_card, load_contacts
from lotline.store.conversations import load_conversation, load_log_items
from lotline.store.database import Tx
from lotline.store.devices import load_devices
from lotline.store.inbox import load_counts, load_inbox, load_row
from lotline.store.lines import load_lines
from lotline.store.members import load_colleagues, load_members
from lotline.store.shown import Viewer
from lotline.store.stream import load_events
from lotline.store.templates import load_templates
from lotline.store.turned_away import load_turned_away
from tests.town import Town

PRIYA, DALE = "+16145550142", "+16145550143"


@pytest.fixture
def talked(town: Town) -> tuple[Town, UUID, UUID]:
    """Priya talks with Ben at Elm Street, Dale with Cy at Dockside."""
    priya = town.meet(PRIYA, "Priya Ramnath", by="ben", line="sales")
    dale = town.meet(DALE, "Dale Okafor", by="cy", line="dock")
    town.clock.pass_by(minutes=1)
    town.hear(priya, "Is the green wagon still there?")
    town.hear(dale, "Running ten late")
    return town, priya, dale


def ask(town: Town, who: str, loader: Callable[[Tx, Viewer], Any]) -> Any:
    viewer = town.sign_in(who)
    with town.ctx.db.transaction(town.group_id) as tx:
        return loader(tx, viewer)


# Who reaches Priya's conversation on Elm Street's sales line.
REACHES = {"ada": True, "mo": True, "ben": True, "bea": False, "cy": False, "noor": True}


@pytest.mark.parametrize("who", REACHES)
def test_a_conversation_and_all_that_is_of_it(talked: tuple[Town, UUID, UUID], who: str) -> None:
    town, priya, _ = talked
    now = town.clock()
    page = ask(town, who, lambda tx, me: load_conversation(tx, me, priya, now=now))
    row = ask(town, who, lambda tx, me: load_row(tx, me, priya))
    assert (page is not None) == (row is not None) == REACHES[who]
    contact = ask(town, "ada", lambda tx, me: load_row(tx, me, priya)).contact_id
    card = ask(town, who, lambda tx, me: load_card(tx, me, contact, now))
    assert (card is not None) == REACHES[who]
    ids = [item.id for item in ask(town, "ada", page_of(priya, now)).log]
    items = ask(town, who, lambda tx, me: load_log_items(tx, me, priya, ids))
    assert [item.id for item in items] == (ids if REACHES[who] else [])


def page_of(conversation_id: UUID, now: Any) -> Callable[[Tx, Viewer], Any]:
    return lambda tx, me: load_conversation(tx, me, conversation_id, now=now)


SEES = {
    "ada": {"Priya Ramnath", "Dale Okafor"},
    "mo": {"Priya Ramnath"},
    "ben": {"Priya Ramnath"},
    "bea": set(),
    "cy": {"Dale Okafor"},
    "noor": {"Priya Ramnath", "Dale Okafor"},
}


@pytest.mark.parametrize("who", SEES)
def test_lists_hold_what_is_in_reach_and_nothing_else(
    talked: tuple[Town, UUID, UUID], who: str
) -> None:
    town, _, _ = talked
    rows, _ = ask(town, who, lambda tx, me: load_inbox(tx, me, box="team"))
    assert {row.name for row in rows} == SEES[who]
    counts = ask(town, who, load_counts)
    assert counts.team == counts.waiting == counts.unread == len(SEES[who])
    contacts, _ = ask(town, who, load_contacts)
    assert {row.name for row in contacts} == SEES[who]
    for word in ("ram", "oka", "0142", "0143", PRIYA, DALE):
        found, _ = ask(town, who, partial(load_contacts, q=word))
        assert {row.name for row in found} <= SEES[who]


@pytest.mark.parametrize("who", SEES)
def test_a_line_asked_for_by_name_is_no_way_in(talked: tuple[Town, UUID, UUID], who: str) -> None:
    town, _, _ = talked
    for line, name in (("sales", "Priya Ramnath"), ("dock", "Dale Okafor")):
        rows, _ = ask(town, who, partial(load_inbox, box="team", line_id=town.lines[line]))
        assert {row.name for row in rows} == SEES[who] & {name}


@pytest.mark.parametrize(
    "who,lines",
    [
        ("ada", {"Elm sales", "Elm service", "Dockside sales"}),
        ("mo", {"Elm sales", "Elm service"}),
        ("ben", {"Elm sales"}),
        ("bea", {"Elm service"}),
        ("cy", {"Dockside sales"}),
        ("noor", {"Elm sales", "Elm service", "Dockside sales"}),
    ],
)
def test_lines_and_who_works_on_them(town: Town, who: str, lines: set[str]) -> None:
    assert {line.label for line in ask(town, who, load_lines)} == lines
    dock = town.lines["dock"]
    colleagues = ask(town, who, lambda tx, me: load_colleagues(tx, me, dock))
    expected = {"Ada Quist", "Cy Moreau"} if "Dockside sales" in lines else set()
    assert {one.name for one in colleagues} == expected


@pytest.mark.parametrize(
    "who,members",
    [
        ("ada", {"ada", "mo", "ben", "bea", "cy", "noor"}),
        ("mo", {"ada", "mo", "ben", "bea", "noor"}),
        ("ben", {"ada", "mo", "ben", "noor"}),
        ("cy", {"ada", "cy", "noor"}),
        ("noor", {"ada", "mo", "ben", "bea", "cy", "noor"}),
    ],
)
def test_members_are_those_one_meets_at_work(town: Town, who: str, members: set[str]) -> None:
    found = {card.id for card in ask(town, who, load_members)}
    assert found == {town.members[one] for one in members}


@pytest.mark.parametrize(
    "who,owners",
    [
        ("ada", {"ada", "mo", "ben", "cy", "noor"}),
        ("mo", {"mo", "ben"}),
        ("ben", {"ben"}),
        ("cy", {"cy"}),
        ("noor", {"ada", "mo", "ben", "cy", "noor"}),
    ],
)
def test_sessions_are_ones_own_and_of_whom_one_leads(
    town: Town, who: str, owners: set[str]
) -> None:
    for one in ("ada", "mo", "ben", "cy", "noor"):
        town.sign_in(one)
    found = {card.member_id for card in ask(town, who, load_devices)}
    assert found == {town.members[one] for one in owners}


def test_saved_replies_are_ones_own_and_those_that_are_shared_with_one(town: Town) -> None:
    add_template(
        town.ctx, town.sign_in("ada"), Words("hours", "Hours", "Nine to nine"), shared=True
    )
    add_template(
        town.ctx,
        town.sign_in("mo"),
        Words("elm", "Elm", "Come to Elm Street"),
        shared=True,
        store_id=town.stores["elm"],
    )
    add_template(town.ctx, town.sign_in("ben"), Words("mine", "Mine", "It's Ben"))

    def shortcuts(who: str) -> set[str]:
        return {one.shortcut for one in ask(town, who, load_templates)}

    assert shortcuts("ben") == {"hours", "elm", "mine"}
    assert shortcuts("bea") == {"hours", "elm"}
    assert shortcuts("cy") == {"hours"}
    assert shortcuts("ada") == {"hours", "elm"}


def test_what_was_turned_away_and_the_acts_are_for_owner_and_auditor(town: Town) -> None:
    with town.ctx.db.door() as tx:
        for of_group in (town.group_id, None, town.ctx.new_id()):
            tx.run(
                "arrivals.turn_away",
                id=town.ctx.new_id(),
                of_group=of_group,
                carrier="twilio",
                account="AC1",
                reason="wrong_signature",
                raw_ct=b"sealed",
                at=town.clock(),
            )
    seen = {who: len(ask(town, who, load_turned_away)) for who in SEES}
    assert seen == {"ada": 2, "mo": 0, "ben": 0, "bea": 0, "cy": 0, "noor": 2}
    acts = {who: bool(ask(town, who, load_acts)) for who in SEES}
    assert acts == {"ada": True, "mo": False, "ben": False, "bea": False, "cy": False, "noor": True}


@pytest.mark.parametrize("state", ["locked", "suspended"])
def test_who_is_locked_or_suspended_reaches_nothing(
    talked: tuple[Town, UUID, UUID], state: str
) -> None:
    town, priya, _ = talked
    ada = town.sign_in("ada")
    shut = replace(ada, locked=True) if state == "locked" else replace(ada, active=False)
    now = town.clock()
    with town.ctx.db.transaction(town.group_id) as tx:
        assert load_inbox(tx, shut, box="team") == ([], None)
        assert load_conversation(tx, shut, priya, now=now) is None
        assert load_contacts(tx, shut) == ([], None)
        assert load_lines(tx, shut) == []
        assert load_members(tx, shut) == []
        assert load_devices(tx, shut) == []
        assert load_templates(tx, shut) == []
        assert load_turned_away(tx, shut) == []
        events, _ = load_events(tx, shut, "0-0")
        assert {event.member_id for event in events} <= {ada.member_id}


def test_another_company_sees_nothing_even_with_the_ids(
    talked: tuple[Town, UUID, UUID],
) -> None:
    town, priya, _ = talked
    ada = town.sign_in("ada")
    elsewhere = town.ctx.new_id()
    with town.ctx.db.transaction(elsewhere) as tx:
        assert tx.one("conversations.glance", ids=[priya], line_ids=sorted(ada.line_ids)) is None
        assert tx.all("members.line_labels") == []


def test_an_attempt_that_never_left_is_its_authors_and_the_leaders(town: Town) -> None:
    """Bea joins Ben's line: she sees the flow, not what Ben could not send."""
    priya = town.meet(PRIYA, "Priya Ramnath", by="ben", line="sales")
    town.clock.pass_by(minutes=1)
    town.hear(priya, "Stop with the offers")
    town.clock.pass_by(minutes=1)
    town.say(priya, "But there is this offer", by="ben", state="blocked", purpose="offer")
    ada = town.sign_in("ada")
    with town.ctx.db.transaction(town.group_id) as tx:
        tx.run(
            "members.record_reach",
            member_id=town.members["bea"],
            new_ids=[town.ctx.new_id()],
            store_ids=[None],
            line_ids=[town.lines["sales"]],
        )
    assert ada.sees_attempts

    def shown(who: str) -> tuple[bool, str]:
        page = ask(town, who, page_of(priya, town.clock()))
        row = ask(town, who, lambda tx, me: load_row(tx, me, priya))
        return any(item.state == "blocked" for item in page.log), row.last_body

    for who in ("ben", "mo", "ada", "noor"):
        assert shown(who) == (True, "But there is this offer"), who
    assert shown("bea") == (False, "Stop with the offers")


def test_a_device_left_alone_locks_itself_and_an_ended_one_is_nobody(town: Town) -> None:
    ben = town.sign_in("ben", "phone")
    assert not ben.locked
    town.clock.pass_by(minutes=14, seconds=59)
    assert not town.sign_in("ben", "phone").locked
    town.clock.pass_by(seconds=1)
    assert town.sign_in("ben", "phone").locked
    assert timedelta(minutes=ben.idle_minutes) == timedelta(minutes=15)
