"""`kill -9` of web, worker and database at random moments, while the simulator counts (P1, P3, P4).

Processes as an installation runs them, on a database that survives a power cut. What a customer's
carrier was told 2xx for is stored; what was tapped leaves once at most; after a stop that was
acknowledged nothing leaves.
"""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
import urllib3

from lotline.actions.context import Context
from lotline.actions.submit import submit
from lotline.config.cluster import Cluster
from lotline.config.settings import load_settings
from lotline.config.wiring import build_context
from lotline.store.carrier_accounts import CarrierAccount, record_carrier_account
from lotline.store.database import CONNECT_TIMEOUT_S, Unavailable
from lotline.store.sealed import number_hashes
from tests.browser.shifted import CLOCK_FILE
from tests.conftest import temporary_dir
from tests.peers.running import ROOT, TOKEN, SimulatorProcess, fresh_number
from tests.peers.whole import instant, register
from tests.town import ACCOUNT, LINES, Clock, Ids, Town, build_town

pytestmark = pytest.mark.peers
ROUNDS = int(os.environ.get("LOTLINE_KILL_ROUNDS", "1"))
KILLED = ["web", "worker", "worker", "database", "database"] * ROUNDS


@dataclass
class Site:
    """One installation, its processes, and what it promised."""

    data: Path
    cluster: Cluster
    simulator: SimulatorProcess
    ctx: Context
    town: Town
    env: dict[str, str]
    url: str
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    acknowledged: list[str] = field(default_factory=list)
    stopped: dict[str, float] = field(default_factory=dict)
    tapped: dict[UUID, str] = field(default_factory=dict)

    def start(self, name: str) -> None:
        port = self.url.rpartition(":")[2]
        words = {"web": ["web", port], "worker": ["worker"]}[name]
        with (self.data / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                [sys.executable, "-m", "tests.attack.quick", *words],
                cwd=ROOT,
                env=self.env,
                stdout=log,
                stderr=log,
            )

    def kill(self, name: str) -> None:
        if name == "database":
            self.lose_database()
            time.sleep(0.2)
            self.cluster.revive()
            return
        self.processes[name].kill()
        self.processes[name].wait(10)
        self.start(name)

    def lose_database(self) -> None:
        pid = self.cluster.pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        while not self.cluster.exited():
            time.sleep(0.02)

    def until_ready(self) -> None:
        http = urllib3.PoolManager(retries=False)
        end = time.monotonic() + 60
        while time.monotonic() < end:
            try:
                if http.request("GET", f"{self.url}/readyz", timeout=2).status == 200:
                    return
            except urllib3.exceptions.HTTPError:
                pass
            time.sleep(0.1)
        raise AssertionError((self.data / "web.log").read_text()[-2000:])

    def say(self, phone: str, body: str) -> bool:
        """Whether our 2xx was given."""
        said = {"from": phone, "to": LINES["sales"][2], "body": body}
        answer = self.simulator.post("/sim/inbound", said)
        if answer["webhook_status"] != 200:
            return False
        self.acknowledged.append(answer["sid"])
        return True

    def stop(self, phone: str) -> None:
        if self.say(phone, "STOP"):
            self.stopped[phone] = time.time()

    def tap(self, phone: str, body: str) -> None:
        """As a screen does: the same tap again until it is answered."""
        client_id = self.ctx.new_id()
        for _ in range(60):
            try:
                viewer = self.town.sign_in("ben")
                done = submit(self.ctx, viewer, self.conversation(phone), body, client_id=client_id)
            except (Unavailable, psycopg.Error, LookupError):
                time.sleep(0.2)
                continue
            self.tapped[done.text_id] = phone
            return

    def conversation(self, phone: str) -> UUID:
        with self.ctx.db.transaction(self.town.group_id) as tx:
            known = tx.all("standing.by_number", hashes=number_hashes(tx.keys, phone))
            pair = {"contacts": [known[0].id], "lines": [self.town.lines["sales"]]}
            found: UUID = tx.all("arrivals.conversations", **pair)[0].id
        return found

    def ask(self, sql: str, *params: Any) -> list[Any]:
        with psycopg.connect(self.cluster.dsn("superuser")) as link:
            return link.execute(sql.encode(), params).fetchall()


@pytest.fixture
def site() -> Iterator[Site]:
    with temporary_dir() as data, socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
        free.close()
        env = {**os.environ, "LOTLINE_DATA": str(data), "LOTLINE_URL": url}
        env.pop("DATABASE_URL", None)
        # The product's own processes, with short waits: a minute until what a dead worker was
        # sending is looked for proves nothing that three seconds do not.
        env[CLOCK_FILE] = str(data / "clock")
        (data / "clock").write_text("0")
        cluster = Cluster.start(data)
        simulator = SimulatorProcess(seed=5)
        subprocess.run(
            [sys.executable, "-m", "lotline.config.entry", "prepare"], check=True, cwd=ROOT, env=env
        )
        made = build_context(load_settings(env))
        clock = Clock(datetime.now(UTC))
        town = build_town(replace(made, now=clock, new_id=Ids(clock)), {"policy_required": False})
        town.ctx = ctx = replace(made, settings=replace(made.settings, undo_s=0))
        with ctx.db.transaction(town.group_id) as tx:
            secrets = {"auth_tokens": [TOKEN]}
            account = CarrierAccount("twilio", ACCOUNT, simulator.url, secrets)
            record_carrier_account(tx, account, ctx.now())
        register(simulator, url)
        site = Site(data, cluster, simulator, ctx, town, env, url)
        for name in ("web", "worker"):
            site.start(name)
        try:
            site.until_ready()
            yield site
        finally:
            for process in site.processes.values():
                process.terminate()
            for process in site.processes.values():
                process.wait(20)
            ctx.db.close()
            simulator.stop()
            cluster.stop()


def test_nothing_is_lost_doubled_or_sent_after_a_stop(site: Site) -> None:
    dice = random.Random(3)
    over = threading.Event()

    def customers(seed: int) -> None:
        own = random.Random(seed)
        while not over.is_set():
            phone = fresh_number()
            if not site.say(phone, "Is the truck there?"):
                over.wait(0.1)
                continue
            for n in range(own.randint(1, 2)):
                site.tap(phone, f"It is, number {n}.")
            over.wait(own.random() * 0.3)
            if own.random() < 0.5:
                site.stop(phone)

    threads = [threading.Thread(target=customers, args=(n,)) for n in range(3)]
    for thread in threads:
        thread.start()
    for name in dice.sample(KILLED, len(KILLED)):
        time.sleep(0.5 + dice.random())
        site.kill(name)
        site.until_ready()  # so that there is a life to end, however slow the machine
    over.set()
    for thread in threads:
        thread.join(60)
    settle(site)
    assert len(site.acknowledged) >= 5
    assert len(site.tapped) >= 3
    check(site)


def test_a_process_that_starts_while_the_database_is_away_waits_for_it(site: Site) -> None:
    phone = fresh_number()
    assert site.say(phone, "Is the truck there?")
    site.lose_database()
    for name in ("web", "worker"):
        site.kill(name)
    time.sleep(2 * CONNECT_TIMEOUT_S)
    assert [name for name, one in site.processes.items() if one.poll() is not None] == []
    site.cluster.revive()
    site.until_ready()
    site.tap(phone, "It is.")
    settle(site)
    assert ["It is." in text["body"] for text in site.simulator.outbox(phone)] == [True]
    check(site)


def settle(site: Site) -> None:
    """Until nothing waits any more, or nobody knows of it."""
    end = time.monotonic() + 90
    waiting = "select count(*) from texts where state in ('queued', 'sending')"
    while time.monotonic() < end and site.ask(waiting) != [(0,)]:
        time.sleep(0.5)


def check(site: Site) -> None:
    kept = {row[0] for row in site.ask("select carrier_id from texts where direction = 'in'")}
    assert set(site.acknowledged) <= kept, "P3: a text we said we had is not there"
    states = dict(site.ask("select id, state from texts where direction = 'out'"))
    assert set(site.tapped) <= set(states), "P3: a text that was shown as kept is not there"
    for phone in set(site.tapped.values()):
        took = site.simulator.outbox(phone)
        words = [text["body"] for text in took if "opted out" not in text["body"]]
        assert len(words) == len(set(words)), f"P4: the carrier took one twice: {words}"
        assert len(took) - len(words) <= 1, "a stop was confirmed twice"
        if phone in site.stopped:
            late = [
                text["body"]
                for text in took
                if "opted out" not in text["body"] and instant(text["at"]) > site.stopped[phone]
            ]
            assert late == [], "P1: a text after a stop"
    left = {"accepted", "sent", "delivered"}
    honest = left | {"blocked", "unknown", "failed", "sending"}
    assert {states[one] for one in site.tapped} <= honest
