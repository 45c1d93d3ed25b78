"""Lives of the product itself: real actions on PostgreSQL, and processes that end at any statement.

`LOTLINE_SIM_REAL=300` runs so many; the suite runs fewer, in its time. A failure names its seed;
`python -m tests.sim --real --seed N` tells its story.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import Database
from tests.sim.ground import Ground
from tests.sim.life import Life
from tests.sim.memory import Memory
from tests.sim.runs import MOMENTS_OF_THE_REAL, Tally, ground_on, live_for_real, told

FIRST = int(os.environ.get("LOTLINE_SIM_FROM", "0"))
COUNT = int(os.environ.get("LOTLINE_SIM_REAL", "60"))
AGREE = 10


@pytest.fixture
def ground(db: Database, tmp_path: Path) -> Iterator[Ground]:
    with ground_on(db, tmp_path) as made:
        yield made


def test_lives_of_the_product(ground: Ground) -> None:
    tally = Tally()
    for seed in range(FIRST, FIRST + COUNT):
        tally.add(live_for_real(ground, seed))
    assert tally.offered > tally.lives // 2


@pytest.mark.slow
def test_three_hundred_lives_of_the_product(ground: Ground) -> None:
    for seed in range(FIRST + COUNT, FIRST + 300):
        live_for_real(ground, seed)


def test_both_rings_tell_the_same_story(ground: Ground) -> None:
    """The store in memory behaves as the real one, or what ring one proves is worth nothing."""
    for seed in range(900, 900 + AGREE):
        real = live_for_real(ground, seed, within=False)
        memory = Life(Memory(seed, real.house.phones), seed)
        memory.live(MOMENTS_OF_THE_REAL)
        assert told(memory.story) == told(real.story), f"seed {seed}"
