"""`lotline up`: database, web, worker and simulator as children of one process that minds them.

A child that dies is started again, a little later each time. Ctrl-C, SIGTERM and SIGHUP stop all
of it within ten seconds; `kill -9` of this process ends the children too, by the kernel's hand.
One data directory is run by one `up` at a time.

Not here: what the children do; running them apart, each by a service manager (docs/operating).
"""

from __future__ import annotations

import argparse
import contextlib
import errno
import fcntl
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from lotline.config.cluster import Cluster
from lotline.config.databases import known_dsns
from lotline.config.prepared import may_be_prepared, record_prepared, still_prepared
from lotline.config.processes import CannotStart, die_with
from lotline.config.settings import DEFAULT_PORT, load_settings

STOP_MAX_S = 6.0  # then killed, so that all is over within ten
READY_MAX_S = 120.0
STEADY_S = 30.0  # a child that lived so long may start again at once
BACKOFF_MAX_S = 30.0
EARLY_DEATHS_MAX = 3  # before it was ever ready: say why, instead of trying for ever
PORT_WAIT_S = 4.0
LOG_SIZE_MAX = 20_000_000


@dataclass(slots=True)
class Child:
    """One program, its log, and when it may start again after a death."""

    name: str
    command: list[str]
    env: dict[str, str]
    log: Path
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    start_after: float = 0.0
    deaths: int = field(default=0)

    def start(self) -> None:
        if self.log.exists() and self.log.stat().st_size > LOG_SIZE_MAX:
            self.log.replace(self.log.with_suffix(".log.old"))
        descriptor = os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(descriptor, "ab") as sink:
            self.process = subprocess.Popen(
                self.command,
                env=self.env,
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # a Ctrl-C in the terminal is for us to hand on
                preexec_fn=die_with(os.getpid(), signal.SIGTERM),
            )
        self.started_at = time.monotonic()

    def mind(self) -> bool:
        """Start it when it is due; True when it has just died."""
        now = time.monotonic()
        if self.process is None:
            if now >= self.start_after:
                self.start()
            return False
        if self.process.poll() is None:
            return False
        self.deaths = 1 if now - self.started_at > STEADY_S else self.deaths + 1
        self.start_after = now + min(BACKOFF_MAX_S, 0.5 * 2 ** (self.deaths - 1))
        said = f"{self.name} ended by itself ({self.process.returncode}); starting it again"
        print(f"lotline: {said}. Its log: {self.log}", file=sys.stderr, flush=True)
        self.process = None
        return True

    def last_words(self) -> str:
        try:
            return "\n".join(self.log.read_text(errors="replace").splitlines()[-15:])
        except OSError:
            return ""


class House:
    """Everything that `up` runs, in the order in which it is started."""

    def __init__(self, asked: argparse.Namespace) -> None:
        self.host: str = asked.host
        self.port: int = asked.port
        self.data: Path = asked.data
        self.demo = not asked.no_demo
        self.opening = False
        self.leaving = False
        self.ready = False
        self.cluster: Cluster | None = None
        self.children: list[Child] = []
        self.url = f"http://{_shown(self.host)}:{self.port}"
        self.simulator_url = f"http://127.0.0.1:{self.port + 1}"

    def environment(self) -> dict[str, str]:
        given = {"LOTLINE_URL": self.url} | os.environ  # behind a proxy, the owner knows better
        return given | {
            "LOTLINE_DATA": str(self.data),
            "LOTLINE_SIMULATOR_URL": self.simulator_url,
            "LOTLINE_DEMO": "yes" if self.demo else "no",
            "PYTHONUNBUFFERED": "1",
        }

    def open(self) -> None:
        """What was made ready by this version before is started beside its database at once: the
        programs wait for it by themselves. Else it is made ready first.
        """
        settings = load_settings(self.environment())
        early = may_be_prepared(settings)
        if early:
            self.start_programs()
        if not settings.database_url:
            self.cluster = Cluster.start(self.data, take_over=True)
        owner = known_dsns(settings).owner
        if early and still_prepared(settings, owner):
            return
        self.stop_programs()
        self.prepare()
        record_prepared(settings, owner)
        self.start_programs()

    def start_programs(self) -> None:
        logs = self.data / "log"
        logs.mkdir(mode=0o700, exist_ok=True)
        programs = {  # the web first: it has the most to load
            "web": [
                *("uvicorn", "lotline.config.asgi:app", "--host", self.host),
                *("--port", str(self.port), "--timeout-graceful-shutdown", "3"),
                *("--no-access-log", "--no-server-header", "--log-level", "warning"),
            ],
            "worker": ["lotline.config.worker"],
            "simulator": [
                *("simulator", "--port", str(self.port + 1)),
                *("--data", str(self.data / "simulator")),
            ],
        }
        for name, words in programs.items():
            command = [sys.executable, "-m", *words]
            child = Child(name, command, self.environment(), logs / f"{name}.log")
            child.start()
            self.children.append(child)

    def prepare(self) -> None:
        """In a process of its own: what it loads is not needed afterwards."""
        command = [sys.executable, "-m", "lotline.config.entry", "prepare"]
        step = subprocess.run(
            [*command, "--demo"] if self.demo else command,
            check=False,
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=die_with(os.getpid(), signal.SIGTERM),
        )
        if step.returncode != 0:
            raise CannotStart("the database could not be made ready; the reason is above")

    def mind(self) -> None:
        if self.cluster is not None and self.cluster.exited():
            print("lotline: the database ended by itself; starting it again", file=sys.stderr)
            self.cluster.revive()
        for child in self.children:
            if child.mind() and not self.ready and child.deaths >= EARLY_DEATHS_MAX:
                raise CannotStart(f"{child.name} does not start. It said:\n{child.last_words()}")

    def close(self) -> None:
        """The programs first, then what they stand on."""
        self.stop_programs()
        if self.cluster is not None:
            self.cluster.stop()

    def stop_programs(self) -> None:
        """Ask all at once, wait for all together, and leave nobody behind."""
        alive = [c.process for c in self.children if c.process and c.process.poll() is None]
        for process in alive:
            process.terminate()
        end = time.monotonic() + STOP_MAX_S
        for process in alive:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(max(0.0, end - time.monotonic()))
        for process in alive:
            if process.poll() is None:
                process.kill()
                process.wait()
        self.children = []

    def is_healthy(self) -> bool:
        link = http.client.HTTPConnection(_shown(self.host).strip("[]"), self.port, timeout=2)
        try:
            link.request("GET", "/healthz")
            return link.getresponse().status == http.client.OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            link.close()


def run(words: list[str]) -> int:
    begun = time.monotonic()
    asked = _arguments(words)
    asked.data.mkdir(mode=0o711, parents=True, exist_ok=True)
    house = House(asked)

    def leave(*_: object) -> None:
        house.leaving = True
        if house.opening:
            raise KeyboardInterrupt  # a recovery or a seeding is not waited for

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, leave)
    with _only_one(asked.data):
        for port in (asked.port, asked.port + 1):
            _refuse_taken(asked.host if port == asked.port else "127.0.0.1", port)
        try:
            house.opening = True
            house.open()
            house.opening = False
            _live(house, begun)
        except KeyboardInterrupt:
            pass  # asked to leave while opening
        finally:
            house.opening = False
            house.close()
    print("lotline: stopped", flush=True)
    return 0


def _live(house: House, begun: float) -> None:
    started = time.monotonic()  # making the town took its own time
    while not house.leaving:
        house.mind()
        if not house.ready and house.is_healthy():
            house.ready = True
            print(_welcome(house, time.monotonic() - begun), flush=True)
        if not house.ready and time.monotonic() - started > READY_MAX_S:
            said = "\n".join(child.last_words() for child in house.children)
            raise CannotStart(f"not ready after {READY_MAX_S:.0f} s. The programs said:\n{said}")
        time.sleep(0.1)


def _welcome(house: House, took_s: float) -> str:
    lines = [f"Lotline is ready after {took_s:.1f} s:  {house.url}"]
    told = house.data / "demo.json"
    if house.demo and told.exists():
        lines.append(f"The customers' phones:        {house.simulator_url}/sim/phones")
        members = json.loads(told.read_text(encoding="utf-8"))["members"]
        lines += [f"  {m['role']:<8} {m['email']}   {m['password']}" for m in members]
    setup = house.data / "setup.json"
    if setup.exists():
        link = json.loads(setup.read_text(encoding="utf-8"))["url"]
        lines.append(f"Set up your company, once:    {link}")
    lines.append(f"Data and logs: {house.data}   Ctrl-C stops everything.")
    return "\n".join(lines)


def _arguments(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser("lotline up", description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "--port", type=int, default=DEFAULT_PORT, help="the simulator takes the next"
    )
    parser.add_argument("--host", default="127.0.0.1", help="0.0.0.0 to be reached from elsewhere")
    chosen = load_settings().data
    parser.add_argument("--data", type=Path, default=chosen, help="where everything is kept")
    parser.add_argument("--no-demo", action="store_true", help="without the invented town")
    asked = parser.parse_args(words)
    if not 0 < asked.port < 65535:
        parser.error("--port must be between 1 and 65534: the simulator takes the next one")
    asked.data = asked.data.expanduser().resolve()
    return asked


@contextlib.contextmanager
def _only_one(data: Path) -> Iterator[None]:
    with (data / "up.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            who = lock.read().strip() or "unknown"
            raise CannotStart(
                f"Lotline already runs on {data} (process {who}); stop it, or choose another --data"
            ) from None
        lock.truncate(0)
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        yield


def _refuse_taken(host: str, port: int) -> None:
    """A port that an earlier `up` is just leaving is waited for a little."""
    end = time.monotonic() + PORT_WAIT_S
    while True:
        try:
            _bind(host, port)
            return
        except PermissionError:
            raise CannotStart(f"port {port} needs root; choose one above 1023: --port") from None
        except OSError as error:
            if error.errno != errno.EADDRINUSE or time.monotonic() > end:
                raise CannotStart(
                    f"port {port} of {host} cannot be used: {error.strerror}. "
                    "Choose another with --port"
                ) from None
        time.sleep(0.1)


def _bind(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((host, port))


def _shown(host: str) -> str:
    if host in {"0.0.0.0", "::", ""}:  # noqa: S104 - compared, not bound
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host
