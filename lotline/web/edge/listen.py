"""One connection that listens per process, fanned out to the rooms of those who wait.

A notification only wakes: what happened is read from the events, so a lost one costs time and
never an event. After a lost connection everybody is woken, since anything may have happened.

Not here: reading and telling (`room`), the stream itself (`live`).
"""

from __future__ import annotations

import asyncio
import logging
import resource
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import psycopg

from lotline.store.events import CHANNEL, HERE_CHANNEL
from lotline.web import presence
from lotline.web.edge.looking import Answer, Question
from lotline.web.edge.room import Room, Waiting

log = logging.getLogger("lotline.web.edge.listen")
_RETRY_S = 1.0
STREAMS_MAX = 4000  # of one process; one more would cost those that are open their second
FILES_BESIDE = 400  # of the process's open files: calls, pages, the database
LOOKS = 3  # at once; a process with streams of more companies takes turns


class Hub:
    """Who waits, by company. Lives on one event loop."""

    def __init__(self, dsn: str, ask: Callable[[Question], Answer]) -> None:
        self._dsn = dsn
        self._ask = ask
        self._rooms: dict[UUID, Room] = {}
        self._most: int | None = None
        self._threads = ThreadPoolExecutor(LOOKS, thread_name_prefix="look")
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None

    def join(self, one: Waiting) -> None:
        room = self._rooms.get(one.group_id)
        if room is None:
            room = self._rooms[one.group_id] = Room(one.group_id, self._ask, self._threads)
        room.join(one)
        self.start()

    def leave(self, one: Waiting) -> None:
        room = self._rooms[one.group_id]
        room.leave(one)
        if room.count == 0:
            room.close()
            del self._rooms[one.group_id]

    def room(self, group_id: UUID) -> Room | None:
        """Where a company's streams are told, while there are any."""
        return self._rooms.get(group_id)

    def is_full(self) -> bool:
        if self._most is None:
            self._most = _files_for_streams()
        return sum(room.count for room in self._rooms.values()) >= min(STREAMS_MAX, self._most)

    def start(self) -> None:
        """Listen from now on, whether anybody waits or not: a page may ask who is here."""
        if self._task is None:
            self._loop = asyncio.get_running_loop()
            self._task = self._loop.create_task(self._listen())
            presence.on_change(self._someone_moved)

    def wake(self, group_id: UUID) -> None:
        room = self._rooms.get(group_id)
        if room is not None:
            room.wake()

    async def close(self) -> None:
        for room in self._rooms.values():
            room.close()
        if self._task is not None:
            self._task.cancel()
            self._task = None
        self._threads.shutdown(wait=False)

    async def _listen(self) -> None:
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(
                    self._dsn, autocommit=True, application_name="lotline live"
                ) as link:
                    await link.execute(f"listen {CHANNEL}")
                    await link.execute(f"listen {HERE_CHANNEL}")
                    self._wake_all()
                    async for note in link.notifies():
                        if note.channel == HERE_CHANNEL:
                            presence.hear(note.payload)
                        else:
                            self._heard(note.payload)
            except psycopg.Error as error:
                log.warning("listening broke: %s", type(error).__name__)
            await asyncio.sleep(_RETRY_S)

    def _heard(self, payload: str) -> None:
        try:
            group_id = UUID(payload)
        except ValueError:
            return
        self.wake(group_id)

    def _wake_all(self) -> None:
        for room in self._rooms.values():
            room.wake()

    def _someone_moved(self, group_id: UUID, conversation_id: UUID, line_id: UUID) -> None:
        """Called from a page's thread."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._note, group_id, conversation_id, line_id)

    def _note(self, group_id: UUID, conversation_id: UUID, line_id: UUID) -> None:
        room = self._rooms.get(group_id)
        if room is not None:
            room.note(conversation_id, line_id)


def _files_for_streams() -> int:
    """Each stream is an open file: as many as this process may have, which it first raises to what
    it is allowed to. Beyond them a stream is told to come back, and carriers still get in.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = STREAMS_MAX + FILES_BESIDE
    if soft < wanted:
        soft = min(wanted, hard) if hard != resource.RLIM_INFINITY else wanted
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        except (OSError, ValueError):
            soft = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    if soft < wanted:
        log.warning("%d open files allow fewer streams than %d: raise nofile", soft, STREAMS_MAX)
    return max(soft - FILES_BESIDE, soft // 2)
