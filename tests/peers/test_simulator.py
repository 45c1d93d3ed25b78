"""Every fault strikes as it says, the net is Twilio's, customers are gentle, nothing is lost."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import urllib3

from lotline.adapters.http import Http
from lotline.adapters.twilio import Twilio, TwilioAccount
from lotline.core.carriers.port import Busy, Outcome, Outgoing, RefusalKind, Refused, Sent, Unknown
from tests.peers.running import (
    ACCOUNT,
    LINE,
    OTHER_LINE,
    POOL_LINE,
    PUBLIC,
    SERVICE,
    TOKEN,
    Receiver,
    SimulatorProcess,
    eventually,
    fresh_number,
    register,
)

pytestmark = pytest.mark.peers


class Us:
    """Our adapter, and the shortest way to send with it."""

    def __init__(self, simulator: SimulatorProcess) -> None:
        self.http = Http("twilio", record=lambda _record: None, connect_s=1, read_s=1)
        account = TwilioAccount(
            sid=ACCOUNT,
            auth_tokens=(TOKEN,),
            public_base_urls=(PUBLIC,),
            base_url=simulator.url,
        )
        self.carrier = Twilio(account, self.http)

    def send(self, to: str, body: str = "Hi", line: str = LINE) -> Outcome:
        return self.carrier.send(
            Outgoing(
                reference="ref",
                account=ACCOUNT,
                to=to,
                body=body,
                callback_url=f"{PUBLIC}/hooks/twilio/status",
                from_number=None if line == SERVICE else line,
                messaging_service=SERVICE if line == SERVICE else None,
            )
        )

    def sent(self, to: str, body: str = "Hi", line: str = LINE) -> str:
        outcome = self.send(to, body, line)
        assert isinstance(outcome, Sent)
        return outcome.carrier_id


@pytest.fixture
def us(simulator: SimulatorProcess) -> Iterator[Us]:
    us = Us(simulator)
    yield us
    us.http.close()


def _say(simulator: SimulatorProcess, phone: str, body: str, line: str = LINE) -> Any:
    return simulator.post("/sim/inbound", {"from": phone, "to": line, "body": body})


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
    _say(simulator, to, "a customer's text is no callback")

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

    assert _say(simulator, fresh_number(), "Hi")["webhook_status"] == 204
    assert receiver.all[-1].at - started > 0.5


def test_a_customers_text_is_lost_and_that_is_noted(
    simulator: SimulatorProcess, receiver: Receiver
) -> None:
    simulator.post("/sim/faults", {"name": "lost", "match": {"kind": "inbound"}})

    said = _say(simulator, fresh_number(), "Hi")

    assert said["webhook_status"] is None
    assert receiver.all == []
    assert simulator.get(f"/sim/webhooks?sid={said['sid']}")[0]["trouble"] == "lost"


def test_a_bad_signature_is_not_believed(
    simulator: SimulatorProcess, receiver: Receiver, us: Us
) -> None:
    simulator.post("/sim/faults", {"name": "bad_signature", "match": {"kind": "inbound"}})
    for _ in range(2):
        _say(simulator, fresh_number(), "STOP")

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
        said = [_say(simulator, "+16145550142", str(number)) for number in range(20)]
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

    assert _say(simulator, fresh_number(), "once")["webhook_status"] == 503
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
    assert _say(simulator, fresh_number(), "again")["webhook_status"] == 204
    assert len(receiver.all) == 3
    again = {one.headers["i-twilio-idempotency-token"] for one in receiver.all[1:]}
    assert len(again) == 1, "a second try carries the first one's token"


# -- the net ------------------------------------------------------------------------------------


def test_the_net_blocks_a_pair_at_once_and_start_lifts_it(
    simulator: SimulatorProcess, us: Us
) -> None:
    phone = fresh_number()
    _say(simulator, phone, " Stop ", OTHER_LINE)

    refused = us.send(phone, line=OTHER_LINE)

    assert isinstance(refused, Refused)
    assert refused.kind is RefusalKind.OPTED_OUT
    assert isinstance(us.send(phone, line=LINE), Sent), "another number is another pair"
    assert simulator.outbox(phone)[0]["from"] == LINE
    _say(simulator, phone, "START", OTHER_LINE)
    assert isinstance(us.send(phone, line=OTHER_LINE), Sent)


def test_the_net_knows_words_only_when_they_stand_alone(
    simulator: SimulatorProcess, us: Us
) -> None:
    """Why a company hears for itself."""
    phone = fresh_number()
    for words in ("please stop", "Stop.", "STOP texting me"):
        _say(simulator, phone, words, OTHER_LINE)

    assert isinstance(us.send(phone, line=OTHER_LINE), Sent)


def test_without_the_net_a_stop_is_ours_to_hear(simulator: SimulatorProcess, us: Us) -> None:
    phone = fresh_number()
    _say(simulator, phone, "STOP", LINE)

    assert isinstance(us.send(phone, line=LINE), Sent)


def test_a_service_is_blocked_whole_and_says_so_afterwards(
    simulator: SimulatorProcess, receiver: Receiver, us: Us
) -> None:
    phone = fresh_number()
    _say(simulator, phone, "STOP", POOL_LINE)
    assert receiver.all[-1].params["OptOutType"] == "STOP"
    assert receiver.all[-1].params["MessagingServiceSid"] == SERVICE

    sid = us.sent(phone, line=SERVICE)

    eventually(lambda: receiver.words(sid) == ["failed"])
    assert receiver.of(sid)[0].params["ErrorCode"] == "21610"


# -- customers ----------------------------------------------------------------------------------


def _live(simulator: SimulatorProcess, persona: str) -> str:
    phone = fresh_number()
    simulator.post("/sim/customers", [{"number": phone, "name": "Pat", "persona": persona}])
    simulator.post("/sim/life", {"on": True, "soonest_s": 0.02, "latest_s": 0.05})
    return phone


def _said(receiver: Receiver, phone: str) -> list[str]:
    return [one.params["Body"] for one in list(receiver.all) if one.params.get("From") == phone]


@pytest.mark.parametrize("persona", ["stops", "wrong_number", "photo"])
def test_a_persona_speaks_once_in_its_way(
    simulator: SimulatorProcess, receiver: Receiver, us: Us, persona: str
) -> None:
    phone = _live(simulator, persona)
    us.send(phone)

    eventually(lambda: _said(receiver, phone))
    hook = next(one for one in receiver.all if one.params.get("From") == phone)
    assert (hook.params["NumMedia"] == "1") == (persona == "photo")
    if persona == "photo":
        picture = urllib3.request("GET", hook.params["MediaUrl0"])
        assert picture.headers["content-type"] == "image/png"


def test_one_who_starts_again_stops_first(
    simulator: SimulatorProcess, receiver: Receiver, us: Us
) -> None:
    phone = _live(simulator, "starts_again")
    us.send(phone)

    eventually(lambda: len(_said(receiver, phone)) == 2)
    assert _said(receiver, phone)[1].upper() == "START"


@pytest.mark.parametrize("persona, code", [("landline", "30006"), ("unreachable", "30003")])
def test_some_numbers_cannot_be_reached(
    simulator: SimulatorProcess, receiver: Receiver, us: Us, persona: str, code: str
) -> None:
    phone = _live(simulator, persona)

    sid = us.sent(phone)

    eventually(lambda: receiver.words(sid)[-1:] == ["undelivered"])
    assert receiver.of(sid)[-1].params["ErrorCode"] == code


def test_nobody_talks_much(simulator: SimulatorProcess, receiver: Receiver, us: Us) -> None:
    """Two machines must never talk to each other without end."""
    phone = _live(simulator, "answers")
    for number in range(12):
        us.send(phone, f"Question {number}?")
    eventually(lambda: {one["status"] for one in simulator.outbox(phone)} == {"delivered"})
    time.sleep(0.3)

    assert 1 <= len(_said(receiver, phone)) <= 3


def test_with_life_off_nobody_speaks(
    simulator: SimulatorProcess, receiver: Receiver, us: Us
) -> None:
    phone = _live(simulator, "stops")
    simulator.post("/sim/life", {"on": False})
    us.send(phone)
    eventually(lambda: simulator.outbox(phone)[0]["status"] == "delivered")
    time.sleep(0.2)

    assert _said(receiver, phone) == []


def test_somebody_writes_first(simulator: SimulatorProcess, receiver: Receiver) -> None:
    phone = fresh_number()
    person = {"number": phone, "name": "Pat", "persona": "answers", "line": LINE}
    simulator.post("/sim/customers", [person])
    simulator.post("/sim/life", {"on": True, "opener_every_s": 0.05})

    eventually(lambda: _said(receiver, phone))


# -- control ------------------------------------------------------------------------------------


def test_the_faces_that_others_rely_on(
    simulator: SimulatorProcess, receiver: Receiver, us: Us
) -> None:
    phone = fresh_number()
    us.send(phone, "one")
    us.send(phone, "two")

    assert simulator.get("/sim/lines") == [LINE, OTHER_LINE, POOL_LINE]
    shown = simulator.outbox(phone)
    assert [one["body"] for one in shown] == ["one", "two"], "oldest first"
    assert set(shown[0]) == {"sid", "from", "to", "body", "media", "at", "status", "code"}
    everything = simulator.get("/sim/outbox")
    assert [one["sid"] for one in everything][-2:] == [one["sid"] for one in shown]
    said = _say(simulator, phone, "Hi")
    assert said["webhook_status"] == 204
    assert receiver.of(said["sid"])[0].params["Body"] == "Hi"
    simulator.post("/sim/inbound", {"from": phone, "to": "+16145559999"}, status=404)
    simulator.post("/sim/inbound", {"from": "Pat", "to": LINE}, status=400)


def test_the_page_is_strict_and_whole(simulator: SimulatorProcess) -> None:
    page = urllib3.request("GET", simulator.url + "/sim/phones")

    assert page.status == 200
    policy = page.headers["content-security-policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    text = page.data.decode()
    assert "style=" not in text
    assert "<script>" not in text
    assert " onclick" not in text
    for name in ("phones.css", "phones.js", "icon.svg"):
        assert name in text
        assert urllib3.request("GET", f"{simulator.url}/sim/static/{name}").status == 200
    assert urllib3.request("GET", f"{simulator.url}/sim/static/../world.py").status == 404


def test_the_page_hears_of_a_change_at_once(simulator: SimulatorProcess, us: Us) -> None:
    phone = fresh_number()
    us.send(phone, "Ready at 4")
    eventually(lambda: simulator.outbox(phone)[0]["status"] == "delivered")
    asked = f"/sim/phones/data?phone=%2B{phone[1:]}"

    before = simulator.get(asked)
    assert [one["body"] for one in before["open"]["conversations"][0]["texts"]] == ["Ready at 4"]
    _say(simulator, phone, "Thanks")
    started = time.monotonic()
    after = simulator.get(f"{asked}&after={before['version']}")

    assert time.monotonic() - started < 2
    texts = after["open"]["conversations"][0]["texts"]
    assert [(one["body"], one["mine"]) for one in texts] == [
        ("Ready at 4", False),
        ("Thanks", True),
    ]


@pytest.mark.parametrize(
    "headers, status",
    [
        ({"Host": "evil.example"}, 421),
        ({"Origin": "https://evil.example"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "cors"}, 403),
    ],
)
def test_a_page_of_another_site_cannot_reach_it(
    simulator: SimulatorProcess, headers: dict[str, str], status: int
) -> None:
    body = json.dumps({"on": True}).encode()

    answer = urllib3.request("POST", simulator.url + "/sim/life", body=body, headers=headers)

    assert answer.status == status


def test_a_request_has_a_limit(simulator: SimulatorProcess) -> None:
    def endless() -> Iterator[bytes]:
        for _ in range(40):
            yield b"x" * 65536

    declared = urllib3.request("POST", simulator.url + "/sim/life", body=b"x" * 2_000_000)
    streamed = urllib3.request("POST", simulator.url + "/sim/life", body=endless())

    assert (declared.status, streamed.status) == (413, 413)


# -- what is kept -------------------------------------------------------------------------------


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_a_restart_keeps_every_count(tmp_path: Path, how: signal.Signals) -> None:
    receiver, simulator = Receiver(), SimulatorProcess(tmp_path)
    register(simulator, receiver)
    simulator.post("/sim/customers", [{"number": "+16145550142", "persona": "stops"}])
    us = Us(simulator)
    for number in range(3):
        us.sent("+16145550142", f"text {number}")
    _say(simulator, "+16145550142", "STOP", OTHER_LINE)
    us.http.close()
    code = simulator.stop(how)
    assert code == (-9 if how is signal.SIGKILL else 0)
    with (tmp_path / "simulator.jsonl").open("ab") as journal:
        journal.write(b'{"what":"text","sid":"cut sh')

    again = SimulatorProcess(tmp_path)
    us = Us(again)

    shown = again.outbox("+16145550142")
    assert [one["body"] for one in shown] == ["text 0", "text 1", "text 2"]
    assert again.get("/sim/lines") == [LINE, OTHER_LINE, POOL_LINE]
    assert isinstance(us.send("+16145550142", line=OTHER_LINE), Refused), "the block is kept"
    sid = shown[-1]["sid"]
    eventually(lambda: receiver.words(sid)[-1:] == ["delivered"])
    assert (tmp_path / "simulator.jsonl").stat().st_mode & 0o077 == 0
    us.http.close()
    assert again.stop() == 0
    receiver.close()


def test_a_taken_port_is_said_at_once(simulator: SimulatorProcess) -> None:
    import subprocess
    import sys

    port = simulator.url.rsplit(":", 1)[1]
    command = [sys.executable, "-m", "simulator", "--port", port]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)

    assert ended.returncode == 1
    assert "cannot listen" in ended.stderr
    assert "Traceback" not in ended.stderr
