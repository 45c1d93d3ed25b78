"""The other ends of many live streams, as cheap as Python allows: they note what came, and when.

What they noted is read afterwards. A stream that ends before it is closed is a fault.

Not here: what should have come (`live`).
"""

from __future__ import annotations

import asyncio
import resource
import threading
import time
from types import TracebackType
from typing import Any, Self

import uvloop

from lotline.config.processes import CannotStart

OPEN_AT_ONCE = 40
OPENED_MAX_S = 180.0
TOLD_MAX_S = 60.0
_BESIDE = 500  # files of a process beside its streams
_ARRIVED = b'"name": "text.in"'


def allow_files(streams: int) -> None:
    """Each stream is an open file of the web and of this program."""
    needed = streams + _BESIDE
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if resource.RLIM_INFINITY in {soft, hard} or soft >= needed:
        return
    if hard < needed:
        raise CannotStart(
            f"{streams} streams take {needed} open files in a process, and {hard} are allowed here:"
            f" raise it (ulimit -n {needed}) and start again"
        )
    resource.setrlimit(resource.RLIMIT_NOFILE, (needed, hard))


def pause(seconds: float) -> None:
    threading.Event().wait(seconds)


class _Page(asyncio.Protocol):
    """One page: asks for its stream and keeps what comes."""

    def __init__(self, request: bytes, opened: asyncio.Future[None]) -> None:
        self._request = request
        self._opened = opened
        self.transport: Any = None
        self.parts: list[tuple[float, bytes]] = []
        self.texts = 0
        self.lost = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self.transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        if not self._opened.done() and b"event: beat" in data:
            self._opened.set_result(None)
        self.texts += data.count(_ARRIVED)
        self.parts.append((time.monotonic(), data))

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost = True
        if not self._opened.done():
            said = b"".join(data for _, data in self.parts)[:200]
            self._opened.set_exception(exc or ConnectionError(repr(said)))


class Streams:
    """Their loop runs in a thread of its own until the block ends."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._loop = uvloop.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._pages: list[_Page] = []

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def open(self, cookies: list[str]) -> None:
        """All of them, each once it has heard its first beat."""
        asyncio.run_coroutine_threadsafe(self._open(cookies), self._loop).result(OPENED_MAX_S)

    def close(self) -> None:
        pages, self._pages = self._pages, []
        for one in pages:
            self._loop.call_soon_threadsafe(one.transport.close)

    def forget(self) -> None:
        for one in self._pages:
            one.parts, one.texts = [], 0

    def wait_for(self, texts: int) -> None:
        """Until so many events of texts came to all of them together."""
        end = time.monotonic() + TOLD_MAX_S
        while sum(one.texts for one in self._pages) < texts and time.monotonic() < end:
            pause(0.05)
        pause(0.3)  # one too many would come now

    def heard(self) -> list[list[tuple[str, float]]]:
        """Of each page the texts it was told of, and when."""
        assert not any(one.lost for one in self._pages), "a stream ended by itself"
        return [list(_texts(one.parts)) for one in self._pages]

    async def _open(self, cookies: list[str]) -> None:
        turn = asyncio.Semaphore(OPEN_AT_ONCE)
        self._pages = list(await asyncio.gather(*(self._one(one, turn) for one in cookies)))

    async def _one(self, cookie: str, turn: asyncio.Semaphore) -> _Page:
        request = (
            f"GET /events HTTP/1.1\r\nHost: 127.0.0.1:{self._port}\r\n"
            f"Accept: text/event-stream\r\nCookie: lotline={cookie}\r\n\r\n"
        )
        async with turn:
            opened: asyncio.Future[None] = self._loop.create_future()
            _, page = await self._loop.create_connection(
                lambda: _Page(request.encode(), opened), "127.0.0.1", self._port
            )
            await opened
        return page


def _texts(parts: list[tuple[float, bytes]]) -> list[tuple[str, float]]:
    """An event may come in two pieces: it is there when its last piece is."""
    found, rest = [], b""
    for at, data in parts:
        *whole, rest = (rest + data).split(b"\n\n")
        for event in whole:
            if _ARRIVED in event:
                subject = event.partition(b'"subject_id": "')[2].partition(b'"')[0]
                found.append((subject.decode(), at))
    return found
