"""`lotline up` starts all of it, minds it, and leaves nothing behind however it ends."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.conftest import temporary_dir

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc to count processes")


@pytest.fixture
def data() -> Iterator[Path]:
    with temporary_dir() as place:
        yield place


def _two_free_ports() -> int:
    while True:
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port: int = first.getsockname()[1]
            try:
                second.bind(("127.0.0.1", port + 1))
            except (OSError, OverflowError):
                continue
            return port


def _start(data: Path, port: int, said: str = "said") -> subprocess.Popen[bytes]:
    words = ["up", "--port", str(port), "--data", str(data), "--no-demo"]
    env = {name: value for name, value in os.environ.items() if not name.startswith("DATABASE_")}
    with (data / said).open("wb") as sink:
        return subprocess.Popen(
            [sys.executable, "-m", "lotline.config.entry", *words],
            cwd=ROOT,
            env=env,
            stdout=sink,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


@contextmanager
def _running(data: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    house = _start(data, port)
    try:
        _wait(lambda: _answers(port) or house.poll() is not None, "ready", 60)
        assert house.poll() is None, (data / "said").read_text()
        yield house
    finally:
        house.kill()
        house.wait()
        _wait(lambda: not _processes_of(data), "end of what is left")


def _answers(port: int) -> bool:
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        link.request("GET", "/healthz")
        return link.getresponse().status == http.client.OK
    except OSError:
        return False
    finally:
        link.close()


def _wait(true: object, what: str, seconds: float = 15) -> None:
    assert callable(true)
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, f"no {what} within {seconds} s"
        time.sleep(0.05)


def _processes_of(data: Path) -> dict[int, str]:
    """Every live process that names this data directory in its words or its environment."""
    found = {}
    for proc in Path("/proc").iterdir():
        if not proc.name.isdigit() or int(proc.name) == os.getpid():
            continue
        try:
            words = (proc / "cmdline").read_bytes()
            known = words + (proc / "environ").read_bytes()
            state = (proc / "stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            continue
        if str(data).encode() in known and state not in {"Z", "X"}:
            found[int(proc.name)] = words.replace(b"\0", b" ").decode(errors="replace")
    return found


def _child(data: Path, word: str) -> int:
    found = [pid for pid, words in _processes_of(data).items() if word in words]
    assert found, f"no process with {word!r} in {_processes_of(data)}"
    return min(found)


def _farewell(house: subprocess.Popen[bytes], data: Path, said: int) -> None:
    assert len(_processes_of(data)) > 4, "guards the count itself"
    house.send_signal(said)
    assert house.wait(10) == 0
    assert _processes_of(data) == {}


def test_ctrl_c_ends_everything_within_ten_seconds(data: Path) -> None:
    with _running(data, _two_free_ports()) as house:
        _farewell(house, data, signal.SIGINT)


def test_kill_9_leaves_nobody_and_the_next_start_is_whole(data: Path) -> None:
    port = _two_free_ports()
    with _running(data, port) as house:
        house.kill()
        house.wait()
        _wait(lambda: not _processes_of(data), "end of the orphans")
    with _running(data, port) as again:
        _farewell(again, data, signal.SIGHUP)


def test_whatever_is_killed_comes_back(data: Path) -> None:
    port = _two_free_ports()
    with _running(data, port) as house:
        for word in ("lotline.config.worker", "simulator", "uvicorn", "pgdata"):
            victim = _child(data, word)
            os.kill(victim, signal.SIGKILL)
            _wait(lambda v=victim: v not in _processes_of(data), f"death of {word}")
            _wait(
                lambda w=word: any(w in words for words in _processes_of(data).values()),
                f"return of {word}",
            )
        _wait(lambda: _answers(port), "health", 30)
        _farewell(house, data, signal.SIGTERM)


def test_a_second_up_on_the_same_data_is_refused_in_words(data: Path) -> None:
    with _running(data, _two_free_ports()):
        second = _start(data, _two_free_ports(), "second")
        assert second.wait(30) == 2
        said = (data / "second").read_text()
        assert "already runs" in said
        assert "--data" in said


def test_a_taken_port_is_refused_in_words(data: Path) -> None:
    port = _two_free_ports()
    with socket.socket() as stranger:
        stranger.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        stranger.bind(("127.0.0.1", port + 1))
        stranger.listen()
        house = _start(data, port)
        assert house.wait(30) == 2
    said = (data / "said").read_text()
    assert f"port {port + 1}" in said
    assert "--port" in said
