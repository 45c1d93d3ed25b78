"""A real simulator process on a port of its own, and a small real server that receives hooks."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import parse_qsl

import urllib3

from lotline.adapters.http import Http
from lotline.adapters.twilio import Twilio, TwilioAccount
from lotline.core.carriers.port import Outcome, Outgoing, Sent

ROOT = Path(__file__).parents[2]
ACCOUNT = "AC" + "0a" * 16
TOKEN = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"
KEY = ("SK" + "0b" * 16, "a key's own secret")
SERVICE = "MG" + "0c" * 16
LINE, OTHER_LINE, POOL_LINE = "+16145550100", "+16145550101", "+16145550102"
PUBLIC = "https://text.riverbend.example"

_customers = count(1000)
T = TypeVar("T")


def fresh_number() -> str:
    """A customer nobody texted before."""
    return f"+1614555{next(_customers):04d}"


class SimulatorProcess:
    """The simulator as a user runs it."""

    def __init__(self, data: Path | None = None, seed: int = 1, port: int = 0) -> None:
        """Start it and wait for the line with its address."""
        command = [sys.executable, "-m", "simulator", "--port", str(port), "--seed", str(seed)]
        self.seed = seed
        self.data = data
        if data is not None:
            command += ["--data", str(data)]
        self._process = subprocess.Popen(
            command, cwd=ROOT, stdout=subprocess.PIPE, text=True, env={**os.environ}
        )
        assert self._process.stdout is not None
        said = self._process.stdout.readline()
        match = re.fullmatch(r"simulator ready (http://\S+)/sim/phones\n", said)
        assert match is not None, said
        self.url = match[1]
        self._http = urllib3.PoolManager(retries=False)

    def get(self, path: str) -> Any:
        """Ask its control."""
        answer = self._http.request("GET", self.url + path, timeout=30)
        assert answer.status == 200, answer.data
        return json.loads(answer.data)

    def post(self, path: str, said: object, *, status: int = 200) -> Any:
        """Move the world."""
        answer = self._http.request(
            "POST", self.url + path, body=json.dumps(said).encode(), timeout=30
        )
        assert answer.status == status, answer.data
        return json.loads(answer.data)

    def outbox(self, to: str) -> list[dict[str, Any]]:
        """What it took for a customer."""
        texts = self.get(f"/sim/outbox?to=%2B{to.removeprefix('+')}")
        assert isinstance(texts, list)
        return texts

    def born_again(self) -> SimulatorProcess:
        """As `kill -9` and a start leave it: the same address, what its journal held."""
        self.stop(signal.SIGKILL)
        return SimulatorProcess(self.data, self.seed, int(self.url.rpartition(":")[2]))

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """End it; the exit code."""
        self._http.clear()
        if self._process.poll() is None:
            self._process.send_signal(how)
        code = self._process.wait(10)
        if self._process.stdout is not None:
            self._process.stdout.close()
        return code


class Received:
    """One hook as it reached us."""

    def __init__(self, path: str, headers: dict[str, str], body: bytes) -> None:
        self.path, self.headers, self.body = path, headers, body
        self.at = time.monotonic()

    @property
    def params(self) -> dict[str, str]:
        """The form."""
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))


class Receiver:
    """A small real server. `answer` decides the status it gives."""

    def __init__(self) -> None:
        """Listen at once, on a free port."""
        self.all: list[Received] = []
        self.answer: Callable[[Received], int] = lambda _received: 204
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                received = Received(self.path, headers, body)
                receiver.all.append(received)
                self.send_response(receiver.answer(received))
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)

    def of(self, sid: str) -> list[Received]:
        """All hooks about one text, in the order they came."""
        return [one for one in list(self.all) if one.params.get("MessageSid") == sid]

    def words(self, sid: str) -> list[str]:
        """The states told of one text."""
        return [one.params.get("MessageStatus", "received") for one in self.of(sid)]


def eventually(ask: Callable[[], T], wait_s: float = 8.0) -> T:
    """The first true answer."""
    end = time.monotonic() + wait_s
    while time.monotonic() < end:
        if answer := ask():
            return answer
        time.sleep(0.02)
    raise AssertionError("it never came true")


def register(simulator: SimulatorProcess, receiver: Receiver) -> None:
    """One account with two plain numbers, one of them with the net, and a pool."""
    common = {
        "account": ACCOUNT,
        "auth_token": TOKEN,
        "api_keys": {KEY[0]: KEY[1]},
        "inbound_url": f"{receiver.url}/hooks/twilio/inbound",
        "public_base_url": PUBLIC,
    }
    simulator.post(
        "/sim/lines",
        [
            {**common, "numbers": [LINE]},
            {**common, "numbers": [OTHER_LINE], "net": "on"},
            {
                **common,
                "numbers": [POOL_LINE],
                "messaging_service": SERVICE,
                "net": "on",
                "advanced_opt_out": True,
            },
        ],
    )
    simulator.post("/sim/pace", {"sent_s": 0.05, "delivered_s": 0.1})


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


def say(simulator: SimulatorProcess, phone: str, body: str, line: str = LINE) -> Any:
    return simulator.post("/sim/inbound", {"from": phone, "to": line, "body": body})
