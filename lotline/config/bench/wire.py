"""The load: raw keep-alive connections that post ready-made bytes and read answers, and no more.

It shares the machine with what it measures, so it is as cheap as Python allows; its own CPU is not
counted as the product's.

Not here: what is posted (`hooked`), what an answer means beyond its status.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Coroutine, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import uvloop

from lotline.config.bench.dice import throw

T = TypeVar("T")
_OPEN_LINES = 256
_LENGTH = b"content-length: "


@dataclass
class Load:
    """What came of it."""

    seconds: float = 0.0
    answered: int = 0
    refused: int = 0
    latencies: list[float] = field(default_factory=list)
    timed: list[tuple[int, float]] = field(default_factory=list)  # which request, how long

    @property
    def rate(self) -> float:
        return self.answered / self.seconds if self.seconds else 0.0


class _Line(asyncio.Protocol):
    """One connection: one request in flight."""

    def __init__(self, done: Callable[[_Line, bool], None]) -> None:
        self._done = done
        self._rest = b""
        self._transport: asyncio.Transport | None = None
        self.began = 0.0
        self.which = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport) or hasattr(transport, "write")
        self._transport = transport  # type: ignore[assignment]  # uvloop's own class

    def post(self, request: bytes, began: float) -> None:
        self.began = began
        assert self._transport is not None, "a line is connected before it is used"
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        rest = self._rest + data if self._rest else data
        head = rest.find(b"\r\n\r\n")
        if head < 0:
            self._rest = rest
            return
        size = head + 4 + _length(rest[:head])
        if len(rest) < size:
            self._rest = rest
            return
        self._rest = rest[size:]
        self._done(self, rest[9:10] == b"2")

    def connection_lost(self, exc: Exception | None) -> None:
        del exc

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()


def _length(head: bytes) -> int:
    lower = head.lower()
    at = lower.find(_LENGTH)
    if at < 0:
        return 0
    end = lower.find(b"\r\n", at)
    return int(lower[at + len(_LENGTH) : end if end >= 0 else None])


def run_loop(work: Coroutine[Any, Any, T]) -> T:
    """On uvloop, as the product is."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(work)


def closed_loop(port: int, requests: Sequence[bytes], connections: int) -> Load:
    """Each connection posts its next as soon as the last was answered, until all were."""
    return run_loop(_closed(port, requests, connections))


def open_loop(port: int, requests: Sequence[bytes], per_second: float, *, seed: int = 1) -> Load:
    """Posted at their own times, whoever waits: a queue that builds up shows as latency."""
    return run_loop(_open(port, requests, per_second, seed))


async def _closed(port: int, requests: Sequence[bytes], connections: int) -> Load:
    loop = asyncio.get_running_loop()
    load, over = Load(), loop.create_future()
    waiting: Iterator[bytes] = iter(requests)
    clock = time.perf_counter

    def done(line: _Line, good: bool) -> None:
        now = clock()
        load.latencies.append(now - line.began)
        if good:
            load.answered += 1
        else:
            load.refused += 1
        following = next(waiting, None)
        if following is not None:
            line.post(following, now)
        elif load.answered + load.refused == len(requests) and not over.done():
            over.set_result(None)

    lines = [
        (await loop.create_connection(lambda: _Line(done), "127.0.0.1", port))[1]
        for _ in range(connections)
    ]
    began = clock()
    for line in lines:
        first = next(waiting, None)
        if first is not None:
            line.post(first, clock())
    await over
    load.seconds = clock() - began
    for line in lines:
        line.close()
    return load


async def _open(port: int, requests: Sequence[bytes], per_second: float, seed: int) -> Load:
    loop = asyncio.get_running_loop()
    load, over = Load(), loop.create_future()
    dice, clock = throw(seed), time.perf_counter
    idle: list[_Line] = []
    late: deque[tuple[int, float]] = deque()

    def post(line: _Line, which: int, due: float) -> None:
        line.which = which
        line.post(requests[which], due)

    def done(line: _Line, good: bool) -> None:
        took = clock() - line.began
        load.latencies.append(took)
        load.timed.append((line.which, took))
        if good:
            load.answered += 1
        else:
            load.refused += 1
        if late:
            post(line, *late.popleft())
        else:
            idle.append(line)
        if load.answered + load.refused == len(requests) and not over.done():
            over.set_result(None)

    idle += [
        (await loop.create_connection(lambda: _Line(done), "127.0.0.1", port))[1]
        for _ in range(_OPEN_LINES)
    ]
    lines, began = list(idle), clock()
    due = began
    for which in range(len(requests)):
        due += dice.expovariate(per_second)
        while (wait := due - clock()) > 0:  # noqa: ASYNC110  # the clock is waited for, no event
            await asyncio.sleep(wait if wait > 0.0005 else 0)
        if idle:
            post(idle.pop(), which, due)
        else:
            late.append((which, due))
    await over
    load.seconds = clock() - began
    for line in lines:
        line.close()
    return load
