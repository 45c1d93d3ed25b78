"""`lotline up` on a house that is there already: until it answers, and what it holds idle.

The house is the demo: one that nobody has set up yet is made ready anew at each start.

Memory is that of the web and the worker: their own pages, and their share of those they share.
"""

from __future__ import annotations

import contextlib
import http.client
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from lotline.config.bench.figures import Asked, Bench, Goal
from lotline.config.bench.house import free_port
from lotline.config.bench.processes import children_of, memory_mb
from lotline.config.processes import CannotStart, die_with

READY_MAX_S = 120.0
IDLE_S = 3.0
_MEASURED = ("lotline.config.worker", "lotline.config.asgi")


def measure(asked: Asked) -> list[dict[str, float]]:
    """The first start makes everything and is not counted."""
    place = Path(tempfile.mkdtemp(prefix="lotline-bench-"))
    place.chmod(0o711)
    try:
        port = (
            free_port()
        )  # the same each time: called by another address, a house is made ready anew
        with _running(place, port):
            pass
        return [_one_round(place, port) for _ in range(asked.rounds)]
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _one_round(place: Path, port: int) -> dict[str, float]:
    with _running(place, port) as (process, took_s):
        threading.Event().wait(IDLE_S)
        held = sum(memory_mb(pid) for pid in children_of(process.pid) if _is_measured(pid))
    return {"value": took_s, "MB of web and worker": held}


@contextlib.contextmanager
def _running(place: Path, port: int) -> Iterator[tuple[subprocess.Popen[bytes], float]]:
    words = ["up", "--port", str(port), "--data", str(place)]
    given = {n: v for n, v in os.environ.items() if not n.startswith(("LOTLINE_", "DATABASE_"))}
    began = time.monotonic()
    process = subprocess.Popen(  # noqa: S603  # our own program
        [sys.executable, "-m", "lotline.config.entry", *words],
        env=given,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        preexec_fn=die_with(os.getpid(), signal.SIGTERM),  # noqa: PLW1509  # only asks the kernel
    )
    try:
        while not _answers(port):
            if process.poll() is not None or time.monotonic() - began > READY_MAX_S:
                raise CannotStart("lotline up did not start")
            threading.Event().wait(0.02)
        yield process, time.monotonic() - began
    finally:
        process.terminate()
        process.wait(20)


def _answers(port: int) -> bool:
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        link.request("GET", "/healthz")
        return link.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        link.close()


def _is_measured(pid: int) -> bool:
    try:
        said = Path(f"/proc/{pid}/cmdline").read_bytes().decode("utf-8", "replace")
    except OSError:
        return False
    return any(name in said for name in _MEASURED)


BENCH = Bench(
    name="start",
    place=70,
    says="`lotline up` again on what is there, to the first answer; memory idle",
    unit="s to ready",
    goals=(Goal("value", at_most=3.0), Goal("MB of web and worker", at_most=250.0)),
    measure=measure,
)
