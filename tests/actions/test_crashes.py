"""The process dies between any two steps; what is left is picked up, and nothing leaves twice.

A death is an exception that nobody catches, raised at each transaction's beginning and end in
turn, and at the carrier's door. Afterwards another process, with another name, carries on.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest

from lotline.actions.dispatch import claim, prepare
from lotline.actions.doubted import doubt_what_waited
from lotline.actions.outcome import record_outcomes
from lotline.actions.receive import receive
from lotline.actions.reconcile import settle, unsettled
from lotline.core.carriers.port import Found, Outcome, Outgoing, Sent, Unknown
from lotline.store.barrier import handing_over
from lotline.workers.reconciler import Reconciler
from tests.actions.house import House

DALE = "+16145550142"


class Death(BaseException):
    """Nobody catches this, as nobody catches a kill."""


class Mortal:
    """A database whose process dies at the nth point; every begin and every end is one."""

    def __init__(self, db: Any, dies_at: int) -> None:
        self._db = db
        self._dies_at = dies_at
        self.points = 0

    def point(self) -> None:
        """One place where it may end."""
        self.points += 1
        if self.points == self._dies_at:
            raise Death

    @contextmanager
    def transaction(self, group_id: UUID, **how: Any) -> Iterator[Any]:
        self.point()
        with self._db.transaction(group_id, **how) as tx:
            yield tx
            self.point()  # all was written, nothing committed
        self.point()

    @contextmanager
    def door(self) -> Iterator[Any]:
        self.point()
        with self._db.door() as tx:
            yield tx
            self.point()
        self.point()

    @contextmanager
    def session(self) -> Iterator[Any]:
        with self._db.session() as tx:
            yield tx


def send_until_death(house: House, dies_at: int) -> bool:
    """One step of a sender that dies on the way. False when it got through."""
    mortal = Mortal(house.ctx.db, dies_at)
    ctx = replace(house.ctx, db=mortal)  # type: ignore[arg-type]  # it stands in for the database

    def offer(text: Outgoing) -> Outcome:
        mortal.point()
        said = house.carrier.send(text)
        mortal.point()
        return said

    try:
        due = claim(ctx, f"dies-{dies_at}", 10)
        with handing_over(ctx.db, [one.contact_id for one in due]):
            ready = prepare(ctx, f"dies-{dies_at}", due)
            answered = [(one, offer(one.outgoing)) for one in ready]
        record_outcomes(ctx, answered)
    except Death:
        return True
    return False


def carry_on(house: House) -> None:
    """Another process: what is due again, and what nobody knows about."""
    for _ in range(3):
        house.town.clock.pass_by(minutes=3)
        house.dispatch("heir")
        for one in unsettled(house.ctx):
            found = house.carrier.find(one.search)
            assert isinstance(found, Found)
            settle(house.ctx, one, found)


@pytest.mark.parametrize("dies_at", range(1, 13))
def test_a_sender_that_dies_anywhere_sends_at_most_once(house: House, dies_at: int) -> None:
    house.text_in(DALE, "Is it there?")
    sent = house.tap(DALE, "It is.")
    house.town.clock.pass_by(seconds=11)
    died = send_until_death(house, dies_at)
    assert died == (dies_at <= 11), "every point of a step is tried"
    carry_on(house)
    reached = len(house.carrier.reached)
    assert reached <= 1
    # Lost is nothing: it left, or a person is told that nobody knows.
    assert house.state(sent.text_id) in ({"accepted", "sent"} if reached else {"unknown"})


@pytest.mark.parametrize("dies_at", range(1, 6))
def test_a_webhook_that_dies_is_brought_again_and_kept_once(house: House, dies_at: int) -> None:
    house.text_in(DALE, "Is it there?")
    waiting = house.tap(DALE, "It is.")
    arrival = house.arrival(DALE, "STOP", sid="SM-stop")
    mortal = Mortal(house.ctx.db, dies_at)
    ctx = replace(house.ctx, db=mortal)  # type: ignore[arg-type]  # it stands in for the database
    acknowledged = False
    try:
        receive(ctx, [arrival])
        acknowledged = True
    except Death:
        pass
    if acknowledged:
        assert house.state(waiting.text_id) == "blocked", "2xx only once it is in force"
    receive(house.ctx, [arrival])  # the carrier brings it again
    assert house.ask("select count(*) from consent_entries where says = 'stop'") == [(1,)]
    assert house.state(waiting.text_id) == "blocked"
    house.town.clock.pass_by(seconds=11)
    house.dispatch()
    house.dispatch()
    assert [one.body.count("opted out") for one in house.carrier.reached] == [1]


def test_an_answer_that_is_kept_twice_changes_nothing(house: House) -> None:
    house.text_in(DALE, "Is it there?")
    sent = house.tap(DALE, "It is.")
    house.town.clock.pass_by(seconds=11)
    answered = house.dispatch()
    leaves = house.ask("select count(*) from ledger_leaves")
    record_outcomes(house.ctx, answered)
    assert house.state(sent.text_id) == "accepted"
    assert isinstance(answered[0][1], Sent)
    assert house.ask("select count(*) from ledger_leaves") == leaves


def test_after_a_restore_nothing_that_may_have_left_is_sent_again(house: House) -> None:
    """The backup was made while a text waited; it left, and then the house was put back."""
    house.text_in(DALE, "Is it there?")
    sent = house.tap(DALE, "It is.")
    later = house.tap(DALE, "See you.", send_at=house.town.clock.at + timedelta(hours=5))
    house.town.clock.pass_by(seconds=11)
    waited = house.ask("select text_id, contact_id, line_id, due_at, kind from outbox")
    house.dispatch()
    with psycopg.connect(house.database.dsn("superuser")) as link:  # as the backup had it
        link.execute("update texts set state = 'queued', handed_at = null, carrier_id = null")
        link.execute("update texts set state = 'held' where id = %s", [later.text_id])
        link.execute("delete from outbox")
        for row in waited:
            link.execute(
                "insert into outbox (group_id, text_id, contact_id, line_id, due_at, kind)"
                " values (%s, %s, %s, %s, %s, %s)",
                [house.town.group_id, *row],
            )
    assert doubt_what_waited(house.ctx) == 1
    assert house.dispatch() == []
    assert house.state(sent.text_id) == "unknown"
    carry_on(house)
    assert house.state(sent.text_id) == "sent"
    assert len(house.carrier.reached) == 1
    house.town.clock.pass_by(hours=6)
    house.dispatch()
    assert ["See you." in one.body for one in house.carrier.reached] == [False, True]


def unknown_texts(house: House, count: int) -> list[UUID]:
    """Texts to as many customers, of which the carrier says nothing and nobody knows."""
    house.carrier.says = lambda text: Unknown("timed out")
    sent = []
    for n in range(count):
        house.text_in(f"+1614555{120 + n:04d}", "Is it there?")
        sent.append(house.tap(f"+1614555{120 + n:04d}", "It is.").text_id)
        house.town.clock.pass_by(seconds=11)
        house.dispatch()
    house.town.clock.pass_by(minutes=2)
    return sent


def test_what_nobody_knows_takes_no_place_from_what_was_cut_off(house: House) -> None:
    """However many wait for a person, a text that a crash cut off is marked and looked for."""
    sent = unknown_texts(house, 3)
    house.town.clock.pass_by(hours=2)
    assert unsettled(house.ctx, limit=2) == [], "a person decides by now"
    house.text_in(DALE, "Is it there?")
    cut_off = house.tap(DALE, "It is.").text_id
    house.town.clock.pass_by(seconds=11)
    assert prepare(house.ctx, "dies", claim(house.ctx, "dies", 10))
    house.town.clock.pass_by(minutes=5)
    (one,) = unsettled(house.ctx, limit=2)
    assert one.text_id == cut_off
    assert {house.state(text_id) for text_id in sent} == {"unknown"}


def test_each_unknown_text_has_its_turn(house: House) -> None:
    """Those that were looked for just now wait, and make room for the others."""
    sent = unknown_texts(house, 5)
    seen: set[UUID] = set()
    for most in (2, 2, 1):
        turn = {one.text_id for one in unsettled(house.ctx, seen, limit=2)}
        assert len(turn) == most
        assert not turn & seen
        seen |= turn
    assert seen == set(sent)
    house.carrier.forget()
    reconciler = Reconciler(house.ctx)
    for _ in range(3):
        reconciler.step()
        house.town.clock.pass_by(seconds=1)
    assert len(house.carrier.looked) == 5, "each once, until its time comes again"
    house.town.clock.pass_by(minutes=6)
    reconciler.step()
    assert len(house.carrier.looked) == 10
