"""What can go wrong with a running house, each done for real and then undone.

A strike takes the house, hurts it, waits, and leaves it as a supervisor would put it right. Whether
a promise broke is asked afterwards (`rounds`).

Not here: the wire that is cut (`cut`), who uses the house meanwhile.
"""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from tests.attack.mortal import Mortal
from tests.faults.cut import HOW, Way

Strike = Callable[[Mortal, random.Random], None]
HELD_S = (0.5, 3.0)
CHILDREN = "/proc/{pid}/task/{pid}/children"


@dataclass
class Struck(Mortal):
    """A house whose web and worker reach the database over wires of their own."""

    ways: dict[str, Way] = field(default_factory=dict)

    def environment(self, name: str) -> dict[str, str]:
        there = self.ways[name].urls(self.database) if name in self.ways else {}
        return super().environment(name) | there


def kill_web(house: Mortal, dice: random.Random) -> None:
    _kill(house, "web", dice)


def kill_worker(house: Mortal, dice: random.Random) -> None:
    _kill(house, "worker", dice)


def kill_database(house: Mortal, dice: random.Random) -> None:
    _kill(house, "server", dice)


def kill_a_backend(house: Mortal, dice: random.Random) -> None:
    house.kill("backend")


def kill_simulator(house: Mortal, dice: random.Random) -> None:
    house.simulator = house.simulator.born_again()


def _kill(house: Mortal, name: str, dice: random.Random) -> None:
    house.mind()
    house.kill(name)
    time.sleep(dice.choice([0.0, 0.2, 0.8]))
    house.revive(name)


def restart_database(house: Mortal, dice: random.Random) -> None:
    """As an operator does: everybody is put out, what is whole is written down."""
    pid = house.database.cluster.pid
    assert pid is not None
    os.kill(pid, signal.SIGINT)
    house.revive("server")


def pause_database(house: Mortal, dice: random.Random) -> None:
    """Every process of it stands still, and connections hang instead of failing."""
    pid = house.database.cluster.pid
    assert pid is not None
    stopped = [pid]
    os.kill(pid, signal.SIGSTOP)
    try:
        for child in Path(CHILDREN.format(pid=pid)).read_text().split():
            with suppress(ProcessLookupError):
                os.kill(int(child), signal.SIGSTOP)
                stopped.append(int(child))
        time.sleep(dice.uniform(*HELD_S) * 2)
    finally:
        for one in reversed(stopped):
            with suppress(ProcessLookupError):
                os.kill(one, signal.SIGCONT)


def no_connections(house: Mortal, dice: random.Random) -> None:
    """Somebody has taken every connection, and then the web and the worker need theirs again."""
    with ExitStack() as taken:
        with suppress(psycopg.OperationalError):
            while True:
                taken.enter_context(psycopg.connect(house.database.app))
        house.mind()
        for name in dice.sample(["web", "worker"], dice.choice([1, 2])):
            house.kill(name)
            house.revive(name)
        with suppress(psycopg.OperationalError):
            while True:
                taken.enter_context(psycopg.connect(house.database.app))
        time.sleep(dice.uniform(*HELD_S))


def fill_disk(house: Mortal, dice: random.Random) -> None:
    """Not one byte more on the database's volume, which is a small one of its own."""
    assert os.path.ismount(house.folder), "only where the volume is ours to fill"
    filler = house.folder / "filler"
    with filler.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(1 << 16))
    with filler.open("ab", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(256))
    try:
        time.sleep(dice.uniform(*HELD_S) * 1.5)
    finally:
        filler.unlink()
    if house.database.cluster.exited():
        house.revive("server")


def cut_network(house: Mortal, dice: random.Random) -> None:
    """Between web and database, worker and database, or both; for a moment or until each side gives
    the other up. Sometimes the far end has forgotten every connection when it comes back.
    """
    assert isinstance(house, Struck), "there is a wire to cut"
    names = dice.sample(sorted(house.ways), dice.choice([1, 1, 2]))
    ways = [house.ways[name] for name in names]
    try:
        for way in ways:
            way.cut(dice.choice(HOW))
        time.sleep(dice.uniform(*HELD_S) * dice.choice([1, 2, 7]))
        if dice.random() < 0.4:
            for way in ways:
                way.open()
    finally:
        for way in ways:
            way.heal()


def black_hole(house: Mortal, dice: random.Random) -> None:
    """The carrier takes the call and never answers; sometimes it has taken the text as well."""
    name = dice.choice(["timeout_before", "timeout_after_accept"])
    house.carrier("POST", "/sim/faults", [{"name": name, "count": None, "delay_s": 30}])
    time.sleep(dice.uniform(*HELD_S) * 2)
    house.carrier("POST", "/sim/faults", {"clear": True})


def clock_back(house: Mortal, dice: random.Random) -> None:
    """Somebody sets the clock back, by a moment or by hours, and then right again."""
    path = house.folder / "clock"
    right = path.read_text()
    for shift in (str(float(right) - dice.choice([30, 300, 7200])), right):
        beside = path.with_suffix(".new")
        beside.write_text(shift)
        beside.replace(path)
        time.sleep(dice.uniform(*HELD_S))


STRIKES: dict[str, Strike] = {
    "kill -9 web": kill_web,
    "kill -9 worker": kill_worker,
    "kill -9 database": kill_database,
    "kill -9 one backend": kill_a_backend,
    "kill -9 simulator": kill_simulator,
    "database restarted": restart_database,
    "database paused": pause_database,
    "out of connections": no_connections,
    "disk full": fill_disk,
    "network cut": cut_network,
    "carrier black hole": black_hole,
    "clock set back": clock_back,
}
