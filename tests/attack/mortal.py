"""A house whose parts can be killed: PostgreSQL, web, worker and simulator as real processes.

The small town of `tests.town`, over a server of its own that may die, with sessions that members
use over real HTTP. Whoever kills a part starts it again, as `lotline up` does.

Not here: who kills what and when, what must hold afterwards (`promises`).
"""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import psycopg
from django.conf import settings

from lotline.config.cluster import DATABASE, Cluster
from lotline.store.carrier_accounts import CarrierAccount, record_carrier_account
from lotline.store.migrate import migrate
from tests.browser.house import OPENS_AT, ROOT, TestClock, environment, free_port
from tests.conftest import Database
from tests.peers.running import TOKEN, SimulatorProcess
from tests.peers.whole import register
from tests.town import ACCOUNT
from tests.web.site import Running, Site, a_site

CSRF = "k" * 32
READY_S = 150.0
CARRIER_AWAY_S = 30.0


@dataclass
class Mortal:
    """The parts, and the ways to use and to kill them."""

    folder: Path
    database: Database
    site: Site
    simulator: SimulatorProcess
    port: int
    cookies: dict[str, str] = field(default_factory=dict)
    _processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def carrier_url(self) -> str:
        """Where the carrier is, as those who call it see it."""
        return self.simulator.url

    # -- living and dying -----------------------------------------------------------------------

    def start(self, name: str) -> None:
        with (self.folder / f"{name}.log").open("ab") as log:
            self._processes[name] = subprocess.Popen(
                self.command(name),
                cwd=ROOT,
                env=self.environment(name),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def command(self, name: str) -> list[str]:
        words = ["web", str(self.port)] if name == "web" else [name]
        return [sys.executable, "-m", "tests.attack.quick", *words]

    def environment(self, name: str) -> dict[str, str]:
        return environment(
            self.database.cluster,
            self.database.name,
            self.folder,
            LOTLINE_URL=self.url,
            LOTLINE_DEMO="no",
            LOTLINE_ROOT_KEY_FILE=str(self.folder / "root.key"),
            LOTLINE_SECRET_KEY_FILE=str(self.folder / "secret"),
        )

    def kill(self, name: str) -> None:
        """As the kernel does when memory is short; nothing is finished, nothing is said."""
        if name == "server":
            pid = self.database.cluster.pid
            assert pid is not None
            os.kill(pid, signal.SIGKILL)
        elif name == "backend":
            self._kill_a_backend()
        else:
            process = self._processes[name]
            process.kill()
            process.wait()

    def revive(self, name: str) -> None:
        if name == "server":
            cluster = self.database.cluster
            end = time.monotonic() + 10
            while not cluster.exited() and time.monotonic() < end:
                time.sleep(0.02)
            cluster.revive()
        elif name != "backend":
            self.start(name)

    def mind(self) -> None:
        """Whatever ended by itself is started again, as the supervisor would."""
        for name, process in list(self._processes.items()):
            if process.poll() is not None:
                self.start(name)

    def _kill_a_backend(self) -> None:
        """One connection's process: the server then ends every other one, and recovers."""
        try:
            with psycopg.connect(self.database.dsn("superuser"), autocommit=True) as link:
                row = link.execute(
                    "select pid from pg_stat_activity where datname = current_database()"
                    " and pid <> pg_backend_pid() and backend_type = 'client backend'"
                    " order by random() limit 1"
                ).fetchone()
                if row is not None:
                    os.kill(row[0], signal.SIGKILL)
        except psycopg.Error:
            return  # it is down already

    def wait_ready(self) -> None:
        end = time.monotonic() + READY_S
        while time.monotonic() < end:
            self.mind()
            try:
                if self.ask("GET", "/readyz")[0] == 200:
                    return
            except (OSError, http.client.HTTPException):
                pass
            time.sleep(0.1)
        raise AssertionError(f"the web does not come up: {self.log('web')}")

    def close(self) -> None:
        for process in self._processes.values():
            process.terminate()
        for process in self._processes.values():
            try:
                process.wait(8)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text(errors="replace")

    # -- using ----------------------------------------------------------------------------------

    def ask(
        self,
        method: str,
        path: str,
        form: dict[str, str] | None = None,
        *,
        who: str = "",
        headers: dict[str, str] | None = None,
    ) -> tuple[int, dict[str, str], str]:
        """One request over a connection of its own."""
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        sent = {"Origin": self.url, **(headers or {})}
        if who:
            sent["Cookie"] = f"{settings.SESSION_COOKIE_NAME}={self.cookies[who]}; csrftoken={CSRF}"
        body = None
        if form is not None:
            sent["Content-Type"] = "application/x-www-form-urlencoded"
            body = urlencode({**form, "csrfmiddlewaretoken": CSRF})
        try:
            link.request(method, path, body, sent)
            answer = link.getresponse()
            said = answer.read().decode(errors="replace")
            return answer.status, {name.lower(): value for name, value in answer.getheaders()}, said
        finally:
            link.close()

    def carrier(self, method: str, path: str, said: object = None) -> Any:
        """The simulator, for many threads at once; asked again while it is away."""
        end = time.monotonic() + CARRIER_AWAY_S
        while True:
            try:
                return self._carrier(method, path, said)
            except (OSError, http.client.HTTPException):
                if time.monotonic() > end:
                    raise
                time.sleep(0.1)

    def _carrier(self, method: str, path: str, said: object) -> Any:
        host = self.simulator.url.removeprefix("http://")
        link = http.client.HTTPConnection(host, timeout=60)
        try:
            link.request(method, path, None if said is None else json.dumps(said))
            answer = link.getresponse()
            body = answer.read()
            assert answer.status == 200, body
            return json.loads(body)
        finally:
            link.close()

    def outbox(self, phone: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.carrier("GET", f"/sim/outbox?to={quote(phone)}")
        return found

    def rows(self, sql: str, *params: Any) -> list[Any]:
        with psycopg.connect(self.database.dsn("superuser")) as link:
            return link.execute(sql.encode(), params).fetchall()


@contextmanager
def mortal_house(
    folder: Path,
    seed: int,
    carrier: Path | None = None,
    kind: Callable[[Path, Database, Site, SimulatorProcess, int], Mortal] = Mortal,
) -> Iterator[Mortal]:
    """All of it runs until the block ends. With a folder the carrier survives its own death."""
    cluster = Cluster.start(folder)
    try:
        migrate(cluster.dsn("owner"))
        database = Database(cluster, DATABASE)
        TestClock(folder / "clock").move_to(OPENS_AT)
        (folder / "secret").write_text(settings.SECRET_KEY)
        simulator = SimulatorProcess(carrier, seed)
        try:
            with a_site(database, folder, clock=Running(OPENS_AT)) as site:
                house = kind(folder, database, site, simulator, free_port())
                _furnish(house)
                try:
                    house.start("web")
                    house.start("worker")
                    house.wait_ready()
                    yield house
                finally:
                    house.close()
                    site.house.close()
                    simulator = house.simulator
        finally:
            simulator.stop()
    finally:
        cluster.stop()


def _furnish(house: Mortal) -> None:
    """Sessions, and an account at the carrier that brings us everything."""
    town = house.site.town
    for who in ("ada", "mo", "ben"):
        client = house.site.client(who)
        house.cookies[who] = client.cookies[settings.SESSION_COOKIE_NAME].value
    ctx = house.site.house.ctx
    with ctx.db.transaction(town.group_id) as tx:
        account = CarrierAccount("twilio", ACCOUNT, house.carrier_url, {"auth_tokens": [TOKEN]})
        record_carrier_account(tx, account, ctx.now())
    register(house.simulator, house.url)
