"""A carrier that takes every text at once: what is measured against it is us.

    python -m lotline.config.bench.carrier PORT

`GET /taken` tells how many it took, and the instants of the first and the last. Not here:
customers, faults and webhooks (the simulator has those).
"""

from __future__ import annotations

import asyncio
import json
import sys
import time

import uvloop

_HEAD = b"HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"


class Taken:
    """What it took so far."""

    def __init__(self) -> None:
        self.count = 0
        self.first = 0.0
        self.last = 0.0

    def take(self) -> bytes:
        self.count += 1
        self.last = time.monotonic()
        self.first = self.first or self.last
        body = b'{"sid":"SM%032x","status":"queued","num_segments":"1"}' % self.count
        return _HEAD % (b"201 Created", len(body)) + body

    def tell(self) -> bytes:
        told = {"count": self.count, "first": self.first, "last": self.last}
        body = json.dumps(told).encode()
        self.first = 0.0
        return _HEAD % (b"200 OK", len(body)) + body


class _Caller(asyncio.Protocol):
    def __init__(self, taken: Taken) -> None:
        self._taken = taken
        self._rest = b""
        self._transport: asyncio.WriteTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]  # uvloop's own class

    def data_received(self, data: bytes) -> None:
        rest = self._rest + data
        while True:
            head = rest.find(b"\r\n\r\n")
            if head < 0:
                break
            lower = rest[:head].lower() + b"\r\n"
            at = lower.find(b"content-length: ")
            length = int(lower[at + 16 : lower.find(b"\r\n", at)]) if at >= 0 else 0
            if len(rest) < head + 4 + length:
                break
            asked, rest = rest[:4], rest[head + 4 + length :]
            assert self._transport is not None, "whoever writes is connected"
            self._transport.write(self._taken.take() if asked == b"POST" else self._taken.tell())
        self._rest = rest


async def _serve(port: int) -> None:
    taken = Taken()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Caller(taken), "127.0.0.1", port)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(int(sys.argv[1])))
