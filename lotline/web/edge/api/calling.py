"""A program calls: whose token it shows, what its body says, and how it is answered when it fails.

Every path answers something of ours, as JSON; whatever goes wrong within is said to be so without
a word of what was sent.

Not here: what may be asked for (the handlers), what a token may do (`actions.programs`).
"""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, TypeVar
from uuid import UUID

import msgspec
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from lotline.actions.errors import ClockWentBack, NotAllowed, NotYours, Refused
from lotline.actions.programs import Denied, admit, find_whose
from lotline.store.database import Crossed, Unavailable
from lotline.web.edge.api.allowance import Allowance, Left
from lotline.web.edge.api.problems import Problem, unauthorized, unavailable
from lotline.web.edge.metrics import API, API_SECONDS

if TYPE_CHECKING:
    from lotline.actions.context import Context
    from lotline.core.people.programs import Scope
    from lotline.store.database import Tx
    from lotline.store.programs import Program, Whose

LARGEST = 1024 * 1024
KNOWN_MAX = 10_000
JSON = "application/json"

# Valid in JSON, and in no text of the database. After a written backslash it is only letters.
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")

T = TypeVar("T")
Handler = Callable[[Request], Awaitable[Response]]
log = logging.getLogger("lotline.api")


@dataclass(frozen=True, slots=True)
class Caller:
    """A token of ours, what is left of its limit, and where the call came from."""

    whose: Whose
    left: Left
    address: str


class Callers:
    """Whose a token is never changes, so it is asked once; what it opens is asked each time."""

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self._known: dict[bytes, Whose] = {}
        self._allowance = Allowance(ctx)

    async def whose(self, request: Request) -> Whose:
        """The program behind the Authorization header."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        token = token.strip()
        if scheme.lower() != "bearer" or not token:
            raise unauthorized("Send your token as: Authorization: Bearer lot_...")
        digest = sha256(token.encode("utf-8", "surrogateescape")).digest()
        known = self._known.get(digest)
        if known is None:
            known = await asyncio.to_thread(find_whose, self._ctx, token)
            if known is None:
                raise unauthorized("This token is not valid, or not any more.")
            if len(self._known) >= KNOWN_MAX:
                self._known.clear()
            self._known[digest] = known
        return known

    async def admit(self, request: Request, cost: int = 1) -> Caller:
        """Who calls, once it is paid for."""
        whose = await self.whose(request)
        return Caller(whose, await self._allowance.spend(whose, cost), address_of(request))

    async def ask(
        self, request: Request, scope: Scope, look: Callable[[Tx, Program], T]
    ) -> tuple[T, Caller]:
        """Something that is only read, in one transaction with the question whether it may be."""
        caller = await self.admit(request)

        def asked() -> T:
            with self._ctx.db.transaction(caller.whose.group_id) as tx:
                program = admit(self._ctx, tx, caller.whose.program_id, caller.address, scope)
                return look(tx, program)

        return await asyncio.to_thread(asked), caller

    async def act(
        self, request: Request, scope: Scope, do: Callable[[Program], T]
    ) -> tuple[T, Caller]:
        """Something that an action does, for the program as it may act now."""
        caller = await self.admit(request)

        def done() -> T:
            with self._ctx.db.transaction(caller.whose.group_id) as tx:
                program = admit(self._ctx, tx, caller.whose.program_id, caller.address, scope)
            return do(program)

        return await asyncio.to_thread(done), caller


def address_of(request: Request) -> str:
    """Where the call came from, as the server believes it."""
    return request.client.host if request.client is not None else ""


async def body_of(request: Request) -> bytes:
    """The raw body of a JSON request, up to its limit."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != JSON:
        raise Problem(415, "content_type", "Send the body as application/json.")
    parts, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > LARGEST:
            raise Problem(413, "too_large", "A request can be 1 MB at most.")
        parts.append(chunk)
    return b"".join(parts)


def read(decoder: msgspec.json.Decoder[T], body: bytes) -> T:
    """The body as it must be, or the problem that names where it is not."""
    if b"\\u0000" in body and _NUL.search(body):
        raise Problem(422, "invalid", "No text can hold the character NUL (\\u0000).")
    try:
        return decoder.decode(body)
    except msgspec.ValidationError as error:
        raise Problem(422, "invalid", str(error)) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Problem(400, "not_json", "The body is no JSON.") from None


def asked_of(request: Request, kind: type[T]) -> T:
    """The query as it must be, or the problem that names where it is not."""
    if any("\0" in value for value in request.query_params.values()):
        raise Problem(422, "invalid", "No value can hold the character NUL.")
    try:
        return msgspec.convert(dict(request.query_params), kind, strict=False)
    except msgspec.ValidationError as error:
        raise Problem(422, "invalid", str(error)) from None


def path_id(request: Request) -> UUID:
    """The id in the address; what is none is not there."""
    try:
        return UUID(request.path_params["id"])
    except ValueError:
        raise Problem(404, "not_found", "It is not there, or not for this token.") from None


def answer(
    value: object, caller: Caller, status: int = 200, headers: dict[str, str] | None = None
) -> Response:
    """What was asked for."""
    told = {**caller.left.headers(), "Cache-Control": "no-store", **(headers or {})}
    return Response(msgspec.json.encode(value), status, told, JSON)


class Resource:
    """One address: a handler for each method, and an answer of ours for everything else."""

    def __init__(self, name: str, **handlers: Handler) -> None:
        self._name = name
        self._handlers = {method.upper(): handler for method, handler in handlers.items()}
        self._allow = {"Allow": ", ".join(sorted(self._handlers))}

    async def __call__(self, scope: object, receive: object, send: object) -> None:
        request = Request(scope, receive, send)  # type: ignore[arg-type]  # an ASGI server's own three
        response = await self._respond(request)
        await response(scope, receive, send)  # type: ignore[arg-type]  # as above

    async def _respond(self, request: Request) -> Response:
        began = time.perf_counter()
        handler = self._handlers.get(request.method)
        if handler is None:
            says = "This address does not take that method."
            response = Problem(405, "method", says, headers=self._allow).answer()
        else:
            response = await self._guarded(handler, request)
        API.labels(self._name, str(response.status_code)).inc()
        API_SECONDS.labels(self._name).observe(time.perf_counter() - began)
        return response

    async def _guarded(self, handler: Handler, request: Request) -> Response:
        try:
            return await handler(request)
        except Problem as problem:
            return problem.answer()
        except Denied as denied:
            return denied_problem(denied).answer()
        except NotYours:
            return Problem(404, "not_found", "It is not there, or not for this token.").answer()
        except NotAllowed:
            return Problem(403, "not_allowed", "This token may not do that.").answer()
        except Refused as refused:
            return Problem(422, "refused", refused.says).answer()
        except (Unavailable, Crossed, ClockWentBack):
            return unavailable().answer()
        except ClientDisconnect:  # half a request is none: whoever made it was not answered
            return Response(status_code=400)
        except Exception as trouble:  # noqa: BLE001  # a process boundary: the caller is told, and we by class: the text of it may hold a customer's words
            log.error("%s broke: %s", self._name, type(trouble).__name__)  # noqa: TRY400  # as above
            return Problem(500, "broke", "Something broke. It may or may not be done.").answer()


def denied_problem(denied: Denied) -> Problem:
    """401 where the token opens nothing, 403 where it does not open this."""
    if denied.code == "token":
        return unauthorized(denied.says)
    return Problem(403, denied.code, denied.says)
