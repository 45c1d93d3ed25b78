"""A room of live streams on a loop of its own, and hands to act in its town meanwhile.

Not here: what is attacked (`test_rooms`).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from uuid import UUID

from lotline.store.events import record_event
from lotline.store.shown import Viewer
from lotline.store.stream import load_cursor, read_cursor
from lotline.web.edge.looking import Answer, Question, look
from lotline.web.edge.room import Room, Waiting
from tests.looping import run_alone
from tests.town import Town


@dataclass
class Place:
    """A room on the test's own loop, and hands to act in its town meanwhile."""

    town: Town
    room: Room
    heard: dict[Waiting, list[str]] = field(default_factory=dict)

    def now(self) -> str:
        with self.town.ctx.db.transaction(self.town.group_id) as tx:
            return load_cursor(tx)

    def open(self, viewer: Viewer, who: str, after: str = "") -> Waiting:
        start = read_cursor(after or self.now())
        assert start is not None
        one = Waiting(viewer.group_id, viewer.device_id, self.town.accounts[who], start)
        self.heard[one] = []
        self.room.join(one)
        return one

    def tell(self, name: str, **ids: UUID | None) -> None:
        with self.town.ctx.db.transaction(self.town.group_id) as tx:
            record_event(tx, name, at=self.town.clock(), **ids)
        self.room.wake()

    async def settled(self) -> None:
        """Everything that was committed is told, and read by those who read."""
        end = read_cursor(self.now())
        assert end is not None
        self.room.wake()
        limit = time.monotonic() + 20
        while self.room.cursor is None or self.room.cursor < end or self.room._fresh:
            assert time.monotonic() < limit, "it was never told"
            await asyncio.sleep(0.005)
        for one in self.heard:
            self.heard[one] += read(one)


def read(one: Waiting) -> list[str]:
    """What it was told, by name; a reset leaves its mark."""
    names = ["reset"] if one.reset else []
    one.reset = False
    words, one.parts = b"".join(one.parts).decode(), []
    return [*names, *told(words)]


def ids(words: str) -> list[str]:
    return [line[4:] for line in words.splitlines() if line.startswith("id: ")]


def told(words: str) -> list[str]:
    return [
        line.partition('"name": "')[2].partition('"')[0]
        for line in words.splitlines()
        if line.startswith("data: ")
    ]


def in_room(
    town: Town,
    play: Callable[[Place], Awaitable[None]],
    ask: Callable[[Question], Answer] | None = None,
) -> None:
    async def whole() -> None:
        with ThreadPoolExecutor(1) as threads:
            room = Room(town.group_id, ask or partial(look, town.ctx), threads)
            try:
                await play(Place(town, room))
            finally:
                room.close()

    run_alone(whole())
