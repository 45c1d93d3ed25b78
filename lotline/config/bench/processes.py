"""What processes cost: CPU seconds, threads included, and memory that is their own.

A database's backends come and go, so those that ended count through their parent.

Not here: starting processes (`house`).
"""

from __future__ import annotations

import os
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


def cpu_of(pid: int) -> float:
    """Seconds of one process and of its children that ended."""
    spent = _times(pid)
    return 0.0 if spent is None else sum(spent)


def busy_s(pid: int) -> float:
    """Seconds on a core, to the nanosecond, of a process with one thread."""
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9


def cpu_of_family(pid: int) -> float:
    """Seconds of a process, of its living children, and of those that ended."""
    total = cpu_of(pid)
    for child in children_of(pid):
        spent = _times(child)
        total += 0.0 if spent is None else sum(spent[:2])
    return total


def children_of(pid: int) -> list[int]:
    """The living children of a process."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                rest = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(rest[1]) == pid:
                found.append(int(entry.name))
    return found


def memory_mb(pid: int) -> float:
    """What would be free again without it: its own pages and its share of those it shares."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    return 0.0


def _times(pid: int) -> tuple[float, float, float, float] | None:
    try:
        rest = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    user, system, ended_user, ended_system = (int(part) / _TICKS for part in rest[11:15])
    return user, system, ended_user, ended_system
