"""The live stream: `/events?after=<cursor>`, names and ids, within the viewer's reach (ui.md 5.6).

The viewer is looked up anew whenever something happens and at every beat, so a device that was
ended, locked or given another reach is treated so within a second (P6, P7). A stream ends itself
after ten minutes and the page opens the next from its cursor: nothing depends on it staying open.

Not here: the page's side (`static/js/live.js`), waking (`listen`).
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

from django.conf import settings
from django.contrib.auth import get_user
from django.db import close_old_connections
from django.utils.module_loading import import_string
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from lotline.store.database import Unavailable
from lotline.store.stream import Stream, load_cursor, load_stream
from lotline.store.viewer import load_viewer
from lotline.web.edge.listen import Hub, Waiting

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpRequest

    from lotline.actions.context import Context
    from lotline.store.shown import Event, Viewer

BEAT_S = 20.0
RECYCLE_S = 600.0
# Events show only once no older transaction runs, so a look that found nothing is repeated.
LOOK_AGAIN_S = (0.03, 0.15, 0.6)
_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


@dataclass(frozen=True, slots=True)
class Seat:
    """Whose stream it is, as the cookie says."""

    account_id: UUID
    session_key: str


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


def said(event: Event) -> bytes:
    """A name and ids, nothing else."""
    ids = {
        "name": event.name,
        "conversation_id": event.conversation_id,
        "contact_id": event.contact_id,
        "line_id": event.line_id,
        "subject_id": event.subject_id,
    }
    data = json.dumps({key: str(value) for key, value in ids.items() if value})
    return f"id: {event.cursor}\ndata: {data}\n\n".encode()


def told(name: str, cursor: str = "") -> bytes:
    """A word about the stream itself."""
    place = f"id: {cursor}\n" if cursor else ""
    return f"{place}event: {name}\ndata: {{}}\n\n".encode()


class Streaming:
    """One open stream."""

    def __init__(self, ctx: Context, hub: Hub, seat: Seat, viewer: Viewer, after: str) -> None:
        self._ctx = ctx
        self._hub = hub
        self._seat = seat
        self._viewer: Viewer | None = viewer
        self._cursor = after
        self._me = Waiting(viewer.group_id, viewer.line_ids)

    async def run(self) -> AsyncIterator[bytes]:
        """Until the device ends, the page goes, or it is time for a fresh one."""
        self._hub.join(self._me)
        ends = time.monotonic() + RECYCLE_S
        try:
            yield b"retry: 1000\n\n" + told("beat")
            self._me.woken.set()
            while time.monotonic() < ends:
                beat = not await self._wait()
                for part in await self._look():
                    yield part
                if self._over():
                    yield told("locked" if self._viewer else "signed-out")
                    return
                if beat:
                    yield told("beat", self._cursor)
            yield told("recycle", self._cursor)
        finally:
            self._hub.leave(self._me)

    async def _wait(self) -> bool:
        """Whether somebody woke us, rather than the beat's time."""
        try:
            await asyncio.wait_for(self._me.woken.wait(), BEAT_S)
        except TimeoutError:
            return False
        self._me.woken.clear()
        return True

    def _over(self) -> bool:
        return self._viewer is None or not self._viewer.active or self._viewer.locked

    async def _look(self) -> list[bytes]:
        """What is new, looked for again for a moment while nothing shows."""
        parts: list[bytes] = []
        while self._me.notes:
            note = {"name": "presence", "conversation_id": str(self._me.notes.popleft())}
            parts.append(f"data: {json.dumps(note)}\n\n".encode())
        for pause in (0.0, *LOOK_AGAIN_S):
            await asyncio.sleep(pause)
            try:
                found = await asyncio.to_thread(self._load)
            except Unavailable:
                return parts  # the next beat asks again
            if found is None or self._over():
                return []
            if found.reset:
                self._cursor = found.cursor
                return [told("reset", self._cursor)]
            parts += [said(event) for event in found.events]
            self._cursor = found.cursor
            if parts or self._me.woken.is_set():
                break
        return parts

    def _load(self) -> Stream | None:
        """In a thread: who looks now, and what came for them."""
        seat, ctx = self._seat, self._ctx
        self._viewer = viewer = load_viewer(ctx.db, seat.account_id, seat.session_key, ctx.now())
        if viewer is None:
            return None
        self._me.line_ids = viewer.line_ids
        with ctx.db.transaction(viewer.group_id) as tx:
            return load_stream(tx, viewer, self._cursor)


async def events(request: Request) -> Response:
    """Open a stream from a cursor, or from now."""
    ctx: Any = request.app.state.context
    key = request.cookies.get(settings.SESSION_COOKIE_NAME, "")
    try:
        seat = await asyncio.to_thread(find_seat, key)
        viewer: Viewer | None = None
        if seat is not None:
            viewer = await asyncio.to_thread(
                load_viewer, ctx.db, seat.account_id, seat.session_key, ctx.now()
            )
    except Unavailable:
        return Response(status_code=503, headers={**_HEADERS, "Retry-After": "1"})
    if seat is None or viewer is None or not viewer.active:
        return _ending("signed-out")
    if viewer.locked:
        return _ending("locked")
    if request.app.state.hub.is_full():  # the page tries again, and may reach another process
        return Response(status_code=503, headers={**_HEADERS, "Retry-After": "5"})
    after = request.query_params.get("after") or request.headers.get("last-event-id") or ""
    if not after:
        after = await asyncio.to_thread(_now, ctx, viewer)
    stream = Streaming(ctx, request.app.state.hub, seat, viewer, after)
    return StreamingResponse(stream.run(), media_type="text/event-stream", headers=_HEADERS)


def _ending(word: str) -> Response:
    """A stream of one word: an EventSource cannot see a status, but it can hear that it is over."""
    return Response(told(word), media_type="text/event-stream", headers=_HEADERS)


def _now(ctx: Context, viewer: Viewer) -> str:
    with ctx.db.transaction(viewer.group_id) as tx:
        return load_cursor(tx)


routes = [Route("/events", events, methods=["GET"])]
