"""Replays a seed and tells its story, or lives on for hours.

    python -m tests.sim --seed 4711           one life in memory, told
    python -m tests.sim --real --seed 4711    the same life in the real house
    python -m tests.sim --hours 2             both rings, from a seed on, until the time is over

Exit 1 at the first broken promise, with its seed and its story.
"""

from __future__ import annotations

import argparse
import sys
import time

from tests.sim.life import Life
from tests.sim.memory import Memory
from tests.sim.runs import (
    MOMENTS_IN_MEMORY,
    MOMENTS_OF_THE_REAL,
    Found,
    Tally,
    a_ground,
    live_for_real,
    live_in_memory,
    told,
)

IN_MEMORY_FOR_EACH_REAL = 40
CAUGHT_IN = 24


def main(words: list[str]) -> int:
    asked = argparse.ArgumentParser(prog="python -m tests.sim", description=__doc__)
    asked.add_argument("--seed", type=int, help="with --hours, where to begin")
    asked.add_argument("--real", action="store_true", help="in the real house, on PostgreSQL")
    asked.add_argument("--hours", type=float, help="go on for so long, in both rings")
    asked.add_argument("--until-caught", type=int, help="so many lives from seed 0, for `broken`")
    asked.add_argument("--moments", type=int, help="how much happens in a life")
    given = asked.parse_args(words)
    try:
        if given.until_caught is not None:
            return until_caught(given.until_caught, real=given.real)
        if given.hours is not None:
            soak(given.hours, given.seed or 1_000_000)
        elif given.seed is not None:
            tell(given.seed, real=given.real, moments=given.moments)
        else:
            asked.print_help()
    except Found as found:
        print(found)
        return 1
    return 0


def tell(seed: int, *, real: bool, moments: int | None) -> None:
    """One life, told."""
    if not real:
        life = Life(Memory(seed), seed)
        try:
            life.live(moments or MOMENTS_IN_MEMORY)
        finally:
            print(told(life.story))
        return
    with a_ground() as ground:
        life = live_for_real(ground, seed, moments or MOMENTS_OF_THE_REAL)
        print(told(life.story))


def until_caught(lives: int, *, real: bool) -> int:
    """The first seed that tells, and what it says. What has no seed is of the last one lived."""
    seed = 0
    try:
        if not real:
            for seed in range(lives):
                live_in_memory(seed, CAUGHT_IN)
        else:
            with a_ground() as ground:
                for seed in range(lives):
                    live_for_real(ground, seed, CAUGHT_IN)
                    if seed % 5 == 4:
                        ground.check()
                        ground.lives = 0
    except Found as found:
        print(f"caught by seed {found.seed}: {found.what.splitlines()[0]}")
        return 1
    except AssertionError as found:
        print(f"caught by seed {seed}: {str(found).splitlines()[0]}")
        return 1
    return 0


def soak(hours: float, first: int) -> None:
    """Both rings in turn; a line every minute."""
    began = said = time.monotonic()
    one, two = Tally(), Tally()
    with a_ground() as ground:
        seed = first
        while time.monotonic() - began < hours * 3600:
            two.add(live_for_real(ground, seed, 40))
            for more in range(IN_MEMORY_FOR_EACH_REAL):
                one.add(live_in_memory(seed * IN_MEMORY_FOR_EACH_REAL + more, 60))
            seed += 1
            if time.monotonic() - said > 60:
                said = time.monotonic()
                print(f"{one.lives} lives in memory, {two.lives} real: nothing found", flush=True)
    offered = one.offered + two.offered
    print(
        f"{one.lives} lives in memory and {two.lives} real, seeds from {first}: {offered} texts"
        " at the carrier's door, no promise broken"
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
