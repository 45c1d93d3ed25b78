"""The live stream: `/events?after=<cursor>`, names and ids, within the viewer's reach (ui.md 5.6).

A room tells a company's streams what happened and who is out, so a device that was ended, locked
or given another reach is treated so within a second (P6, P7). A stream ends itself after ten
minutes and the page opens the next from its cursor: nothing depends on it staying open.

Not here: the page's side (`static/js/live.js`), who is told what (`room`), waking (`listen`).
"""

from __future__ import annotations

import asyncio
import random
import time
from dataclasses import dataclass
from types import SimpleNamespace
from typing import TYPE_CHECKING, NamedTuple, cast

from django.conf import settings
from django.contrib.auth import get_user
from django.db import close_old_connections
from django.utils.module_loading import import_string
from starlette.requests import Request
from starlette.responses import Response

from lotline.store.database import Unavailable
from lotline.store.stream import Place, load_cursor, load_stream, read_cursor
from lotline.store.stream_reach import earshot_of, load_hearers
from lotline.store.viewer import load_viewer
from lotline.web.edge.looking import said
from lotline.web.edge.room import BEAT_S, Waiting

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpRequest
    from starlette.types import Receive, Scope, Send

    from lotline.actions.context import Context
    from lotline.store.shown import Viewer
    from lotline.web.edge.listen import Hub
    from lotline.web.edge.room import Room

RECYCLE_S = 600.0
SPREAD = 0.2  # of it: those that were opened at once do not come back at once
AT_ONCE = 50  # events in one write: what a slow reader holds stays small
_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
_TRIES = 3


@dataclass(frozen=True, slots=True)
class Seat:
    """Whose stream it is, as the cookie says."""

    account_id: UUID
    session_key: str


class Caught(NamedTuple):
    """What came before a stream was in its room, and where it goes on from."""

    parts: list[bytes]
    after: Place


def find_seat(session_key: str) -> Seat | None:
    """The signed-in account of a session cookie."""
    if not session_key:
        return None
    close_old_connections()
    try:
        store = import_string(f"{settings.SESSION_ENGINE}.SessionStore")
        asked = SimpleNamespace(session=store(session_key), META={})
        user = get_user(cast("HttpRequest", asked))
        return Seat(user.pk, session_key) if user.is_authenticated else None
    finally:
        close_old_connections()


def told(name: str, cursor: str = "") -> bytes:
    """A word about the stream itself."""
    place = f"id: {cursor}\n" if cursor else ""
    return f"{place}event: {name}\ndata: {{}}\n\n".encode()


class Live:
    """Opens a stream from a cursor, or from now."""

    def __init__(self, ctx: Context, hub: Hub) -> None:
        self._ctx = ctx
        self._hub = hub

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope)
        if request.method != "GET":
            await Response(status_code=405, headers={"Allow": "GET"})(scope, receive, send)
            return
        key = request.cookies.get(settings.SESSION_COOKIE_NAME, "")
        after = request.query_params.get("after") or request.headers.get("last-event-id") or ""
        try:
            opened = await self._open(key, after)
        except Unavailable:
            opened = Response(status_code=503, headers={**_HEADERS, "Retry-After": "1"})
        if isinstance(opened, Response):
            await opened(scope, receive, send)
            return
        await Streaming(self._hub, *opened).run(receive, send)

    async def _open(self, key: str, after: str) -> Response | tuple[Waiting, list[bytes]]:
        ctx = self._ctx
        seat = await asyncio.to_thread(find_seat, key)
        if seat is None:
            return _ending("signed-out")
        viewer = await asyncio.to_thread(
            load_viewer, ctx.db, seat.account_id, seat.session_key, ctx.now()
        )
        if viewer is None or not viewer.active:
            return _ending("signed-out")
        if viewer.locked:
            return _ending("locked")
        if self._hub.is_full():  # the page tries again, and may reach another process
            return Response(status_code=503, headers={**_HEADERS, "Retry-After": "5"})
        room, start = self._hub.room(viewer.group_id), read_cursor(after)
        if room is not None and start is not None and room.covers(start):
            caught = Caught([], start)
        else:
            caught = await asyncio.to_thread(catch_up, ctx, seat, viewer, after)
        me = Waiting(viewer.group_id, viewer.device_id, seat.account_id, caught.after)
        return me, caught.parts


class Streaming:
    """One open stream."""

    def __init__(self, hub: Hub, me: Waiting, parts: list[bytes]) -> None:
        self._hub = hub
        self._me = me
        self._caught = b"".join(parts)
        self._gone = False

    async def run(self, receive: Receive, send: Send) -> None:
        """Until the device ends, the page goes, or it is time for a fresh one."""
        self._hub.join(self._me)
        room = self._hub.room(self._me.group_id)
        assert room is not None, "it was just joined"
        watching = asyncio.get_running_loop().create_task(self._watch(receive))
        try:
            await send(_start())
            opening, self._caught = self._caught, b""
            await _write(send, b"retry: 1000\n\n" + told("beat") + opening)
            del opening
            await self._tell(room, send)
            if not self._gone:
                await send({"type": "http.response.body", "body": b""})
        finally:
            watching.cancel()
            self._hub.leave(self._me)

    async def _tell(self, room: Room, send: Send) -> None:
        me, now = self._me, time.monotonic
        ends = now() + RECYCLE_S * (1 - SPREAD * random.random())  # noqa: S311  # dice, no secret
        beat = now() + BEAT_S
        while not self._gone:
            await self._wait(min(beat, ends) - now())
            while (me.parts or me.reset) and not me.over and not self._gone:
                await _write(send, self._next(room))
            if me.over:
                await _write(send, told(me.over))
                return
            if now() >= ends:
                await _write(send, told("recycle", room.cursor_of(me)))
                return
            if now() >= beat and not self._gone:
                beat = now() + BEAT_S
                await _write(send, told("beat", room.cursor_of(me)))

    def _next(self, room: Room) -> bytes:
        me = self._me
        if me.reset:
            me.reset = False
            return told("reset", room.cursor_of(me))
        some, me.parts = me.parts[:AT_ONCE], me.parts[AT_ONCE:]
        return b"".join(some)

    async def _wait(self, seconds: float) -> None:
        me = self._me
        if not me.woken.is_set() and seconds > 0:
            try:
                async with asyncio.timeout(seconds):
                    await me.woken.wait()
            except TimeoutError:
                return
        me.woken.clear()

    async def _watch(self, receive: Receive) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        self._gone = True
        self._me.woken.set()


def catch_up(ctx: Context, seat: Seat, viewer: Viewer, after: str) -> Caught:
    """In a thread: what came before now. Access is looked up after it, never before: if it is not
    what the events were read for, they are read again.
    """
    asked: Viewer | None = viewer
    for _ in range(_TRIES):
        if asked is None:
            break
        with ctx.db.transaction(viewer.group_id) as tx:
            if not after:
                return Caught([], _place(load_cursor(tx)))
            found = load_stream(tx, asked, after)
            hearers = load_hearers(tx, {asked.device_id: seat.account_id}, ctx.now())
        if found.reset:
            return Caught([told("reset", found.cursor)], _place(found.cursor))
        hearer = hearers.get(viewer.device_id)
        if hearer is not None and not hearer.locked and hearer.earshot == earshot_of(asked):
            return Caught([said(event) for event in found.events], _place(found.cursor))
        asked = load_viewer(ctx.db, seat.account_id, seat.session_key, ctx.now())
    with ctx.db.transaction(viewer.group_id) as tx:
        cursor = load_cursor(tx)
    return Caught([told("reset", cursor)], _place(cursor))


def _place(cursor: str) -> Place:
    place = read_cursor(cursor)
    assert place is not None, "it is one of ours"
    return place


def _ending(word: str) -> Response:
    """A stream of one word: an EventSource cannot see a status, but it can hear that it is over."""
    return Response(told(word), media_type="text/event-stream", headers=_HEADERS)


def _start() -> dict[str, object]:
    headers = {"Content-Type": "text/event-stream; charset=utf-8", **_HEADERS}
    raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    return {"type": "http.response.start", "status": 200, "headers": raw}


async def _write(send: Send, words: bytes) -> None:
    await send({"type": "http.response.body", "body": words, "more_body": True})
