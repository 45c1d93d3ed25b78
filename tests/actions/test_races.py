"""Two who act at the same time: a stop against a send, a tap against itself, a webhook twice.

Real connections and real threads. What counts is the order in which a text reached the carrier and
a stop was acknowledged: nothing that the stop covers may come after it (P1), and one tap is one
text (P4).
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

import pytest

from lotline.actions.consent import record_stop
from lotline.actions.dispatch import claim, prepare
from lotline.actions.outcome import record_outcomes
from lotline.actions.receive import receive
from lotline.actions.undo import undo
from lotline.core.carriers.port import Outcome, Outgoing, ReceiptWord
from lotline.store.barrier import handing_over
from lotline.store.standing import find_by_numbers
from lotline.workers.sender import Sender
from tests.actions.house import House

DALE = "+16145550142"


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """All of them start together; what each gave, or what it raised."""
    gate = threading.Barrier(len(acts))
    done: list[Any] = [None] * len(acts)

    def run(n: int, act: Callable[[], Any]) -> None:
        gate.wait()
        try:
            done[n] = act()
        except Exception as raised:  # noqa: BLE001  # the test looks at it
            done[n] = raised

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return done


def offers_left(house: House) -> list[str]:
    """What reached the carrier, but for the notices."""
    return [one.body for one in house.carrier.reached if "opted out" not in one.body]


STEPS = ("before the claim", "after the claim", "after the gate", "in the carrier's hands", "after")


@pytest.mark.parametrize("moment", STEPS)
@pytest.mark.parametrize("how", ["by text", "by phone"])
def test_a_stop_at_each_step_of_a_send(house: House, moment: str, how: str) -> None:
    """Wherever it strikes: once it is acknowledged, nothing more reaches the carrier."""
    house.text_in(DALE, "Is it there?")
    sent = house.tap(DALE, "It is.")
    house.town.clock.pass_by(seconds=11)
    order: list[str] = []
    stopping: list[threading.Thread] = []
    ada = house.town.sign_in("ada")
    contact_id = house.ask("select id from contacts")[0][0]

    def stop() -> None:
        if how == "by text":
            house.text_in(DALE, "STOP")
        else:
            record_stop(house.ctx, ada, contact_id, how="phone")
        order.append("stopped")

    def strike(now: str) -> None:
        if now != moment:
            return
        stopping.append(threading.Thread(target=stop))
        stopping[0].start()
        time.sleep(0.3)  # long enough to go as far as it can

    def take(text: Outgoing) -> Outcome | None:
        strike("in the carrier's hands")
        if "opted out" not in text.body:  # the confirmation is what may follow
            order.append("reached")
        return None

    house.carrier.says = take
    strike("before the claim")
    due = claim(house.ctx, "w1", 10)
    strike("after the claim")
    with handing_over(house.ctx.db, [one.contact_id for one in due]):
        ready = prepare(house.ctx, "w1", due)
        strike("after the gate")
        answered = [(one, house.carrier.send(one.outgoing)) for one in ready]
    record_outcomes(house.ctx, answered)
    strike("after")
    stopping[0].join(20)
    house.carrier.says = lambda text: None

    assert "stopped" in order, "a stop is never lost"
    assert order in (["stopped"], ["reached", "stopped"]), order
    assert house.state(sent.text_id) == ("accepted" if "reached" in order else "blocked")
    assert (order == ["stopped"]) == (moment in STEPS[:2])


def test_many_stops_against_many_senders(house: House) -> None:
    """Fifteen customers, each with texts due, two senders and every stop at a random moment."""
    dice = random.Random(11)
    numbers = [f"+1614555{1100 + n:04d}" for n in range(12)]
    for number in numbers:
        house.text_in(number, "Is it there?")
        for body in ("It is.", "Come and see."):
            house.tap(number, body)
    house.town.clock.pass_by(seconds=11)
    order: list[tuple[str, str]] = []

    def slow(text: Outgoing) -> Outcome | None:
        time.sleep(dice.random() * 0.02)
        if "opted out" not in text.body:
            order.append(("reached", text.to))
        return None

    house.carrier.says = slow
    senders = [Sender(house.ctx, f"w{n}", at_once=3) for n in range(2)]

    def send(sender: Sender) -> None:
        for _ in range(40):
            if not sender.step():
                time.sleep(0.01)

    def stop_all() -> None:
        for number in numbers:
            time.sleep(dice.random() * 0.02)
            house.text_in(number, "STOP")
            order.append(("stopped", number))

    said = at_once(lambda: send(senders[0]), lambda: send(senders[1]), stop_all)
    for sender in senders:
        sender.close()
    assert said == [None, None, None]
    for number in numbers:
        own = [what for what, whose in order if whose == number]
        assert "stopped" in own
        assert own.index("stopped") == len(own) - 1, (number, own)
    assert not house.ask("select 1 from texts where state in ('queued', 'held', 'sending')")


def test_a_doubled_tap_is_one_text(house: House) -> None:
    house.text_in(DALE, "Is it there?")
    viewer = house.town.sign_in("ben")
    conversation = house.conversation(DALE)
    from lotline.actions.submit import submit

    def tap() -> Any:
        return submit(house.ctx, viewer, conversation, "It is.", client_id=UUID(int=9))

    said = at_once(*[tap] * 6)
    assert len({one.text_id for one in said}) == 1
    assert sum(not one.repeated for one in said) == 1
    assert house.ask("select count(*) from texts where direction = 'out'") == [(1,)]


def test_a_webhook_delivered_six_times_at_once_is_one_text(house: House) -> None:
    arrival = house.arrival(DALE, "STOP", sid="SM1")
    said = at_once(*[lambda: receive(house.ctx, [arrival])[0]] * 6)
    assert sum(not one.repeated for one in said) == 1
    assert house.ask("select count(*) from consent_entries") == [(1,)]
    assert house.ask("select count(*) from contacts") == [(1,)]


def test_strangers_who_write_at_once_get_one_card_each(house: House) -> None:
    numbers = [f"+1614555{1200 + n:04d}" for n in range(6)]

    def write(shift: int) -> Any:
        turned = numbers[shift:] + numbers[:shift]
        arrivals = [house.arrival(one, "Hello", sid=f"{shift}-{one}") for one in turned]
        return receive(house.ctx, arrivals)

    said = at_once(*[lambda shift=shift: write(shift) for shift in range(4)])
    assert all(isinstance(one, list) for one in said), said
    assert house.ask("select count(*) from contacts") == [(6,)]
    assert house.ask("select count(*) from texts") == [(24,)]
    assert house.ask("select count(*) from conversations") == [(6,)]


def test_undo_against_the_sender(house: House) -> None:
    """Taken back or gone, never both."""
    ben = house.town.sign_in("ben")
    for n in range(5):
        number = f"+1614555{1300 + n:04d}"
        house.text_in(number, "Is it there?")
        sent = house.tap(number, "It is.")
        house.town.clock.pass_by(seconds=11)
        before = len(house.carrier.reached)
        answered, undone = at_once(house.dispatch, partial(undo, house.ctx, ben, sent.text_id))
        assert undone.ok != bool(answered), (undone, answered)
        assert len(house.carrier.reached) - before == len(answered)


def test_two_senders_never_take_the_same(house: House) -> None:
    for n in range(8):
        house.text_in(f"+1614555{1400 + n:04d}", "Is it there?")
        house.tap(f"+1614555{1400 + n:04d}", "It is.")
    house.town.clock.pass_by(seconds=11)
    at_once(*[lambda n=n: house.dispatch(f"w{n}") for n in range(4)])
    assert sorted(one.to for one in house.carrier.reached) == [
        f"+1614555{1400 + n:04d}" for n in range(8)
    ]


def test_receipts_in_any_order_at_once(house: House) -> None:
    house.text_in(DALE, "Is it there?")
    sent = house.tap(DALE, "It is.")
    house.town.clock.pass_by(seconds=11)
    house.dispatch()
    words = [ReceiptWord.DELIVERED, ReceiptWord.SENT, ReceiptWord.QUEUED, ReceiptWord.DELIVERED]
    at_once(*[lambda word=word: house.receipt(sent.text_id, word, sid="SMx") for word in words])
    assert house.state(sent.text_id) == "delivered"
    assert house.ask("select count(*) from receipts") == [(4,)], "three words and the answer"


def test_a_carrier_that_is_slow_costs_neither_the_stop_nor_its_neighbours(house: House) -> None:
    """One text hangs at the carrier; stops of others in the same batch are as strict as ever."""
    other = "+16145550149"
    for number in (DALE, other):
        house.text_in(number, "Is it there?")
    with house.ctx.db.transaction(house.town.group_id) as tx:
        slow = find_by_numbers(tx, [DALE])[DALE].id
    began = time.monotonic()
    with handing_over(house.ctx.db, [slow]):
        stops = [house.arrival(DALE, "STOP"), house.arrival(other, "STOP")]
        assert [one.heard for one in receive(house.ctx, stops)] == ["block", "block"]
    assert 2.5 < time.monotonic() - began < 10
    assert house.ask("select distinct level from contacts") == [("out",)]
