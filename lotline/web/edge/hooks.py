"""Carriers call here. A call is believed only when its signature proves it, over the raw body and
the address that we configured; it is answered 2xx only when what it brought is committed.

    2xx  stored (or stored before)         413  larger than any call of theirs
    403  not proved: kept aside, shown     503  the database is down: come back

Not here: the proof and the reading (the carrier's adapter), what follows (`actions`).
"""

from __future__ import annotations

import asyncio
import logging
import re
import time
from functools import cache
from typing import TYPE_CHECKING, Any

from starlette.requests import ClientDisconnect

from lotline.actions.receipts import Heard, Noted, take_receipts
from lotline.actions.receive import Outcome, Verified, receive
from lotline.actions.turn_away import turn_away
from lotline.core.carriers.port import Arrival, HookCall, Receipt
from lotline.store.database import Unavailable
from lotline.web.edge.batches import Batches
from lotline.web.edge.directory import Directory
from lotline.web.edge.metrics import HOOK_SECONDS, HOOKS

if TYPE_CHECKING:
    from uuid import UUID

    from starlette.types import Receive, Scope, Send

    from lotline.actions.context import Context
    from lotline.core.carriers.port import Carrier

CARRIERS = frozenset({"twilio"})
LARGEST = 64 * 1024
SPEAKER_KEPT_S = 5.0
PATH = "/hooks/"
# An account of any other letters is no carrier's, and no column's.
_WHERE = re.compile(r"/hooks/([a-z]+)/([A-Za-z0-9_-]{1,64})/(?:inbound|status)")
_XML = [(b"content-type", b"text/xml; charset=utf-8")]
_NOTHING_TO_SAY = b'<?xml version="1.0" encoding="UTF-8"?><Response/>'

log = logging.getLogger("lotline.hooks")

_Said = tuple[int, list[tuple[bytes, bytes]], bytes]  # status, headers, words


class Hooks:
    """The two doors of each account: what customers write, and what became of our texts."""

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self._directory = Directory(ctx)
        self._speakers: dict[tuple[UUID, str], tuple[float, Carrier]] = {}
        self._arrivals: Batches[Verified, Outcome] = Batches(lambda items: receive(ctx, items))
        self._receipts: Batches[Heard, Noted] = Batches(lambda items: take_receipts(ctx, items))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """As the server hands it over: what a framework would do first is not needed here."""
        status, headers, words = await self._called(scope, receive)
        head = [(b"content-length", b"%d" % len(words)), *headers]
        await send({"type": "http.response.start", "status": status, "headers": head})
        await send({"type": "http.response.body", "body": words})

    async def _called(self, scope: Scope, receive: Receive) -> _Said:
        """One call of a carrier."""
        began = time.perf_counter()
        where = _WHERE.fullmatch(scope["path"])
        if where is None or where[1] not in CARRIERS:
            return 404, [], b""
        if scope["method"] != "POST":
            return 405, [(b"allow", b"POST")], b""
        carrier, account = where[1], where[2]
        try:
            body = await _body_of(receive)
        except ClientDisconnect:  # half a call is none: whoever made it was not answered
            return 400, [], b""
        if body is None:
            return _answer(carrier, "too_large", 413)
        try:
            status, said = await self._take(scope, carrier, account, body)
        except Unavailable:
            status, said = 503, "unavailable"
        except Exception as trouble:  # noqa: BLE001  # the carrier is told to come back, and we are told by class: the text of it may hold a customer's words
            log.error("a call broke: %s", type(trouble).__name__)  # noqa: TRY400  # as above
            status, said = 503, "broke"
        _timer(carrier).observe(time.perf_counter() - began)
        return _answer(carrier, said, status)

    async def close(self) -> None:
        """Finish what is in hand."""
        await self._arrivals.close()
        await self._receipts.close()

    async def _take(self, scope: Scope, carrier: str, account: str, body: bytes) -> tuple[int, str]:
        groups = self._directory.known_groups(carrier, account)
        if groups is None:
            groups = await asyncio.to_thread(self._directory.groups, carrier, account)
        if not groups:
            return await self._turn_away(None, carrier, account, "unknown_account", body)
        headers = {
            name.decode("latin-1"): said.decode("latin-1") for name, said in scope["headers"]
        }
        address = _address_of(scope)
        group_id = groups[0]
        speaker = await self._speaker(group_id, account)
        fault = speaker.verify_hook(address, headers, body)
        if fault is not None:
            return await self._turn_away(group_id, carrier, account, fault.value, body)
        call = _read(speaker, address, headers, body, self._ctx)
        if isinstance(call, Arrival):
            return await self._arrived(call, body, group_id)
        if isinstance(call, Receipt):
            return await self._heard(call, body, groups)
        await self._turn_away(group_id, carrier, account, f"unreadable: {call.why}", body)
        return 200, "unreadable"  # it is theirs and it is kept: to send it again would not help

    async def _speaker(self, group_id: UUID, account: str) -> Carrier:
        """The account's adapter with its secrets, built in a thread and kept for a moment."""
        kept = self._speakers.get((group_id, account))
        if kept is not None and kept[0] > time.monotonic():
            return kept[1]
        speaker = await asyncio.to_thread(self._ctx.carrier_for, group_id, account)
        self._speakers[group_id, account] = (time.monotonic() + SPEAKER_KEPT_S, speaker)
        return speaker

    async def _arrived(self, call: Arrival, body: bytes, group_id: UUID) -> tuple[int, str]:
        where = self._directory.known_line(call.carrier, call.account, call.to_number)
        if where is None:
            asked = (call.carrier, call.account, call.to_number)
            where = await asyncio.to_thread(self._directory.line, *asked)
        if where is None:
            await self._turn_away(group_id, call.carrier, call.account, "no_such_line", body)
            return 200, "no_such_line"
        verified = Verified(where.group_id, where.line_id, call, _words(body))
        done = await self._arrivals.put(verified)
        return 200, "repeated" if done.repeated else "arrived"

    async def _heard(self, call: Receipt, body: bytes, groups: list[UUID]) -> tuple[int, str]:
        for group_id in groups:
            noted = await self._receipts.put(Heard(group_id, call, _words(body)))
            if noted.known:
                return 200, "repeated" if noted.repeated else "receipt"
        await self._turn_away(groups[0], call.carrier, call.account, "no_such_text", body)
        return 200, "no_such_text"

    async def _turn_away(
        self, group_id: UUID | None, carrier: str, account: str, reason: str, body: bytes
    ) -> tuple[int, str]:
        await asyncio.to_thread(
            turn_away,
            self._ctx,
            group_id=group_id,
            carrier=carrier,
            account=account,
            reason=reason,
            raw=_words(body),
        )
        return 403, "turned_away"


def _read(
    speaker: Carrier, address: str, headers: dict[str, str], body: bytes, ctx: Context
) -> HookCall:
    return speaker.parse_hook(address, headers, body, ctx.now())


def _address_of(scope: Scope) -> str:
    """Path and query exactly as they were called: the signature is over them."""
    path: str = (scope.get("raw_path") or b"").decode("ascii", "replace") or scope["path"]
    query = scope.get("query_string", b"").decode("ascii", "replace")
    return f"{path}?{query}" if query else path


async def _body_of(receive: Receive) -> bytes | None:
    """The raw body; None when it is larger than any call of a carrier."""
    body: bytes = b""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        body += message.get("body", b"")
        if len(body) > LARGEST:
            return None
        if not message.get("more_body", False):
            return body


def _words(body: bytes) -> str:
    return body.decode("utf-8", "backslashreplace")


def _answer(carrier: str, said: str, status: int) -> _Said:
    _counter(carrier, said).inc()
    if status == 200:
        return 200, _XML, _NOTHING_TO_SAY
    return status, [(b"retry-after", b"2")] if status == 503 else [], b""


@cache
def _counter(carrier: str, said: str) -> Any:
    return HOOKS.labels(carrier, said)


@cache
def _timer(carrier: str) -> Any:
    return HOOK_SECONDS.labels(carrier)
