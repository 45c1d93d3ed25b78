"""Micro-batches: eager when idle, together under load, and one bad call fails alone."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

import pytest

from lotline.store.database import Unavailable
from lotline.web.edge import batches as under_test
from lotline.web.edge.batches import AT_MOST, IN_FLIGHT, Batches
from tests.looping import run_alone


class Call(NamedTuple):
    """One call of a company's."""

    n: int
    group_id: UUID = UUID(int=1)


class Recorder:
    """Stores what it is given, and remembers in which batches."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.go_on = threading.Event()
        self.go_on.set()
        self.begun = threading.Event()
        self.down = False

    def act(self, calls: Sequence[Call]) -> list[str]:
        self.begun.set()
        self.go_on.wait(5)
        items = [call.n for call in calls]
        self.batches.append(items)
        if self.down:
            raise Unavailable("down")
        if any(item < 0 for item in items):
            raise ValueError("a bad one")
        return [f"done {item}" for item in items]


def test_a_lone_call_is_not_kept_waiting() -> None:
    async def run() -> None:
        kept = Recorder()
        batches = Batches(kept.act)
        assert await batches.put(Call(1)) == "done 1"
        assert kept.batches == [[1]]
        await batches.close()

    run_alone(run())


def test_what_comes_while_two_are_stored_goes_together() -> None:
    async def run() -> None:
        kept = Recorder()
        kept.go_on.clear()
        batches = Batches(kept.act)
        waiting = [asyncio.ensure_future(batches.put(Call(n))) for n in range(50)]
        await asyncio.sleep(0.05)
        kept.go_on.set()
        assert await asyncio.gather(*waiting) == [f"done {n}" for n in range(50)]
        assert len(kept.batches) <= IN_FLIGHT + 1
        assert sorted(item for batch in kept.batches for item in batch) == list(range(50))
        await batches.close()

    run_alone(run())


def test_no_batch_is_larger_than_the_limit() -> None:
    async def run() -> None:
        kept = Recorder()
        batches = Batches(kept.act)
        count = AT_MOST * 3 + 7
        await asyncio.gather(*(batches.put(Call(n)) for n in range(count)))
        assert max(len(batch) for batch in kept.batches) <= AT_MOST
        await batches.close()

    run_alone(run())


def test_one_bad_call_fails_alone() -> None:
    async def run() -> None:
        kept = Recorder()
        kept.go_on.clear()
        batches = Batches(kept.act)
        waiting = [asyncio.ensure_future(batches.put(Call(n))) for n in (1, 2, -3, 4)]
        await asyncio.sleep(0.05)
        kept.go_on.set()
        said = await asyncio.gather(*waiting, return_exceptions=True)
        assert said[:2] == ["done 1", "done 2"]
        assert isinstance(said[2], ValueError)
        assert said[3] == "done 4"
        await batches.close()

    run_alone(run())


def test_a_database_that_is_down_is_told_to_all_at_once() -> None:
    async def run() -> None:
        kept = Recorder()
        kept.down = True
        batches = Batches(kept.act)
        with pytest.raises(Unavailable):
            await batches.put(Call(1))
        assert len(kept.batches) == 1, "nobody is tried one by one against a closed door"
        kept.down = False
        assert await batches.put(Call(2)) == "done 2"
        await batches.close()

    run_alone(run())


def test_a_caller_who_leaves_breaks_nothing() -> None:
    async def run() -> None:
        kept = Recorder()
        kept.go_on.clear()
        batches = Batches(kept.act)
        gone = asyncio.ensure_future(batches.put(Call(1)))
        stays = asyncio.ensure_future(batches.put(Call(2)))
        await asyncio.to_thread(kept.begun.wait, 5)  # it is being stored when they leave
        gone.cancel()
        kept.go_on.set()
        assert await stays == "done 2"
        assert sorted(item for batch in kept.batches for item in batch) == [1, 2]
        await batches.close()

    run_alone(run())


def test_a_queue_that_is_full_says_so_and_half_of_it_is_one_companys(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whoever is too much is told at once; another company has room, and all of it is stored."""
    monkeypatch.setattr(under_test, "QUEUE_MAX", 12)
    monkeypatch.setattr(under_test, "SHARE_MAX", 8)

    async def run() -> None:
        kept = Recorder()
        kept.go_on.clear()
        batches = Batches(kept.act, at_most=1)
        other = UUID(int=2)
        noisy = [asyncio.ensure_future(batches.put(Call(n))) for n in range(20)]
        await asyncio.sleep(0.05)
        over = [one for one in noisy if one.done()]
        assert len(over) == 20 - IN_FLIGHT - 8, "two are being stored, eight wait"
        assert all(isinstance(one.exception(), Unavailable) for one in over)
        quiet = [asyncio.ensure_future(batches.put(Call(n, other))) for n in range(100, 106)]
        await asyncio.sleep(0)
        assert [one.done() for one in quiet] == [False] * 4 + [True] * 2, "the whole is bounded"
        kept.go_on.set()
        assert await asyncio.gather(*quiet[:4]) == [f"done {n}" for n in range(100, 104)]
        await asyncio.gather(*(one for one in noisy if one not in over))
        assert await batches.put(Call(200)) == "done 200", "what was stored has left its place"
        assert isinstance(quiet[4].exception(), Unavailable)
        assert isinstance(quiet[5].exception(), Unavailable)
        await batches.close()

    run_alone(run())
