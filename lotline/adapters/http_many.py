"""HttpMany: many calls to a carrier at once, over connections that are kept open.

One invariant, as in `http`: `NotWritten` is only said when not one byte of that request left us;
whatever fails later is `NoAnswer`, and nothing is ever tried twice. All calls run on one event loop
in one thread, so that a hundred of them under way cost no hundred threads.

Not here: a single call and reading a carrier's list (`http`), what an answer means (`twilio`).
"""

from __future__ import annotations

import asyncio
import ssl
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import urlsplit

import uvloop
from httptools import HttpParserError, HttpResponseParser

from lotline.adapters.http import (
    ANSWER_MAX_BYTES,
    GIVES_UP,
    IDLE_MAX_S,
    Answer,
    NoAnswer,
    NotWritten,
    record_of,
    unzipped,
)
from lotline.core.carriers.port import CallRecord

CONNECTIONS = 64  # to one address
PER_LANE = 4

Came = Answer | NotWritten | NoAnswer


@dataclass(frozen=True, slots=True)
class Call:
    """One request. Of one lane only a few are under way at a time, in the order given."""

    url: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    lane: Hashable = None
    method: str = "POST"


class _Address(NamedTuple):
    """Where a connection leads."""

    tls: bool
    host: str
    port: int


@dataclass(slots=True)
class _Pool:
    """The connections to one address: those that rest, and room for so many in all."""

    room: asyncio.Semaphore
    idle: list[_Link] = field(default_factory=list)


class HttpMany:
    """A client for one carrier. Safe to share between threads."""

    def __init__(
        self,
        carrier: str,
        *,
        record: Callable[[CallRecord], None],
        connect_s: float = 5.0,
        read_s: float = 20.0,
        connections: int = CONNECTIONS,
    ) -> None:
        """`record` is told of each call, without words, numbers or secrets."""
        self._carrier = carrier
        self._record = record
        self._connect_s = connect_s
        self._read_s = read_s
        self._connections = connections
        self._pools: dict[_Address, _Pool] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._starting = threading.Lock()
        self._tls = ssl.create_default_context()

    def call_many(self, calls: Sequence[Call], may_go: Callable[[], bool]) -> list[Came | None]:
        """Make each call once. `may_go` is asked right before a call is written, on our loop, so
        it must not wait; None in the answers: it said no, and nothing of that call left us.
        """
        every = self._all(calls, may_go)
        return asyncio.run_coroutine_threadsafe(every, self._running_loop()).result()

    def close(self) -> None:
        """Let go of every connection."""
        loop = self._loop
        if loop is not None:
            asyncio.run_coroutine_threadsafe(self._drop(), loop).result()
            loop.call_soon_threadsafe(loop.stop)
            self._loop = None

    def _running_loop(self) -> asyncio.AbstractEventLoop:
        with self._starting:
            if self._loop is None:
                self._loop = uvloop.new_event_loop()
                name = f"{self._carrier}-calls"
                threading.Thread(target=_serve, args=(self._loop,), name=name, daemon=True).start()
            return self._loop

    async def _all(self, calls: Sequence[Call], may_go: Callable[[], bool]) -> list[Came | None]:
        came: list[Came | None] = [None] * len(calls)
        lanes: dict[Hashable, deque[int]] = defaultdict(deque)
        for n, call in enumerate(calls):
            lanes[call.lane].append(n)

        async def work(lane: deque[int]) -> None:
            while lane:
                n = lane.popleft()
                came[n] = await self._one(calls[n], may_go)

        hands = [work(lane) for lane in lanes.values() for _ in range(min(PER_LANE, len(lane)))]
        await asyncio.gather(*hands)
        return came

    async def _one(self, call: Call, may_go: Callable[[], bool]) -> Came | None:
        began = time.monotonic()
        address, target, host = _split(call.url)
        pool = self._pools.get(address)
        if pool is None:
            pool = self._pools[address] = _Pool(asyncio.Semaphore(self._connections))
        async with pool.room:
            link = _rested(pool) or await self._connected(address)
            if isinstance(link, _Link):
                if not may_go():
                    pool.idle.append(link)
                    return None
                came = await link.ask(_written(call, target, host), self._read_s)
                if link.lasts:
                    pool.idle.append(link)
            else:
                came = link
        ms = (time.monotonic() - began) * 1000
        size = len(call.body)
        self._record(
            record_of(
                self._carrier, method=call.method, url=call.url, bytes_out=size, ms=ms, answer=came
            )
        )
        return came

    async def _connected(self, address: _Address) -> _Link | NotWritten:
        """A new connection, through its handshake: until then nothing was written."""
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(self._connect_s):
                _, link = await loop.create_connection(
                    _Link, address.host, address.port, ssl=self._tls if address.tls else None
                )
        except (OSError, TimeoutError) as failure:  # what TLS says is an OSError too
            return NotWritten(type(failure).__name__)
        return link

    async def _drop(self) -> None:
        for pool in self._pools.values():
            while pool.idle:
                pool.idle.pop().close()


class _Link(asyncio.Protocol):
    """One connection: one request in flight, its answer read whole, bounded in size and time."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._parser = HttpResponseParser(self)
        self._waiter: asyncio.Future[Came] | None = None
        self._headers: dict[str, str] = {}
        self._parts: list[bytes] = []
        self._size = 0
        self._lasts = False
        self._quiet_since = 0.0

    @property
    def lasts(self) -> bool:
        """Whether it may carry another request."""
        return self._lasts and self._transport is not None and not self._transport.is_closing()

    @property
    def fresh(self) -> bool:
        """Whether no server has dropped it by now for being quiet."""
        return self.lasts and time.monotonic() - self._quiet_since < IDLE_MAX_S

    async def ask(self, request: bytes, read_s: float) -> Came:
        """Write it, and wait for what comes."""
        assert self._transport is not None, "connected before it is asked"
        loop = asyncio.get_running_loop()
        self._waiter = loop.create_future()
        self._headers, self._parts, self._size, self._lasts = {}, [], 0, False
        self._transport.write(request)
        timer = loop.call_later(read_s, self._end, NoAnswer("AnswerTooSlow"))
        try:
            return await self._waiter
        finally:
            timer.cancel()
            self._quiet_since = time.monotonic()

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]  # uvloop's own class
        for option in GIVES_UP:
            transport.get_extra_info("socket").setsockopt(*option)
        self._lasts, self._quiet_since = True, time.monotonic()

    def data_received(self, data: bytes) -> None:
        if self._waiter is None or self._waiter.done():  # nobody asked for this
            self._lasts = False
            self.close()
            return
        try:
            self._parser.feed_data(data)
        except HttpParserError as broken:
            self._end(NoAnswer(type(broken).__name__))

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        self._lasts = False
        waits = self._waiter is not None and not self._waiter.done()
        unmeasured = {"content-length", "transfer-encoding"}.isdisjoint(self._headers)
        if waits and self._headers and unmeasured:  # such an answer ends with its connection
            self._end(self._answer())
        elif waits:
            self._end(NoAnswer("ConnectionClosed"))

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_body(self, body: bytes) -> None:
        self._size += len(body)
        if self._size > ANSWER_MAX_BYTES:
            self._end(NoAnswer("AnswerTooLarge"))
        else:
            self._parts.append(body)

    def on_message_complete(self) -> None:
        if self._parser.get_status_code() < 200:  # only announces the answer
            self._headers = {}
        elif self._waiter is not None and not self._waiter.done():
            self._lasts = self._parser.should_keep_alive()
            came = self._answer()
            if not self._lasts or isinstance(came, NoAnswer):
                self._end(came)
            else:
                self._waiter.set_result(came)

    def _answer(self) -> Answer | NoAnswer:
        body = unzipped(b"".join(self._parts), self._headers.get("content-encoding", ""))
        if body is None:
            return NoAnswer("DecodeError")
        return Answer(self._parser.get_status_code(), self._headers, body)

    def _end(self, came: Came) -> None:
        """The last that this connection says."""
        self._lasts = False
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(came)
        self.close()


def _rested(pool: _Pool) -> _Link | None:
    """The one that was used last; those that rested for too long are closed."""
    while pool.idle:
        link = pool.idle.pop()
        if link.fresh:
            return link
        link.close()
    return None


@lru_cache(maxsize=256)
def _split(url: str) -> tuple[_Address, str, str]:
    """Where to connect, what to ask for there, and the host's name in the request."""
    parts = urlsplit(url)
    tls = parts.scheme == "https"
    assert tls or parts.scheme == "http", "a carrier is called over HTTP"
    assert parts.hostname is not None, "an address has a host"
    port = parts.port or (443 if tls else 80)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return _Address(tls, parts.hostname, port), target, parts.netloc.rpartition("@")[2]


def _written(call: Call, target: str, host: str) -> bytes:
    lines = [f"{call.method} {target} HTTP/1.1", f"Host: {host}"]
    for name, value in call.headers.items():
        assert "\r" not in value, "a header is one line"
        assert "\n" not in value, "a header is one line"
        lines.append(f"{name}: {value}")
    lines.append(f"Content-Length: {len(call.body)}\r\n\r\n")
    return "\r\n".join(lines).encode("latin-1") + call.body


def _serve(loop: asyncio.AbstractEventLoop) -> None:
    loop.run_forever()
    loop.close()
