"""Texts and events as programs read them, by cursor.

Not here: asking for texts (`texts`), who may (`calling`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import UNSET

from lotline.actions.errors import NotYours
from lotline.actions.submit_batch import name_of
from lotline.core.people.programs import Scope
from lotline.store.program_texts import load_seen_texts, load_text_page
from lotline.store.stream import load_cursor, load_stream
from lotline.store.texts import find_by_clients
from lotline.web.edge.api.calling import Callers, answer, asked_of, path_id
from lotline.web.edge.api.told import (
    EventsAsked,
    EventsOut,
    TextOut,
    TextsAsked,
    TextsOut,
    event_out,
    text_out,
)

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from lotline.actions.context import Context
    from lotline.store.database import Tx
    from lotline.store.programs import Program


class Reading:
    """The doors for what is only read."""

    def __init__(self, ctx: Context, callers: Callers) -> None:
        self._ctx = ctx
        self._callers = callers

    async def text(self, request: Request) -> Response:
        """One text."""
        text_id = path_id(request)

        def look(tx: Tx, program: Program) -> TextOut:
            found = load_seen_texts(tx, program.viewer, [text_id])
            if not found:
                raise NotYours
            return text_out(found[0])

        out, caller = await self._callers.ask(request, Scope.TEXTS_READ, look)
        return answer(out, caller)

    async def texts(self, request: Request) -> Response:
        """A page of them."""
        await self._callers.whose(request)
        wanted = asked_of(request, TextsAsked)

        def look(tx: Tx, program: Program) -> TextsOut:
            if isinstance(wanted.client_id, str):
                return _named(tx, program, wanted.client_id)
            page = load_text_page(
                tx,
                program.viewer,
                after=None if wanted.after is UNSET else wanted.after,
                limit=wanted.limit,
                contact_id=None if wanted.contact_id is UNSET else wanted.contact_id,
                line_id=None if wanted.line_id is UNSET else wanted.line_id,
                state=None if wanted.state is UNSET else wanted.state,
                direction=None if wanted.direction is UNSET else wanted.direction,
            )
            return TextsOut([text_out(one) for one in page.texts], page.after)

        out, caller = await self._callers.ask(request, Scope.TEXTS_READ, look)
        return answer(out, caller)

    async def events(self, request: Request) -> Response:
        """What happened since a cursor."""
        await self._callers.whose(request)
        wanted = asked_of(request, EventsAsked)

        def look(tx: Tx, program: Program) -> EventsOut:
            if wanted.after is UNSET:
                return EventsOut([], load_cursor(tx), reset=False)
            now = self._ctx.now()
            found = load_stream(tx, program.viewer, wanted.after, wanted.limit, now, paged=True)
            return EventsOut([event_out(one) for one in found.events], found.cursor, found.reset)

        out, caller = await self._callers.ask(request, Scope.EVENTS_READ, look)
        return answer(out, caller)


def _named(tx: Tx, program: Program, client_id: str) -> TextsOut:
    """The text of a program's own name, if it asked for one."""
    name = name_of(program.id, client_id)
    named = find_by_clients(tx, program.id, [name] if name else [])
    seen = load_seen_texts(tx, program.viewer, [one.id for one in named.values()])
    return TextsOut([text_out(one) for one in seen], None)
