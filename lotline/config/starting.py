"""How long a start takes and what it then holds: `lotline up` itself, on a directory of its own.

A first start makes everything ready and is thrown away; those that follow are warm.

Not here: printing it beside a limit (`bench`).
"""

from __future__ import annotations

import http.client
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from lotline.config.prepared import forget_prepared
from lotline.config.processes import CannotStart

LONGEST_S = 180.0
SETTLED_S = 2.0  # what is loaded late is loaded by then

_pause = threading.Event()  # never set: a wait and nothing else


@dataclass(frozen=True, slots=True)
class Started:
    """One start: seconds to the first answer, and the memory of web and worker when idle."""

    ready_s: float
    memory_mb: float | None  # None where the system does not tell


def measure_starts(data: Path, port: int, rounds: int, *, anew: bool = False) -> list[Started]:
    """So many starts with the demo town, after one that is not counted: it makes the town.

    `anew`: each makes everything ready once more, as the first after an upgrade does.
    """
    _start(data, port)
    started = []
    for _ in range(rounds):
        if anew:
            forget_prepared(data)
        started.append(_start(data, port))
    return started


def _start(data: Path, port: int) -> Started:
    words = ["up", "--data", str(data), "--port", str(port)]
    began = time.monotonic()
    house = subprocess.Popen(  # noqa: S603  # this very program, with our words
        [sys.executable, "-m", "lotline.config.entry", *words],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        stdin=subprocess.DEVNULL,
    )
    try:
        while not _answers(port):
            if house.poll() is not None or time.monotonic() - began > LONGEST_S:
                raise CannotStart("it did not start; `lotline up` by hand says why")
            _pause.wait(0.02)
        ready_s = time.monotonic() - began
        _pause.wait(SETTLED_S)
        return Started(ready_s, _memory_mb(house.pid))
    finally:
        house.send_signal(signal.SIGINT)
        try:
            house.wait(20)
        except subprocess.TimeoutExpired:
            house.kill()
            house.wait()


def _answers(port: int) -> bool:
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        link.request("GET", "/healthz")
        return link.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        link.close()


def _memory_mb(parent: int) -> float | None:
    """Of web and worker together, pages that several share counted in parts."""
    if sys.platform != "linux":
        return None
    total = 0
    for place in Path("/proc").iterdir():
        if not place.name.isdecimal():
            continue
        try:
            if f"\nPPid:\t{parent}\n" not in (place / "status").read_text():
                continue
            words = (place / "cmdline").read_bytes().split(b"\0")
            if b"uvicorn" in words or b"lotline.config.worker" in words:
                rolled = (place / "smaps_rollup").read_text().splitlines()
                total += next(int(line.split()[1]) for line in rolled if line.startswith("Pss:"))
        except OSError:
            continue
    return total / 1024


def main() -> int:
    """By hand: `python -m lotline.config.starting DIR PORT [anew]`."""
    data, port, anew = Path(sys.argv[1]), int(sys.argv[2]), "anew" in sys.argv
    for one in measure_starts(data, port, 5, anew=anew):
        memory = "" if one.memory_mb is None else f", {one.memory_mb:.0f} MB"
        print(f"{one.ready_s:.2f} s{memory}", flush=True)
    return os.EX_OK


if __name__ == "__main__":
    sys.exit(main())
