"""Leaving: everything ends or moves at once, what they wrote is not touched, and it is told."""

from __future__ import annotations

import threading
from typing import Any
from uuid import UUID

import pytest

from lotline.actions.conversations import assign
from lotline.actions.errors import NotAllowed, NotYours, Refused
from lotline.actions.leaving import Left, Successor, foresee, give_back, let_go
from lotline.actions.members import lift_suspension
from lotline.actions.submit import submit
from lotline.store.leaving import load_leaving
from lotline.store.viewer import load_viewer
from tests.town import Town

NOBODY, IN_TURN = Successor(), Successor(in_turn=True)


def rows(town: Town, sql: str, *params: Any) -> list[Any]:
    with town.ctx.db.transaction(town.group_id) as tx:
        return tx._conn.execute(sql.encode(), params).fetchall()


def talks_of(town: Town, who: str, count: int = 3) -> list[UUID]:
    """Open conversations on the sales line that are theirs; the customer wrote last."""
    made = [
        town.meet(f"+1614555{150 + n:04d}", f"Customer {n}", by="ben", line="sales")
        for n in range(count)
    ]
    for one in made:
        town.hear(one, "Is the truck there?")
    assign(town.ctx, town.sign_in("ada"), made, town.members[who])
    return made


def test_what_was_shown_before_is_what_happens(town: Town) -> None:
    talks = talks_of(town, "ben")
    ben, ada = town.sign_in("ben"), town.sign_in("ada")
    sent = submit(town.ctx, ben, talks[0], "Yes, it is.", client_id=town.ctx.new_id())
    before = foresee(town.ctx, ada, ben.member_id)
    assert (before.sessions, before.open_count, before.waiting) == (1, 3, 1)
    done = let_go(town.ctx, ada, ben.member_id, NOBODY)
    assert (done.sessions, done.unassigned, done.cancelled) == (1, 3, 1)
    assert foresee(town.ctx, ada, ben.member_id).open_count == 0
    (text,) = rows(town, "select state, author_id from texts where id = %s", sent.text_id)
    assert (text.state, text.author_id) == ("cancelled", ben.member_id)
    assert rows(town, "select count(*) as n from outbox")[0].n == 0


def test_they_are_out_and_cannot_be_let_back_in(town: Town) -> None:
    ben, ada = town.sign_in("ben"), town.sign_in("ada")
    let_go(town.ctx, ada, ben.member_id, NOBODY)
    assert load_viewer(town.ctx.db, town.accounts["ben"], "session-of-ben", town.clock()) is None
    with pytest.raises(Refused, match="Invite them anew"):
        lift_suspension(town.ctx, ada, ben.member_id)
    with pytest.raises(Refused, match="left already"):
        let_go(town.ctx, ada, ben.member_id, NOBODY)


def test_conversations_go_to_whoever_works_on_the_line(town: Town) -> None:
    talks = talks_of(town, "ben", 4)
    ada = town.sign_in("ada")
    done = let_go(town.ctx, ada, town.members["ben"], IN_TURN)
    owners = {row.assignee_id for row in rows(town, "select assignee_id from conversations")}
    assert town.members["ben"] not in owners
    assert done.moved + done.unassigned == len(talks)


def test_given_back_within_a_day_and_not_after(town: Town) -> None:
    talks = talks_of(town, "ben")
    ada = town.sign_in("ada")
    done = let_go(town.ctx, ada, town.members["ben"], Successor(town.members["mo"]))
    assert done.moved == len(talks)
    assign(town.ctx, ada, talks[0], None)
    town.clock.pass_by(days=1)
    assert give_back(town.ctx, town.sign_in("ada", "later"), town.members["ben"]) == 2
    town.clock.pass_by(seconds=1)
    with pytest.raises(Refused, match="more than a day"):
        give_back(town.ctx, town.sign_in("ada", "later"), town.members["ben"])


def test_nobody_is_let_go_by_who_may_not(town: Town) -> None:
    for who in ("ben", "noor"):
        with pytest.raises(NotAllowed):
            let_go(town.ctx, town.sign_in(who), town.members["bea"], NOBODY)
    with pytest.raises((NotAllowed, NotYours, Refused)):
        let_go(town.ctx, town.sign_in("mo"), town.members["ada"], NOBODY)
    with pytest.raises(Refused):
        let_go(town.ctx, town.sign_in("ada"), town.members["ada"], NOBODY)


def test_two_presses_are_one_leaving(town: Town) -> None:
    ada = town.sign_in("ada")
    together, done = threading.Barrier(2), list[Left | str]()

    def press() -> None:
        together.wait()
        try:
            done.append(let_go(town.ctx, ada, town.members["ben"], NOBODY))
        except Refused as refused:
            done.append(str(refused))

    presses = [threading.Thread(target=press) for _ in range(2)]
    for one in presses:
        one.start()
    for one in presses:
        one.join()
    assert sum(isinstance(one, Left) for one in done) == 1
    with town.ctx.db.transaction(town.group_id) as tx:
        found = load_leaving(tx, town.members["ben"])
    assert found is not None
    assert found.let_go_by == ada.member_id
    acts = rows(town, "select count(*) as n from access_acts where what = 'left'")
    assert acts[0].n == 1
