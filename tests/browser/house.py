"""A whole house for the browser: a seeded database, web, worker and simulator as real processes.

The town is lived once for all and copied for each house. It is a Wednesday afternoon in its
stores when a house opens, whatever the time is here, so that nothing waits for a morning unless
a test moves the clock there.

Not here: browsers (`conftest`), what the town is (`lotline.config.demo`).
"""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.cookies import SimpleCookie
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import psycopg

from lotline.config.cluster import Cluster, make_database
from lotline.config.demo import introduce
from lotline.config.processes import die_with
from lotline.config.settings import load_settings
from tests.browser.shifted import CLOCK_FILE
from tests.peers.running import SimulatorProcess

ROOT = Path(__file__).parents[2]
CHICAGO = ZoneInfo("America/Chicago")
# The afternoon of a working day at the stores, and morning or later wherever a customer lives.
OPENS_AT = datetime(2026, 11, 18, 14, 40, tzinfo=CHICAGO)
LIVED = "lotline_town_lived"
READY_S = 60.0
SALES, SERVICE = "+18165550110", "+18165550111"

_numbers = count(1)
_houses = count(1)


def fresh_number() -> str:
    """A phone in Missouri that nobody texted before."""
    n = next(_numbers)
    return f"+1{(573, 417, 660)[n // 100]}5550{100 + n % 100}"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class TestClock:
    """The file that tells the processes how far from real time they are."""

    __test__ = False

    path: Path

    def move_to(self, moment: datetime) -> None:
        beside = self.path.with_suffix(".new")
        beside.write_text(str((moment - datetime.now(UTC)).total_seconds()))
        beside.replace(self.path)

    @property
    def now(self) -> datetime:
        shift = float(self.path.read_text())
        return datetime.fromtimestamp(time.time() + shift, UTC)


@dataclass
class Lived:
    """The town as a database to copy, with the keys it is sealed with."""

    cluster: Cluster
    data: Path
    passwords: dict[str, str]  # by first name, in small letters
    emails: dict[str, str]


def environment(cluster: Cluster, database: str, data: Path, **more: str) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("LOTLINE_", "DATABASE_"))}
    return kept | {
        "DATABASE_URL": cluster.dsn("owner", database),
        "DATABASE_APP_URL": cluster.dsn("app", database),
        "DATABASE_READER_URL": cluster.dsn("reader", database),
        "LOTLINE_DATA": str(data),
        "LOTLINE_DEMO": "yes",
        "LOTLINE_LOG_LEVEL": "warning",
        "LOTLINE_PRIVATE_WEBHOOKS": "yes",  # a push service of ours stands beside it
        "PYTHONUNBUFFERED": "1",
        "PYTHONWARNINGS": "default",
        CLOCK_FILE: str(data / "clock"),
        **more,
    }


def live_once(cluster: Cluster, data: Path, at: datetime = OPENS_AT) -> Lived:
    """Migrate and seed, through the product's own preparation."""
    with psycopg.connect(cluster.dsn("superuser", "postgres"), autocommit=True) as link:
        make_database(link, LIVED)
    TestClock(data / "clock").move_to(at)
    done = subprocess.run(
        [sys.executable, "-m", "tests.browser.shifted", "prepare", "--demo"],
        cwd=ROOT,
        env=environment(cluster, LIVED, data, LOTLINE_SIMULATOR_URL="http://127.0.0.1:9"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    told = json.loads((data / "demo.json").read_text())["members"]
    first = {one["email"].partition("@")[0]: one for one in told}
    return Lived(
        cluster,
        data,
        {name: one["password"] for name, one in first.items()},
        {name: one["email"] for name, one in first.items()},
    )


@dataclass
class House:
    """One copy of the town with everything that runs it."""

    lived: Lived
    folder: Path
    database: str = ""
    opens_at: datetime = OPENS_AT
    url: str = ""
    port: int = 0
    _processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    _cookies: dict[str, dict[str, Any]] = field(default_factory=dict)

    def open(self) -> House:
        cluster = self.lived.cluster
        self.database = f"house_{next(_houses)}"
        with psycopg.connect(cluster.dsn("superuser", "postgres"), autocommit=True) as link:
            make_database(link, self.database, LIVED)
        self.clock = TestClock(self.folder / "clock")
        self.clock.move_to(self.opens_at)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.simulator = SimulatorProcess()
        self.start("web")
        self.start("worker")
        settings = load_settings(self.env(LOTLINE_SIMULATOR_URL=self.simulator.url))
        assert introduce(settings), "the simulator was told who we are"
        self.simulator.post("/sim/life", {"on": False})
        self.simulator.post("/sim/pace", {"sent_s": 0.1, "delivered_s": 0.2})
        self.wait_ready()
        return self

    def env(self, **more: str) -> dict[str, str]:
        data = self.lived.data
        return environment(
            self.lived.cluster,
            self.database,
            data,
            LOTLINE_URL=self.url,
            **{CLOCK_FILE: str(self.folder / "clock")},
            **more,
        )

    def start(self, name: str) -> None:
        words = ["web", str(self.port)] if name == "web" else [name]
        with (self.folder / f"{name}.log").open("ab") as log:
            self._processes[name] = subprocess.Popen(
                [sys.executable, "-m", "tests.browser.shifted", *words],
                cwd=ROOT,
                env=self.env(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                preexec_fn=die_with(os.getpid(), signal.SIGTERM),  # noqa: PLW1509  # one call
            )

    def stop(self, name: str, how: signal.Signals = signal.SIGTERM) -> None:
        process = self._processes.pop(name)
        process.send_signal(how)
        try:
            process.wait(8)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def wait_ready(self) -> None:
        end = time.monotonic() + READY_S
        while time.monotonic() < end:
            try:
                if self.ask("GET", "/readyz")[0] == 200:
                    return
            except OSError:
                pass
            assert self._processes["web"].poll() is None, self.log("web")
            time.sleep(0.1)
        raise AssertionError(f"the web does not come up: {self.log('web')}")

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text(errors="replace")[-4000:]

    def close(self) -> None:
        for name in list(self._processes):
            self.stop(name)
        self.simulator.stop()
        with psycopg.connect(
            self.lived.cluster.dsn("superuser", "postgres"), autocommit=True
        ) as link:
            link.execute(f'drop database "{self.database}" with (force)'.encode())

    # -- as a program -------------------------------------------------------------------------

    def ask(
        self,
        method: str,
        path: str,
        form: dict[str, str] | None = None,
        cookies: dict[str, str] | None = None,
        headers: dict[str, str] | None = None,
    ) -> tuple[int, http.client.HTTPMessage, str]:
        """One plain request, as any program would make it."""
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        sent = {"Origin": self.url, **(headers or {})}
        if cookies:
            sent["Cookie"] = "; ".join(f"{key}={value}" for key, value in cookies.items())
        if form is not None:
            sent["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            body = urlencode(form) if form is not None else None
            link.request(method, path, body, sent)
            answer = link.getresponse()
            return answer.status, answer.headers, answer.read().decode(errors="replace")
        finally:
            link.close()

    def sign_in(self, who: str) -> dict[str, str]:
        """A session of their own through the product's form: its cookies."""
        _, headers, page = self.ask("GET", "/sign-in/")
        jar = _cookies(headers)
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        assert token is not None, page
        form = {
            "login": self.lived.emails[who],
            "password": self.lived.passwords[who],
            "csrfmiddlewaretoken": token[1],
        }
        agent = {"User-Agent": "Mozilla/5.0 (Windows NT 10.0) Chrome/150"}
        status, headers, said = self.ask("POST", "/sign-in/", form, jar, agent)
        assert status == 302, (status, said)
        return jar | _cookies(headers)

    def cookie(self, who: str) -> list[Any]:
        """The same for a browser; one session a member, kept for the house."""
        if who not in self._cookies:
            self._cookies[who] = self.sign_in(who)
        jar = self._cookies[who]
        return [{"name": key, "value": value, "url": self.url} for key, value in jar.items()]

    def forget(self, who: str) -> None:
        """Their session was ended; the next page of theirs signs in anew."""
        self._cookies.pop(who, None)

    # -- the customers' side ------------------------------------------------------------------

    def customer_says(self, number: str, body: str, line: str = SALES) -> None:
        said = {"from": number, "to": line, "body": body}
        told = self.simulator.post("/sim/inbound", said)
        assert told["webhook_status"] in {200, 204}, told

    def outbox(self, number: str) -> list[str]:
        """The words that reached the carrier for a customer, oldest first."""
        return [one["body"] for one in self.simulator.outbox(number)]


def _cookies(headers: http.client.HTTPMessage) -> dict[str, str]:
    jar: dict[str, str] = {}
    for given in headers.get_all("Set-Cookie") or ():
        jar |= {key: morsel.value for key, morsel in SimpleCookie(given).items()}
    return jar
