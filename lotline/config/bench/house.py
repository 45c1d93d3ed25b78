"""The house that is measured: a durable database of its own and the product's own processes.

The database keeps its promises (fsync, full pages, synchronous commits); the web and the worker
are started as `lotline up` starts them. All of it is thrown away at the end.

Not here: who lives in it (`town`), who calls at its doors (`wire`).
"""

from __future__ import annotations

import contextlib
import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg

from lotline.config.bench.processes import cpu_of, cpu_of_family
from lotline.config.bench.town import Town, found_town
from lotline.config.cluster import Cluster
from lotline.config.processes import CannotStart, die_with
from lotline.config.settings import Settings, load_settings
from lotline.config.wiring import build_context

if TYPE_CHECKING:
    from lotline.actions.context import Context

READY_MAX_S = 60.0
STOP_MAX_S = 10.0


@dataclass
class House:
    """A running house. `web` and `worker` are there once they were started."""

    data: Path
    port: int
    cluster: Cluster
    settings: Settings
    env: dict[str, str]
    ctx: Context
    town: Town
    profile: bool = False
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start_web(self) -> float:
        """Started and answering; how long that took."""
        words = [
            *("uvicorn", "lotline.config.asgi:app", "--host", "127.0.0.1"),
            *("--port", str(self.port), "--timeout-graceful-shutdown", "3"),
            *("--no-access-log", "--no-server-header", "--log-level", "warning"),
        ]
        begun = time.monotonic()
        self.start("web", words)
        while not self._answers():
            if time.monotonic() - begun > READY_MAX_S:
                raise CannotStart(f"the web did not start:\n{self._said('web')}")
            _pause(0.01)
        return time.monotonic() - begun

    def start(self, name: str, words: list[str]) -> None:
        """A program of the product, or one of the bench's beside it."""
        runner = ["-m", "lotline.config.bench.sampled", str(self.report_of(name))]
        sampled = self.profile and name in {"web", "worker"}
        command = [sys.executable, *(runner if sampled else ["-m"]), *words]
        with (self.data / f"{name}.log").open("ab") as sink:
            self.processes[name] = subprocess.Popen(  # noqa: S603  # our own programs
                command,
                env=self.env,
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=die_with(os.getpid(), signal.SIGTERM),  # noqa: PLW1509  # only asks the kernel
            )

    def stop(self, name: str) -> None:
        process = self.processes.pop(name, None)
        if process is None:
            return
        process.terminate()
        try:
            process.wait(STOP_MAX_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def cpu(self, *names: str) -> float:
        """Seconds that these processes and the database spent so far."""
        assert self.cluster.pid is not None, "the house has its own database"
        spent = cpu_of_family(self.cluster.pid)
        return spent + sum(cpu_of(self.processes[name].pid) for name in names)

    def settle(self) -> None:
        """Statistics and pages in order, so that no round pays for what was filled before it."""
        with psycopg.connect(self.cluster.dsn("superuser"), autocommit=True) as link:
            link.execute("vacuum (analyze)")
            link.execute("checkpoint")

    def configure(self, **settings: str) -> None:
        """Settings of the database, for its life: a slow disk is made in this way."""
        with psycopg.connect(self.cluster.dsn("superuser"), autocommit=True) as link:
            for name, value in settings.items():
                link.execute(f"alter system set {name} = '{value}'".encode())
            link.execute("select pg_reload_conf()")

    def count(self, question: str) -> int:
        """A number that the database knows."""
        return int(self.ask(question)[0][0])

    def ask(self, question: str) -> list[tuple[Any, ...]]:
        """Past row-level security: the product has no statement for what a bench must know."""
        with psycopg.connect(self.cluster.dsn("superuser")) as link:
            return link.execute(question.encode()).fetchall()

    def report_of(self, name: str) -> Path:
        return self.data / f"{name}.profile"

    def close(self) -> None:
        for name in list(self.processes):
            self.stop(name)
            report = self.report_of(name)
            if report.exists():
                print(f"\n{name}: where the time goes\n{report.read_text(encoding='utf-8')}")
        self.ctx.db.close()

    def _answers(self) -> bool:
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=2)
        try:
            link.request("GET", "/healthz")
            return link.getresponse().status == http.client.OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            link.close()

    def _said(self, name: str) -> str:
        return "\n".join((self.data / f"{name}.log").read_text(errors="replace").splitlines()[-15:])


@contextlib.contextmanager
def opened_house(
    *, customers: int, carrier_url: str = "http://127.0.0.1:9", profile: bool = False
) -> Iterator[House]:
    """A founded company on a fresh database; nothing serves yet."""
    place = Path(tempfile.mkdtemp(prefix="lotline-bench-"))
    place.chmod(0o711)  # the server of a root user runs as somebody else
    try:
        port = free_port()
        given = {name: value for name, value in os.environ.items() if not _is_ours(name)}
        env = given | {
            "LOTLINE_DATA": str(place),
            "LOTLINE_URL": f"http://127.0.0.1:{port}",
            "LOTLINE_LOG_LEVEL": "error",
            "PYTHONUNBUFFERED": "1",
        }
        settings = load_settings(env)
        cluster = Cluster.start(place)
        try:
            _prepare(env)
            ctx = build_context(settings, direct=True, connections=12)
            town = found_town(ctx, carrier_url=carrier_url, customers=customers)
            house = House(place, port, cluster, settings, env, ctx, town, profile)
            house.settle()
            try:
                yield house
            finally:
                house.close()
        finally:
            cluster.stop()
    finally:
        shutil.rmtree(place, ignore_errors=True)


def free_port() -> int:
    """One that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _prepare(env: dict[str, str]) -> None:
    step = subprocess.run(
        [sys.executable, "-m", "lotline.config.entry", "prepare"],
        check=False,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    if step.returncode != 0:
        raise CannotStart("the database of the bench could not be made ready")


def _is_ours(name: str) -> bool:
    return name.startswith(("LOTLINE_", "DATABASE_"))


def _pause(seconds: float) -> None:
    threading.Event().wait(seconds)
