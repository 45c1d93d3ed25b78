"""Every fault strikes as it says, where it says and as often as it says."""

from __future__ import annotations

import time

import pytest

from lotline.core.carriers.port import Busy, RefusalKind, Refused, Sent, Unknown
from tests.peers.running import (
    ACCOUNT,
    LINE,
    TOKEN,
    Receiver,
    SimulatorProcess,
    Us,
    eventually,
    fresh_number,
    register,
    say,
)

pytestmark = pytest.mark.peers


# -- faults of sending --------------------------------------------------------------------------


@pytest.mark.parametrize("code", [30003, 30006, 30007])
def test_a_network_refuses_afterwards(
    simulator: SimulatorProcess, receiver: Receiver, us: Us, code: int
) -> None:
    simulator.post("/sim/faults", [{"name": "refuse", "code": code}])

    sid = us.sent(fresh_number())

    eventually(lambda: receiver.words(sid)[-1:] == ["undelivered"])
    assert receiver.of(sid)[-1].params["ErrorCode"] == str(code)


def test_a_fault_strikes_what_it_matches_and_as_often_as_it_says(
    simulator: SimulatorProcess, us: Us
) -> None:
    unlucky, other = fresh_number(), fresh_number()
    fault = {"name": "refuse", "code": 21610, "match": {"to": unlucky}, "count": 2}
    simulator.post("/sim/faults", {"faults": [fault]})

    assert isinstance(us.send(other), Sent)
    for _ in range(2):
        assert us.send(unlucky) == Refused(
            "21610",
            "This person told the carrier STOP. Only they can undo it, by texting START.",
            RefusalKind.OPTED_OUT,
        )
    assert isinstance(us.send(unlucky), Sent)
    assert simulator.get("/sim/faults") == {"faults": []}


def test_busy_says_how_long(simulator: SimulatorProcess, us: Us) -> None:
    simulator.post("/sim/faults", {"name": "429", "retry_after_s": 9})

    assert us.send(fresh_number()) == Busy(9.0, "429")


@pytest.mark.parametrize(
    "fault, taken",
    [
        ({"name": "5xx_before"}, 0),
        ({"name": "5xx_after_accept", "status": 500}, 1),
        ({"name": "timeout_before", "delay_s": 3}, 0),
        ({"name": "timeout_after_accept", "delay_s": 3}, 1),
    ],
)
def test_what_is_unknown_was_taken_or_not(
    simulator: SimulatorProcess, us: Us, fault: dict[str, object], taken: int
) -> None:
    to = fresh_number()
    simulator.post("/sim/faults", fault)

    assert isinstance(us.send(to), Unknown)
    assert len(simulator.outbox(to)) == taken


# -- faults of hooks ----------------------------------------------------------------------------


def test_a_callback_is_lost(simulator: SimulatorProcess, receiver: Receiver, us: Us) -> None:
    simulator.post("/sim/faults", {"name": "lost", "match": {"status": "sent"}})

    sid = us.sent(fresh_number())

    eventually(lambda: receiver.words(sid) == ["delivered"])


def test_callbacks_are_dropped_until_cleared(
    simulator: SimulatorProcess, receiver: Receiver, us: Us
) -> None:
    to = fresh_number()
    simulator.post("/sim/faults", {"name": "drop_callbacks", "count": None})

    sid = us.sent(to)
    eventually(lambda: simulator.outbox(to)[0]["status"] == "delivered")
    say(simulator, to, "a customer's text is no callback")

    assert receiver.of(sid) == []
    assert len(receiver.all) == 1


def test_a_callback_is_doubled(simulator: SimulatorProcess, receiver: Receiver, us: Us) -> None:
    simulator.post("/sim/faults", {"name": "doubled", "match": {"status": "delivered"}})

    sid = us.sent(fresh_number())

    eventually(lambda: receiver.words(sid) == ["sent", "delivered", "delivered"])


def test_callbacks_are_reordered(simulator: SimulatorProcess, receiver: Receiver, us: Us) -> None:
    simulator.post("/sim/faults", {"name": "reordered", "match": {"status": "sent"}})

    sid = us.sent(fresh_number())

    eventually(lambda: receiver.words(sid) == ["delivered", "sent"])


def test_a_customers_text_is_late(simulator: SimulatorProcess, receiver: Receiver) -> None:
    simulator.post("/sim/faults", {"name": "late", "delay_s": 0.6, "match": {"kind": "inbound"}})
    started = time.monotonic()

    told = say(simulator, fresh_number(), "Hi")
    assert told["webhook_status"] == 204
    assert receiver.of(told["sid"])[0].at - started > 0.5


def test_a_customers_text_is_lost_and_that_is_noted(
    simulator: SimulatorProcess, receiver: Receiver
) -> None:
    simulator.post("/sim/faults", {"name": "lost", "match": {"kind": "inbound"}})

    said = say(simulator, fresh_number(), "Hi")

    assert said["webhook_status"] is None
    assert receiver.all == []
    assert simulator.get(f"/sim/webhooks?sid={said['sid']}")[0]["trouble"] == "lost"


def test_a_bad_signature_is_not_believed(
    simulator: SimulatorProcess, receiver: Receiver, us: Us
) -> None:
    simulator.post("/sim/faults", {"name": "bad_signature", "match": {"kind": "inbound"}})
    for _ in range(2):
        say(simulator, fresh_number(), "STOP")

    faults = [us.carrier.verify_hook(one.path, one.headers, one.body) for one in receiver.all]
    assert faults == ["wrong_signature", None]


def test_a_misspelt_fault_is_refused_rather_than_never_striking(
    simulator: SimulatorProcess,
) -> None:
    for wrong in ({"name": "latte"}, {"name": "refuse"}, {"name": "late", "cout": 2}):
        simulator.post("/sim/faults", wrong, status=400)
    assert simulator.get("/sim/faults") == {"faults": []}


def test_chance_is_drawn_from_the_seed() -> None:
    """Two simulators with one seed lose the same hooks; with another, others."""
    struck = []
    for seed in (7, 7, 8):
        receiver, simulator = Receiver(), SimulatorProcess(seed=seed)
        register(simulator, receiver)
        simulator.post("/sim/faults", {"name": "lost", "count": None, "chance": 0.5})
        said = [say(simulator, "+16145550142", str(number)) for number in range(20)]
        struck.append([one["webhook_status"] for one in said])
        assert simulator.stop() == 0
        receiver.close()

    assert struck[0] == struck[1] != struck[2]
    assert set(struck[0]) == {204, None}


# -- how hooks are tried again ------------------------------------------------------------------


def test_a_5xx_is_not_tried_again_unless_the_address_asks(
    simulator: SimulatorProcess, receiver: Receiver
) -> None:
    answers = iter([503, 503, 204, 204])
    receiver.answer = lambda _received: next(answers)

    assert say(simulator, fresh_number(), "once")["webhook_status"] == 503
    assert len(receiver.all) == 1
    simulator.post(
        "/sim/lines",
        {
            "account": ACCOUNT,
            "auth_token": TOKEN,
            "numbers": [LINE],
            "inbound_url": f"{receiver.url}/hooks/twilio/inbound#rc=3&rp=5xx",
        },
    )
    assert say(simulator, fresh_number(), "again")["webhook_status"] == 204
    assert len(receiver.all) == 3
    again = {one.headers["i-twilio-idempotency-token"] for one in receiver.all[1:]}
    assert len(again) == 1, "a second try carries the first one's token"
