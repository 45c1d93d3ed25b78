"""The Twilio adapter against the running simulator: the suite that every adapter passes."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from lotline.adapters.http import Http
from lotline.adapters.twilio import Twilio, TwilioAccount
from lotline.core.carriers.port import CallRecord, Outgoing, RefusalKind
from tests.adapters.conformance import CarrierConformance
from tests.peers.running import (
    ACCOUNT,
    KEY,
    LINE,
    POOL_LINE,
    PUBLIC,
    SERVICE,
    TOKEN,
    Receiver,
    SimulatorProcess,
    eventually,
    fresh_number,
)

pytestmark = pytest.mark.peers

TROUBLES: dict[str, dict[str, object]] = {
    "refused": {"name": "refuse", "code": 21610},
    "busy": {"name": "429"},
    "breaks_after_accept": {"name": "5xx_after_accept", "status": 502},
    "silent_after_accept": {"name": "timeout_after_accept", "delay_s": 2},
    "breaks_before_accept": {"name": "5xx_before"},
    "silent_before_accept": {"name": "timeout_before", "delay_s": 2},
}


class TwilioPeer:
    """The simulator and an adapter that signs its calls with an API key."""

    refusal = RefusalKind.OPTED_OUT

    def __init__(self, simulator: SimulatorProcess, receiver: Receiver) -> None:
        self._simulator = simulator
        self._receiver = receiver
        self.records: list[CallRecord] = []
        self._https: list[Http] = []
        self.carrier = self._adapter(simulator.url)

    def text(self) -> Outgoing:
        to = fresh_number()
        return Outgoing(
            reference=f"reference-{to[-4:]}",
            account=ACCOUNT,
            to=to,
            body=f"Your car is ready, number {to[-4:]} 🚗",
            callback_url=f"{PUBLIC}/hooks/twilio/status",
            from_number=LINE,
        )

    def trouble(self, name: str) -> None:
        self._simulator.post("/sim/faults", TROUBLES[name])

    def accepted(self, text: Outgoing) -> int:
        return len(self._simulator.outbox(text.to))

    def away(self) -> Twilio:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        return self._adapter(f"http://127.0.0.1:{port}")

    def hooks(self) -> list[tuple[str, dict[str, str], bytes]]:
        return [(one.path, one.headers, one.body) for one in self._receiver.all]

    def customer_writes(self, text: Outgoing, words: str) -> None:
        to = text.from_number or POOL_LINE
        self._simulator.post("/sim/inbound", {"from": text.to, "to": to, "body": words})

    def settle(self, text: Outgoing) -> None:
        sid = self._simulator.outbox(text.to)[0]["sid"]
        eventually(lambda: "delivered" in self._receiver.words(sid))

    def close(self) -> None:
        for http in self._https:
            http.close()

    def _adapter(self, url: str) -> Twilio:
        http = Http("twilio", record=self.records.append, connect_s=1.0, read_s=0.5)
        self._https.append(http)
        account = TwilioAccount(
            sid=ACCOUNT,
            auth_tokens=("the next token", TOKEN),
            api_key=KEY,
            public_base_urls=("https://elsewhere.example", PUBLIC),
            base_url=url,
        )
        return Twilio(account, http)


class PoolPeer(TwilioPeer):
    """The same through a Messaging Service, which chooses the number itself."""

    refusal = RefusalKind.LANDLINE

    def text(self) -> Outgoing:
        text = super().text()
        return Outgoing(
            reference=text.reference,
            account=text.account,
            to=text.to,
            body=text.body,
            callback_url=text.callback_url,
            messaging_service=SERVICE,
        )

    def trouble(self, name: str) -> None:
        # A service refuses a stopped number only afterwards; at once, it refuses a landline.
        fault = {"name": "refuse", "code": 21614} if name == "refused" else TROUBLES[name]
        self._simulator.post("/sim/faults", fault)


class TestTwilio(CarrierConformance):
    @pytest.fixture
    def peer(self, simulator: SimulatorProcess, receiver: Receiver) -> Iterator[TwilioPeer]:
        peer = TwilioPeer(simulator, receiver)
        yield peer
        peer.close()


class TestTwilioPool(CarrierConformance):
    @pytest.fixture
    def peer(self, simulator: SimulatorProcess, receiver: Receiver) -> Iterator[PoolPeer]:
        peer = PoolPeer(simulator, receiver)
        yield peer
        peer.close()
