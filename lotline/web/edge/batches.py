"""Micro-batches: what arrives within a few milliseconds is stored by one transaction.

Eager when idle: a lone call is not kept waiting for company. Under load a batch gathers for at
most three milliseconds, and while two are being stored the next one simply grows. One bad call
fails alone. The queue is bounded, and no company may have more than half of it.

Not here: what is done with a batch (its `act`), which runs in a thread.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Generic, Protocol, TypeVar
from uuid import UUID

from lotline.store.database import Unavailable


class Call(Protocol):
    """What is stored in batches is somebody's."""

    @property
    def group_id(self) -> UUID: ...


Item = TypeVar("Item", bound=Call)
Done = TypeVar("Done")

GATHER_S = 0.003
AT_MOST = 200
IN_FLIGHT = 2
QUEUE_MAX = 5000  # beyond it a call is told to come back: 503, as when the database is down
SHARE_MAX = QUEUE_MAX // 2  # of one company: whoever is noisy leaves room for the others


class Batches(Generic[Item, Done]):
    """Calls in, one answer each. Made inside the loop that it serves."""

    def __init__(
        self, act: Callable[[Sequence[Item]], list[Done]], *, at_most: int = AT_MOST
    ) -> None:
        self._act = act
        self._at_most = at_most
        self._waiting: list[tuple[Item, asyncio.Future[Done]]] = []
        self._of: Counter[UUID] = Counter()  # how many of each company wait
        self._running = 0
        self._timer: asyncio.TimerHandle | None = None
        self._threads = ThreadPoolExecutor(IN_FLIGHT, thread_name_prefix="batch")
        self._tasks: set[asyncio.Task[None]] = set()

    async def put(self, item: Item) -> Done:
        """The answer for this item, once its transaction is committed."""
        if len(self._waiting) >= QUEUE_MAX or self._of[item.group_id] >= SHARE_MAX:
            raise Unavailable("too many wait already")
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Done] = loop.create_future()
        self._waiting.append((item, future))
        self._of[item.group_id] += 1
        if self._running == 0 or len(self._waiting) >= self._at_most:
            self._fire()
        elif self._timer is None:
            self._timer = loop.call_later(GATHER_S, self._fire)
        return await future

    async def close(self) -> None:
        """Finish what is in hand."""
        while self._waiting or self._running:
            self._fire()
            await asyncio.sleep(GATHER_S)  # only at the end of the process
        self._threads.shutdown(wait=True)

    def _fire(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if not self._waiting or self._running >= IN_FLIGHT:
            return
        taken, self._waiting = self._waiting[: self._at_most], self._waiting[self._at_most :]
        self._of -= Counter(item.group_id for item, _ in taken)
        self._running += 1
        task = asyncio.get_running_loop().create_task(self._store(taken))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _store(self, taken: list[tuple[Item, asyncio.Future[Done]]]) -> None:
        loop = asyncio.get_running_loop()
        items = [item for item, _ in taken]
        answers = await loop.run_in_executor(self._threads, self._answers, items)
        self._running -= 1
        for (_, future), answer in zip(taken, answers, strict=True):
            if future.done():  # the caller went away; the commit stands
                continue
            if isinstance(answer, BaseException):
                future.set_exception(answer)
            else:
                future.set_result(answer)
        if self._waiting:
            self._fire()

    def _answers(self, items: list[Item]) -> list[Done | BaseException]:
        """All in one transaction; when that fails for a reason of its own, one by one."""
        try:
            return list(self._act(items))
        except Unavailable as down:
            return [down] * len(items)
        except Exception as bad:  # noqa: BLE001  # one of them is bad: each is tried by itself, and the bad one's caller is told
            if len(items) == 1:
                return [bad]
        alone: list[Done | BaseException] = []
        for item in items:
            alone += self._answers([item])
        return alone
