"""One connection that listens per process, fanned out to whoever waits for a group.

A notification only wakes: what happened is read from the events, so a lost one costs time and
never an event. After a lost connection everybody is woken, since anything may have happened.

Not here: reading events (`lotline.store.stream`), the stream itself (`live`).
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict, deque
from dataclasses import dataclass, field
from uuid import UUID

import psycopg

from lotline.store.events import CHANNEL, HERE_CHANNEL
from lotline.web import presence

log = logging.getLogger("lotline.web.edge.listen")
_RETRY_S = 1.0
STREAMS_MAX = 4000  # of one process; one more would cost those that are open their second


@dataclass(eq=False, slots=True)
class Waiting:
    """One open stream: woken when there may be something, with who-is-here notes beside."""

    group_id: UUID
    line_ids: frozenset[UUID]
    woken: asyncio.Event = field(default_factory=asyncio.Event)
    notes: deque[UUID] = field(default_factory=lambda: deque(maxlen=50))


class Hub:
    """Who waits, by group. Lives on one event loop."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._waiting: dict[UUID, set[Waiting]] = defaultdict(set)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None

    def join(self, one: Waiting) -> None:
        self._waiting[one.group_id].add(one)
        self.start()

    def is_full(self) -> bool:
        return sum(map(len, self._waiting.values())) >= STREAMS_MAX

    def start(self) -> None:
        """Listen from now on, whether anybody waits or not: a page may ask who is here."""
        if self._task is None:
            self._loop = asyncio.get_running_loop()
            self._task = self._loop.create_task(self._listen())
            presence.on_change(self._someone_moved)

    def leave(self, one: Waiting) -> None:
        group = self._waiting[one.group_id]
        group.discard(one)
        if not group:
            del self._waiting[one.group_id]

    def wake(self, group_id: UUID) -> None:
        for one in self._waiting.get(group_id, ()):
            one.woken.set()

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            self._task = None

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
        for group_id in list(self._waiting):
            self.wake(group_id)

    def _someone_moved(self, group_id: UUID, conversation_id: UUID, line_id: UUID) -> None:
        """Called from a page's thread."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._note, group_id, conversation_id, line_id)

    def _note(self, group_id: UUID, conversation_id: UUID, line_id: UUID) -> None:
        for one in self._waiting.get(group_id, ()):
            if line_id in one.line_ids:
                one.notes.append(conversation_id)
                one.woken.set()
