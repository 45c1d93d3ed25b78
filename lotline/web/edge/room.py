"""A room: the open streams of one company in this process, told what happened by one reader.

However many they are, the database is asked once for each wake-up: everything after the room's own
cursor, and anew whom it may be told to when something about access is among it, and every second
otherwise. What is told is written once and shared; who may hear it is decided in memory.

Each stream has a queue of its own with an end to it. Nobody waits for another's: whose queue is
full is told to load their page anew.

Not here: one stream's connection (`live`), who wakes (`listen`), asking the database (`looking`).
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import UUID

from lotline.store.database import Unavailable
from lotline.store.stream import Place, cursor_at
from lotline.store.stream_reach import Earshot
from lotline.web.edge.looking import Answer, Question, said

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from lotline.store.stream import Told
    from lotline.store.stream_reach import Hearer

log = logging.getLogger("lotline.web.edge.room")

BEAT_S = 20.0
QUEUE_MAX = 500
NOTES_MAX = 50  # who is here is worth little to one who does not read what is there
RECENT_MAX = 1000  # what a page that opens its next stream is told from, without a question
ACCESS_S = 1.0  # so old may be what is known of access while something is told
RETRY_S = 1.0
# Events show only once no older transaction runs; while some wait for one, it is looked for again.
LOOK_AGAIN_S = (0.03, 0.06, 0.12, 0.25)
GATHER_MAX_S = 0.1


@dataclass(eq=False, slots=True)
class Waiting:
    """One open stream: what it is still to be told, and how it stands."""

    group_id: UUID
    device_id: UUID
    account_id: UUID
    after: Place
    woken: asyncio.Event = field(default_factory=asyncio.Event)
    parts: list[bytes] = field(default_factory=list)
    over: str = ""
    reset: bool = False
    circle: Circle | None = None

    def tell(self, said: bytes, most: int = QUEUE_MAX) -> None:
        """Never waits for the reader."""
        if self.reset or self.over:
            return
        if len(self.parts) >= most:
            self.fall_behind()
        else:
            self.parts.append(said)
            self.woken.set()

    def fall_behind(self) -> None:
        """It cannot be told everything any more, and is told that."""
        self.parts.clear()
        self.reset = True
        self.woken.set()

    def end(self, word: str) -> None:
        """Nothing that waits is told any more."""
        self.over = word
        self.parts.clear()
        self.woken.set()


@dataclass(eq=False, slots=True)
class Circle:
    """Those who hear the same of what is for no one member."""

    earshot: Earshot
    streams: set[Waiting] = field(default_factory=set)


class Room:
    """Lives on one event loop, from the first stream to the last."""

    def __init__(
        self, group_id: UUID, ask: Callable[[Question], Answer], threads: Executor
    ) -> None:
        self._group_id = group_id
        self._ask = ask
        self._threads = threads
        self._devices: dict[UUID, set[Waiting]] = {}
        self._members: dict[UUID, UUID] = {}  # by device
        self._circles: dict[Earshot, Circle] = {}
        self._fresh: set[UUID] = set()
        self._recent: deque[tuple[Told, bytes]] = deque()
        self._recent_from: Place = (0, 0)
        self._ahead: frozenset[Place] = frozenset()
        self._notes: list[tuple[UUID, UUID]] = []
        self._known_at = 0.0
        self._tries = 0
        self._woken = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self.cursor: Place | None = None
        self.count = 0

    def covers(self, after: Place) -> bool:
        """Whether a stream may go on from there with what is remembered here."""
        return self.cursor is not None and self._recent_from <= after <= self.cursor

    def join(self, one: Waiting) -> None:
        """It is told nothing before it was looked up by the room itself."""
        if self.cursor is None:
            self.cursor = self._recent_from = one.after
        self._devices.setdefault(one.device_id, set()).add(one)
        self._fresh.add(one.device_id)
        self.count += 1
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._run())
        self.wake()

    def leave(self, one: Waiting) -> None:
        self._seat(one, None)
        others = self._devices[one.device_id]
        others.discard(one)
        if not others:
            del self._devices[one.device_id]
            self._members.pop(one.device_id, None)
            self._fresh.discard(one.device_id)
        self.count -= 1

    def wake(self) -> None:
        self._woken.set()

    def note(self, conversation_id: UUID, line_id: UUID) -> None:
        """Who is in a conversation has changed: told with the next look."""
        if len(self._notes) < QUEUE_MAX:
            self._notes.append((conversation_id, line_id))
        self.wake()

    def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            self._task = None

    # --- looking -----------------------------------------------------------------------------

    async def _run(self) -> None:
        pause = BEAT_S
        while True:
            woken = await self._wait(pause)
            began = time.monotonic()
            try:
                await self._look()
                pause = self._next(woken=woken)
            except Unavailable:
                pause = RETRY_S
            except Exception:  # one bad look must not end everybody's streams; the next one tells
                log.exception("a look failed")
                pause = RETRY_S
            await asyncio.sleep(0)  # the streams write what they were told
            spent = time.monotonic() - began
            await asyncio.sleep(min(spent, GATHER_MAX_S))  # eager when idle, gathering under load

    async def _wait(self, pause_s: float) -> bool:
        try:
            async with asyncio.timeout(pause_s):
                await self._woken.wait()
        except TimeoutError:
            return False
        self._woken.clear()
        return True

    def _next(self, *, woken: bool) -> float:
        """Until the next look, if nobody wakes."""
        if not woken and self._tries == 0 and self.cursor is not None:
            self._recent.clear()  # a quiet company's past is not kept in memory
            self._recent_from = self.cursor
        if not self._ahead:
            self._tries = 0
            return BEAT_S
        self._tries = 0 if woken else min(self._tries + 1, len(LOOK_AGAIN_S) - 1)
        return LOOK_AGAIN_S[self._tries]

    async def _look(self) -> None:
        assert self.cursor is not None, "whoever joined brought one"
        asked_at = time.monotonic()
        everybody = asked_at - self._known_at > ACCESS_S
        notes, self._notes = self._notes, []
        question = Question(
            self._group_id,
            self.cursor,
            frozenset(self._fresh),
            everybody,
            self._ahead,
            self._accounts,
            self._members.copy,
        )
        loop = asyncio.get_running_loop()
        answer = await loop.run_in_executor(self._threads, self._ask, question)
        if everybody:
            self._known_at = asked_at
        self._take(answer)
        for note in notes:
            self._tell_note(*note)

    def _accounts(self) -> dict[UUID, UUID]:
        """Called in the look's thread: a copy, made in one step."""
        return {
            device: account
            for device, streams in self._devices.copy().items()
            for account in [one.account_id for one in streams.copy()][:1]
        }

    # --- telling -----------------------------------------------------------------------------

    def _take(self, answer: Answer) -> None:
        """Who is out goes first; then what happened is told; then who came is let in."""
        news = answer.news
        if self.cursor is not None and news.cursor < self.cursor:
            self._start_over(news.cursor)
        came: list[Waiting] = []
        for device in answer.asked:
            came += self._place(device, answer.hearers.get(device))
        for told in news.told:
            self._tell(told)
        self.cursor = news.cursor
        self._ahead = frozenset(one.at for one in news.ahead)
        for one in came:
            self._let_in(one, answer.hearers[one.device_id])
        if news.more and news.told:
            self.wake()

    def _start_over(self, cursor: Place) -> None:
        """The database is another than it was, as after a restore: what was told counts no more."""
        self._recent.clear()
        self._recent_from = cursor
        for streams in self._devices.values():
            for one in streams:
                one.after = cursor
                one.fall_behind()

    def _place(self, device: UUID, hearer: Hearer | None) -> list[Waiting]:
        """One device's streams, as they stand now; those that are to be let in."""
        streams = self._devices.get(device, set())
        self._fresh.discard(device)
        if hearer is None or hearer.locked:
            for one in streams:
                self._seat(one, None)
                one.end("signed-out" if hearer is None else "locked")
            return []
        if streams:
            self._members[device] = hearer.member_id
        came = []
        for one in streams:
            if one.over:
                continue
            if one.circle is None:
                came.append(one)
            elif one.circle.earshot != hearer.earshot:
                self._seat(one, hearer.earshot)
        return came

    def _let_in(self, one: Waiting, hearer: Hearer) -> None:
        self._seat(one, hearer.earshot)
        if one.after < self._recent_from:
            one.fall_behind()
            return
        for told, words in self._recent:
            if told.at > one.after and _is_for(told, hearer):
                one.tell(words)

    def _seat(self, one: Waiting, earshot: Earshot | None) -> None:
        if one.circle is not None:
            one.circle.streams.discard(one)
            if not one.circle.streams:
                self._circles.pop(one.circle.earshot, None)
            one.circle = None
        if earshot is not None:
            one.circle = self._circles.setdefault(earshot, Circle(earshot))
            one.circle.streams.add(one)

    def _tell(self, told: Told) -> None:
        words = said(told.event)
        self._recent.append((told, words))
        if len(self._recent) > RECENT_MAX:
            self._recent_from = self._recent.popleft()[0].at
        for one in self._audience(told):
            if told.at > one.after:
                one.tell(words)

    def _audience(self, told: Told) -> Iterable[Waiting]:
        member_id = told.event.member_id
        if member_id is not None:
            mine = [device for device, member in self._members.items() if member == member_id]
            streams = [one for device in mine for one in self._devices[device]]
            return [one for one in streams if one.circle is not None]
        return [
            one
            for circle in self._circles.values()
            if circle.earshot.holds(told.event, told.talk_line_ids)
            for one in circle.streams
        ]

    def _tell_note(self, conversation_id: UUID, line_id: UUID) -> None:
        note = {"name": "presence", "conversation_id": str(conversation_id)}
        words = f"data: {json.dumps(note)}\n\n".encode()
        for circle in self._circles.values():
            if line_id in circle.earshot.line_ids:
                for one in circle.streams:
                    if len(one.parts) < NOTES_MAX:
                        one.tell(words)

    def cursor_of(self, one: Waiting) -> str:
        """Up to where a stream was told everything, when nothing waits for it."""
        if one.circle is None or self.cursor is None:
            return cursor_at(one.after)
        return cursor_at(max(one.after, self.cursor))


def _is_for(told: Told, hearer: Hearer) -> bool:
    if told.event.member_id is not None:
        return told.event.member_id == hearer.member_id
    return hearer.earshot.holds(told.event, told.talk_line_ids)
