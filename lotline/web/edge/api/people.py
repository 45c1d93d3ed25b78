"""Customers, what they agreed to, and our lines, as programs ask for them.

Not here: texts (`texts`), what follows from a stop (`actions.consent`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

import msgspec
from msgspec import UNSET

from lotline.actions.consent import add_consent, record_stop
from lotline.actions.contacts import start_conversation
from lotline.actions.errors import NotYours
from lotline.core.base.numbers import BadNumber, parse_number
from lotline.core.consent.standing import level, standing_at
from lotline.core.people.programs import Scope
from lotline.store.contacts import find_contact, load_card
from lotline.store.lines import load_lines
from lotline.store.standing import is_within_reach, load_entries
from lotline.web.edge.api.calling import Callers, answer, asked_of, body_of, path_id, read
from lotline.web.edge.api.problems import Problem
from lotline.web.edge.api.told import (
    ContactOut,
    ContactsAsked,
    ContactsOut,
    EntryMade,
    LinesOut,
    NewConsent,
    NewContact,
    NewStop,
    StandingOut,
    contact_out,
    entry_out,
    line_out,
)

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from lotline.actions.context import Context
    from lotline.store.database import Tx
    from lotline.store.programs import Program

_CONTACT = msgspec.json.Decoder(NewContact)
_CONSENT = msgspec.json.Decoder(NewConsent)
_STOP = msgspec.json.Decoder(NewStop)


class People:
    """The doors for customers, their consent, and lines."""

    def __init__(self, ctx: Context, callers: Callers) -> None:
        self._ctx = ctx
        self._callers = callers

    async def meet(self, request: Request) -> Response:
        """A customer by number: the one there is, or a new one."""
        await self._callers.whose(request)
        new = read(_CONTACT, await body_of(request))

        def met(program: Program) -> tuple[ContactOut, bool]:
            started = start_conversation(
                self._ctx,
                program.viewer,
                number=new.number,
                line_id=new.line_id,
                name=new.name,
                zip_code=new.zip,
            )
            with self._ctx.db.transaction(program.viewer.group_id) as tx:
                card = load_card(tx, program.viewer, started.contact_id, self._ctx.now())
            if card is None:
                raise NotYours
            return contact_out(card), started.known

        (out, known), caller = await self._callers.act(request, Scope.CONTACTS_WRITE, met)
        place = {"Location": f"/api/v1/contacts/{out.id}"}
        return answer(out, caller, 200 if known else 201, place)

    async def find(self, request: Request) -> Response:
        """By number, within reach."""
        await self._callers.whose(request)
        wanted = asked_of(request, ContactsAsked)
        try:
            e164 = parse_number(wanted.number).e164
        except BadNumber as bad:
            raise Problem(422, "number", str(bad)) from None

        def look(tx: Tx, program: Program) -> ContactsOut:
            found = find_contact(tx, e164)
            if found is None:
                return ContactsOut([])
            card = load_card(tx, program.viewer, found.contact_id, self._ctx.now())
            return ContactsOut([] if card is None else [contact_out(card)])

        out, caller = await self._callers.ask(request, Scope.CONTACTS_READ, look)
        return answer(out, caller)

    async def get(self, request: Request) -> Response:
        """One customer."""
        contact_id = path_id(request)

        def look(tx: Tx, program: Program) -> ContactOut:
            card = load_card(tx, program.viewer, contact_id, self._ctx.now())
            if card is None:
                raise NotYours
            return contact_out(card)

        out, caller = await self._callers.ask(request, Scope.CONTACTS_READ, look)
        return answer(out, caller)

    async def standing(self, request: Request) -> Response:
        """What they agreed to."""
        contact_id = path_id(request)

        def look(tx: Tx, program: Program) -> StandingOut:
            if not is_within_reach(tx, program.viewer, contact_id):
                raise NotYours
            entries = load_entries(tx, [contact_id])[contact_id]
            now = level(standing_at(entries, self._ctx.now())).value
            return StandingOut(contact_id, now, [entry_out(one) for one in entries])

        out, caller = await self._callers.ask(request, Scope.CONSENT_READ, look)
        return answer(out, caller)

    async def agree(self, request: Request) -> Response:
        """A yes, with its proof."""
        await self._callers.whose(request)
        contact_id = path_id(request)
        new = read(_CONSENT, await body_of(request))

        def written(program: Program) -> UUID:
            return add_consent(
                self._ctx,
                program.viewer,
                contact_id,
                kind=new.kind,
                scope=new.scope,
                source=new.source,
                said_at=new.said_at,
                words=new.words,
                wording_id=None if new.wording_id is UNSET else new.wording_id,
                reason=new.reason,
            )

        entry_id, caller = await self._callers.act(request, Scope.CONSENT_WRITE, written)
        return answer(EntryMade(entry_id), caller, 201)

    async def stop(self, request: Request) -> Response:
        """A stop, in force before this is answered."""
        await self._callers.whose(request)
        contact_id = path_id(request)
        new = read(_STOP, await body_of(request))

        def written(program: Program) -> UUID:
            return record_stop(self._ctx, program.viewer, contact_id, how=new.how, scope=new.scope)

        entry_id, caller = await self._callers.act(request, Scope.CONSENT_WRITE, written)
        return answer(EntryMade(entry_id), caller, 201)

    async def lines(self, request: Request) -> Response:
        """Our numbers, as far as the token reaches."""

        def look(tx: Tx, program: Program) -> LinesOut:
            return LinesOut([line_out(one) for one in load_lines(tx, program.viewer)])

        out, caller = await self._callers.ask(request, Scope.LINES_READ, look)
        return answer(out, caller)
