"""A door: whoever comes to an address is led to another, be it a port or a socket of this machine.

    python -m tests.faults.door 198.18.7.2:5432=/run/.s.PGSQL.5432 127.0.0.1:1=10.0.0.2:1,10.0.0.3:1

With several targets it leads to each in turn and past those that do not answer, as a balancer does.
Either end's going is told to the other; a wire that was cut is noticed as a server notices it.

Not here: namespaces and wires (`cut`).
"""

from __future__ import annotations

import asyncio
import itertools
import socket
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).parents[2]
ANSWERS_IN_S = 1.0
ASKS = {"TCP_KEEPIDLE": 5, "TCP_KEEPINTVL": 3, "TCP_KEEPCNT": 3, "TCP_USER_TIMEOUT": 14_000}

Ends = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Doors:
    """A process of doors, in a namespace or at home; open when this is made."""

    def __init__(self, *doors: str, inside: Sequence[str] = ()) -> None:
        self._process = subprocess.Popen(
            [*inside, sys.executable, "-m", "tests.faults.door", *doors],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == "open\n", "a door does not open"

    def close(self) -> None:
        """Without a word to anybody who went through."""
        self._process.kill()
        self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()


async def keep_open(doors: Sequence[str]) -> None:
    servers = []
    for door in doors:
        where, _, targets = door.partition("=")
        turns = itertools.count()
        servers.append(await _open(where, targets.split(","), turns))
    print("open", flush=True)
    await asyncio.gather(*(server.serve_forever() for server in servers))


async def _open(where: str, targets: list[str], turns: itertools.count[int]) -> asyncio.Server:
    async def lead(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        _ask_whether_anybody_is_there(writer)
        first = next(turns)
        for n in range(len(targets)):
            far = await _reach(targets[(first + n) % len(targets)])
            if far is not None:
                await _between((reader, writer), far)
                return
        writer.transport.abort()

    host, _, port = where.rpartition(":")
    return await asyncio.start_server(lead, host, int(port))


async def _reach(target: str) -> Ends | None:
    try:
        async with asyncio.timeout(ANSWERS_IN_S):
            if target.startswith("/"):
                return await asyncio.open_unix_connection(target)
            host, _, port = target.rpartition(":")
            return await asyncio.open_connection(host, int(port))
    except (OSError, TimeoutError):
        return None


async def _between(near: Ends, far: Ends) -> None:
    pumps = [
        asyncio.ensure_future(_pump(source, sink))
        for source, sink in ((near[0], far[1]), (far[0], near[1]))
    ]
    _, still = await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
    for one in still:
        one.cancel()
    for _, writer in (near, far):
        writer.close()


async def _pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await source.read(1 << 16):
            sink.write(data)
            await sink.drain()


def _ask_whether_anybody_is_there(writer: asyncio.StreamWriter) -> None:
    knocks = writer.get_extra_info("socket")
    knocks.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option, value in ASKS.items():
        knocks.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), value)


if __name__ == "__main__":
    asyncio.run(keep_open(sys.argv[1:]))
