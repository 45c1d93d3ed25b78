"""Ten thousand lives over the core: invented clock, store in memory.

`LOTLINE_SIM_FROM=70000 LOTLINE_SIM_SEEDS=50000` runs others. A failure names its seed;
`python -m tests.sim --seed N` tells its story in both rings.
"""

from __future__ import annotations

import os

import pytest

from tests.sim.runs import Tally, live_in_memory

# Seeds that broke a promise once, each since mended: `docs/testing.md` tells how.
TOLD = (1312, 3699, 3958, 9092, 14946, 33124, 107393, 204001178)
FIRST = int(os.environ.get("LOTLINE_SIM_FROM", "0"))
COUNT = int(os.environ.get("LOTLINE_SIM_SEEDS", "10000"))
PARTS = 4


@pytest.mark.parametrize("seed", TOLD)
def test_a_life_that_once_broke_a_promise(seed: int) -> None:
    live_in_memory(seed, 60)


@pytest.mark.parametrize("part", range(PARTS))
def test_lives_over_the_core(part: int) -> None:
    tally = Tally()
    for seed in range(FIRST + part, FIRST + COUNT, PARTS):
        tally.add(live_in_memory(seed))
    # Guards the workload: each kind of trouble did happen.
    assert tally.offered > tally.lives
    for word in ("no answer", "died", "erased", "receipt", "looked for", "undone", "not taken"):
        assert tally.words[word] > tally.lives // 50, word
