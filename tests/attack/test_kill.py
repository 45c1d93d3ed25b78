"""`kill -9` of the web, the worker and the database at any moment, while everybody goes on.

`LOTLINE_KILL_SEEDS=3,4,5` and `LOTLINE_KILL_S=120` choose other lives; the seed decides who dies
and when, what is said and what the carrier does, so far as processes let themselves be decided.
"""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import pytest

from tests.attack.life import Life, come_to_rest
from tests.attack.mortal import mortal_house
from tests.attack.promises import every_promise_holds
from tests.conftest import temporary_dir

pytestmark = pytest.mark.peers

SEEDS = [int(one) for one in os.environ.get("LOTLINE_KILL_SEEDS", "7").split(",")]
LONG_SEEDS = [int(one) for one in os.environ.get("LOTLINE_KILL_SEEDS", "1,2,3").split(",")]
SECONDS = float(os.environ.get("LOTLINE_KILL_S", "8"))
LONG_S = float(os.environ.get("LOTLINE_KILL_S", "90"))


def one_life(folder: Path, seed: int, seconds: float) -> None:
    with mortal_house(folder, seed) as house:
        life = Life(house, seed)
        life.begin()
        life.live(seconds)
        come_to_rest(house)
        left = [text for phone in life.phones for text in house.outbox(phone)]
        states = Counter(
            row[0] for row in house.rows("select state from texts where direction = 'out'")
        )
        calls = Counter(
            (one["kind"], one["answer"]) for one in house.carrier("GET", "/sim/webhooks")
        )
        print(
            f"seed {seed}: killed {Counter(life.killed)}, {len(life.taps)} taps,"
            f" {len(left)} left, {dict(states)}, calls {calls}"
        )
        every_promise_holds(life)


@pytest.mark.slow  # the short suite has `tests.peers.test_kills` and `tests.faults`
@pytest.mark.parametrize("seed", SEEDS)
def test_anything_may_die_at_any_moment(seed: int) -> None:
    with temporary_dir() as folder:
        one_life(folder, seed, SECONDS)


@pytest.mark.slow
@pytest.mark.parametrize("seed", LONG_SEEDS)
def test_anything_may_die_at_any_moment_for_long(seed: int) -> None:
    with temporary_dir() as folder:
        one_life(folder, seed, LONG_S)
