"""Random bytes that were fetched ahead are given out once: to no second caller, thread or child."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor

import pytest

from lotline.adapters.noise import noise


@pytest.mark.parametrize("size", [0, 1, 12, 4095, 4096, 4097, 9000])
def test_as_many_as_were_asked_for(size: int) -> None:
    assert len(noise(size)) == size


def test_nothing_is_given_twice() -> None:
    """Also across the end of a piece, and whoever asks beside us."""

    def draw(_: int) -> list[bytes]:
        return [noise(12) for _ in range(2000)]

    with ThreadPoolExecutor(4) as threads:
        drawn = [one for several in threads.map(draw, range(8)) for one in several]
    assert len(set(drawn)) == len(drawn)


def test_a_child_does_not_go_on_where_its_parent_was() -> None:
    noise(1)
    ours, theirs = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(theirs, noise(32))
        os._exit(0)
    os.waitpid(child, 0)
    assert os.read(ours, 32) != noise(32)
    os.close(ours)
    os.close(theirs)
