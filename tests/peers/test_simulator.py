"""The net is Twilio's, customers are gentle, the page is strict, nothing is forgotten."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import urllib3

from lotline.core.carriers.port import RefusalKind, Refused, Sent
from tests.peers.running import (
    LINE,
    OTHER_LINE,
    POOL_LINE,
    SERVICE,
    Receiver,
    SimulatorProcess,
    Us,
    eventually,
    fresh_number,
    register,
    say,
)

pytestmark = pytest.mark.peers


# -- the net ------------------------------------------------------------------------------------


def test_the_net_blocks_a_pair_at_once_and_start_lifts_it(
    simulator: SimulatorProcess, us: Us
) -> None:
    phone = fresh_number()
    say(simulator, phone, " Stop ", OTHER_LINE)

    refused = us.send(phone, line=OTHER_LINE)

    assert isinstance(refused, Refused)
    assert refused.kind is RefusalKind.OPTED_OUT
    assert isinstance(us.send(phone, line=LINE), Sent), "another number is another pair"
    assert simulator.outbox(phone)[0]["from"] == LINE
    say(simulator, phone, "START", OTHER_LINE)
    assert isinstance(us.send(phone, line=OTHER_LINE), Sent)


def test_the_net_knows_words_only_when_they_stand_alone(
    simulator: SimulatorProcess, us: Us
) -> None:
    """Why a company hears for itself."""
    phone = fresh_number()
    for words in ("please stop", "Stop.", "STOP texting me"):
        say(simulator, phone, words, OTHER_LINE)

    assert isinstance(us.send(phone, line=OTHER_LINE), Sent)


def test_without_the_net_a_stop_is_ours_to_hear(simulator: SimulatorProcess, us: Us) -> None:
    phone = fresh_number()
    say(simulator, phone, "STOP", LINE)

    assert isinstance(us.send(phone, line=LINE), Sent)


def test_a_service_is_blocked_whole_and_says_so_afterwards(
    simulator: SimulatorProcess, receiver: Receiver, us: Us
) -> None:
    phone = fresh_number()
    told = receiver.of(say(simulator, phone, "STOP", POOL_LINE)["sid"])[0]
    assert told.params["OptOutType"] == "STOP"
    assert told.params["MessagingServiceSid"] == SERVICE

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
    said = say(simulator, phone, "Hi")
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
    say(simulator, phone, "Thanks")
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
    say(simulator, "+16145550142", "STOP", OTHER_LINE)
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
    port = simulator.url.rsplit(":", 1)[1]
    command = [sys.executable, "-m", "simulator", "--port", port]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)

    assert ended.returncode == 1
    assert "cannot listen" in ended.stderr
    assert "Traceback" not in ended.stderr
