"""The main job over real HTTP: a customer texts, somebody answers, STOP means stop.

Nothing here is a double: the carrier is the simulator, the hooks are signed, the workers sleep and
wake by themselves.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
import urllib3

from tests.conftest import Database
from tests.peers.running import SimulatorProcess, eventually, fresh_number
from tests.peers.whole import Whole, instant, running_house
from tests.town import ACCOUNT

pytestmark = pytest.mark.peers


@pytest.fixture(scope="module")
def whole(module_db: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Whole]:
    simulator = SimulatorProcess(seed=7)
    folder: Path = tmp_path_factory.mktemp("keys")
    try:
        with running_house(module_db, folder, simulator) as running:
            yield running
    finally:
        simulator.stop()


@pytest.fixture(autouse=True)
def _calm(whole: Whole) -> Iterator[None]:
    yield
    whole.simulator.post("/sim/faults", {"clear": True})


def state(whole: Whole, text_id: UUID) -> str:
    found: str = whole.ask("select state from texts where id = %s", text_id)[0][0]
    return found


def becomes(whole: Whole, text_id: UUID, *states: str, wait_s: float = 10) -> None:
    eventually(lambda: state(whole, text_id) in states, wait_s)


def test_asked_answered_delivered_and_stopped(whole: Whole) -> None:
    phone = fresh_number()
    assert whole.say(phone, "Is the truck there?")["webhook_status"] == 200
    sent = whole.answer(phone, "Yes, until Friday.")
    becomes(whole, sent.text_id, "delivered")
    (text,) = whole.reached(phone)
    assert "Yes, until Friday." in text["body"]
    assert whole.say(phone, "STOP")["webhook_status"] == 200
    tried = whole.answer(phone, "But the price!")
    assert tried.state == "blocked"
    eventually(lambda: len(whole.reached(phone)) == 2)
    assert "opted out" in whole.reached(phone)[1]["body"]


def test_what_is_not_signed_is_kept_aside_and_not_applied(whole: Whole) -> None:
    http = urllib3.PoolManager()
    before = whole.ask("select count(*) from texts")
    answer = http.request(
        "POST",
        f"{whole.url}/hooks/twilio/{ACCOUNT}/inbound",
        fields={"AccountSid": ACCOUNT, "From": "+16145550199", "To": "+16145550101", "Body": "x"},
        encode_multipart=False,
        headers={"X-Twilio-Signature": "bm90IG91cnM="},
    )
    assert answer.status == 403
    assert whole.ask("select count(*) from texts") == before
    assert whole.ask("select reason from turned_away order by arrived_at desc limit 1") == [
        ("wrong_signature",)
    ]
    unknown = http.request("POST", f"{whole.url}/hooks/twilio/AC9/inbound", body=b"Body=x")
    assert unknown.status == 403
    large = http.request("POST", f"{whole.url}/hooks/twilio/{ACCOUNT}/inbound", body=b"x" * 70_000)
    assert large.status == 413
    http.clear()


@pytest.mark.parametrize(
    "fault", ["5xx_after_accept", "timeout_after_accept", "5xx_before", "timeout_before"]
)
def test_an_answer_that_hides_what_happened_never_sends_twice(whole: Whole, fault: str) -> None:
    phone = fresh_number()
    whole.say(phone, "Is it there?")
    plant(whole, phone, fault)
    sent = whole.answer(phone, "It is.")
    if fault.endswith("after_accept"):
        becomes(whole, sent.text_id, "accepted", "sent", "delivered", wait_s=40)
        assert len(whole.reached(phone)) == 1
    else:
        becomes(whole, sent.text_id, "unknown", wait_s=40)
        time.sleep(4)  # the list is read, and it is not there: a person decides
        assert state(whole, sent.text_id) == "unknown"
        assert whole.reached(phone) == []


def test_busy_goes_later_and_once(whole: Whole) -> None:
    phone = fresh_number()
    whole.say(phone, "Is it there?")
    plant(whole, phone, "429")
    sent = whole.answer(phone, "It is.")
    becomes(whole, sent.text_id, "delivered", wait_s=30)
    assert len(whole.reached(phone)) == 1


def test_doubled_and_shuffled_hooks_change_nothing(whole: Whole) -> None:
    phone = fresh_number()
    whole.simulator.post("/sim/faults", {"name": "doubled", "match": {"from": phone}})
    whole.say(phone, "Is it there?")
    sent = whole.answer(phone, "It is.")
    becomes(whole, sent.text_id, "delivered")
    rows = whole.ask(
        "select count(*) from texts t join contacts c on c.id = t.contact_id"
        " where t.direction = 'in' and t.conversation_id = %s",
        whole.conversation(phone),
    )
    assert rows == [(1,)]


def test_stops_that_race_real_sends(whole: Whole) -> None:
    """Once our 2xx for a STOP was given, the carrier takes nothing more for that customer."""
    phones = [fresh_number() for _ in range(8)]
    acknowledged: dict[str, float] = {}
    for phone in phones:
        whole.say(phone, "Is it there?")

    def tap_and_stop(phone: str, wait_s: float) -> None:
        whole.answer(phone, "It is.")
        whole.answer(phone, "Come and see.")
        time.sleep(wait_s)
        assert whole.say(phone, "STOP")["webhook_status"] == 200
        acknowledged[phone] = time.time()

    threads = [
        threading.Thread(target=tap_and_stop, args=(phone, n * 0.004))
        for n, phone in enumerate(phones)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    time.sleep(1.5)
    for phone in phones:
        late = [
            text
            for text in whole.reached(phone)
            if instant(text["at"]) > acknowledged[phone] and "opted out" not in text["body"]
        ]
        assert late == [], phone
    assert not whole.ask("select 1 from texts where state in ('queued', 'held', 'sending')")


def test_health_and_metrics(whole: Whole) -> None:
    http = urllib3.PoolManager()
    assert http.request("GET", f"{whole.url}/healthz").status == 200
    assert http.request("GET", f"{whole.url}/readyz").status == 200
    shown = http.request("GET", f"{whole.url}/metrics").data.decode()
    assert "lotline_hooks_total" in shown
    assert "+1614" not in shown
    proxied = {"X-Forwarded-For": "203.0.113.9"}
    assert http.request("GET", f"{whole.url}/metrics", headers=proxied).status == 404
    http.clear()


def plant(whole: Whole, phone: str, name: str) -> None:
    whole.simulator.post("/sim/faults", {"name": name, "match": {"to": phone}})
