"""A call of an identity provider: whose token it shows, what it asks for, and how no is said.

Whatever goes wrong is a SCIM error with a sentence; nothing of what was sent is logged. Each call
that a token of ours made is written down for the owner.

Not here: people and groups themselves (`people`, `groups`), what a token may do (`actions`).
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from pydantic import ValidationError
from scim2_models import (
    Context,
    Error,
    ForbiddenException,
    ListResponse,
    NotFoundException,
    PayloadTooLargeException,
    PreconditionFailedException,
    ResourceType,
    Schema,
    SCIMException,
    UniquenessException,
)

from lotline.actions.errors import ClockWentBack, NotYours, Refused
from lotline.actions.provisioning import Changed, Taken
from lotline.actions.provisioning_calls import Caller, Denied, TooMany, admit, note_call
from lotline.store.database import Crossed, Unavailable
from lotline.web.doors import context_of
from lotline.web.scim import groups, people
from lotline.web.scim.asked import Asked, answer
from lotline.web.scim.shapes import BASE, SERVICE
from lotline.web.session import address_of

if TYPE_CHECKING:
    from scim2_models import Resource

LARGEST = 1024 * 1024
TRIES = 3  # of a change that another one came before
Handler = Callable[[Asked], HttpResponse]
log = logging.getLogger("lotline.scim")


def respond(request: HttpRequest, place: str) -> HttpResponse:
    """The whole of a call."""
    ctx = context_of(request)
    try:
        caller = admit(ctx, _token(request))
    except Denied:
        response = failed(401, "This token is not valid, or not any more.")
        response["WWW-Authenticate"] = "Bearer"
        return response
    except TooMany:
        response = failed(429, "Too many calls in a minute. Wait, and call again.")
        response["Retry-After"] = "10"
        return response
    except (Unavailable, Crossed):
        return _busy()
    with SERVICE:
        response = _guarded(request, place, caller)
    asked = (str(request.method), _plain(place))
    try:
        note_call(ctx, caller, asked, response.status_code, address_of(request))
    except (Unavailable, Crossed):
        log.warning("a call could not be written down")
    return response


def failed(status: int, says: str, scim_type: str | None = None) -> HttpResponse:
    error = Error(status=status, scim_type=scim_type, detail=says)
    return answer(error.model_dump(), status)


def _guarded(request: HttpRequest, place: str, caller: Caller) -> HttpResponse:
    try:
        return _answered(request, place, caller)
    except SCIMException as no:
        error = no.to_error()
        return answer(error.model_dump(), error.status or 400)
    except ValidationError as wrong:
        error = Error.from_validation_errors(wrong)[0]
        return answer(error.model_dump(), error.status or 400)
    except (json.JSONDecodeError, UnicodeDecodeError, RecursionError):
        return failed(400, "The body is no JSON.", "invalidSyntax")
    except (Unavailable, Crossed, ClockWentBack):
        return _busy()
    except Exception as trouble:  # noqa: BLE001  # a process boundary: told by class, its text may hold a name
        log.error("a call broke: %s", type(trouble).__name__)  # noqa: TRY400  # as above
        return failed(500, "Something broke. It may or may not be done.")


def _answered(request: HttpRequest, place: str, caller: Caller) -> HttpResponse:
    asked = Asked(context_of(request), caller, request, request.build_absolute_uri(BASE))
    asked.body = _body(request)
    handler = _handler(str(request.method), place, asked)
    if handler is None:
        return failed(405, "This address does not take that method.")
    for left in reversed(range(TRIES)):
        try:
            return handler(asked)
        except Changed:
            if left == 0 or asked.match:
                raise PreconditionFailedException from None
        except Taken:
            raise UniquenessException(detail="Somebody has that name or id already.") from None
        except NotYours:
            raise NotFoundException from None
        except Refused as refused:
            raise ForbiddenException(detail=refused.says) from None
    raise AssertionError("the last try answers or raises")


def _handler(method: str, place: str, asked: Asked) -> Handler | None:
    first, _, rest = place.partition("/")
    if first in {"Users", "Groups"}:
        return _of_kind(
            people.HANDLERS if first == "Users" else groups.HANDLERS, method, rest, asked
        )
    if place in {"", ".search"}:
        if method == ("POST" if place else "GET"):
            return _everything
        return None
    if first in _DISCOVERY:
        asked.name = rest
        return _DISCOVERY[first] if method == "GET" else None
    if first in {"Me", "Bulk"}:
        return lambda _: failed(501, "This service does without that.")
    raise NotFoundException


def _of_kind(handlers: dict[str, Handler], method: str, rest: str, asked: Asked) -> Handler | None:
    if rest == ".search":
        return handlers["search"] if method == "POST" else None
    if not rest:
        return {"GET": handlers["list"], "POST": handlers["add"]}.get(method)
    try:
        asked.id = UUID(rest)
    except ValueError:
        raise NotFoundException from None
    return {one: handlers[one] for one in ("GET", "PUT", "PATCH", "DELETE")}.get(method)


def _everything(asked: Asked) -> HttpResponse:
    """People and groups in one list."""
    return asked.listed([*people.everybody(asked), *groups.everything(asked)])


def _config(asked: Asked) -> HttpResponse:
    assert SERVICE.config is not None, "the service announces itself"
    if asked.name:
        raise NotFoundException
    shown = SERVICE.config.model_copy(deep=True)
    shown.meta = asked.meta("ServiceProviderConfig", "ServiceProviderConfig")
    return answer(shown.model_dump(scim_ctx=Context.RESOURCE_QUERY_RESPONSE))


def _resource_types(asked: Asked) -> HttpResponse:
    found: list[ResourceType] = []
    for one in SERVICE.resource_types:
        shown = one.model_copy(deep=True)
        shown.meta = asked.meta("ResourceType", f"ResourceTypes/{one.id}")
        found.append(shown)
    return _one_or_all(asked, found, ListResponse[ResourceType])


def _schemas(asked: Asked) -> HttpResponse:
    found: list[Schema] = []
    for one in SERVICE.schemas:
        shown = one.model_copy(deep=True)
        shown.meta = asked.meta("Schema", f"Schemas/{one.id}")
        found.append(shown)
    return _one_or_all(asked, found, ListResponse[Schema])


def _one_or_all(asked: Asked, found: list[Any], listing: Any) -> HttpResponse:
    if asked.request.GET.get("filter"):
        raise ForbiddenException(detail="What this service is, is not filtered.")
    if asked.name:
        one: Resource[Any] | None = next((one for one in found if str(one.id) == asked.name), None)
        if one is None:
            raise NotFoundException
        return answer(one.model_dump(scim_ctx=Context.RESOURCE_QUERY_RESPONSE))
    whole = listing(
        total_results=len(found), start_index=1, items_per_page=len(found), resources=found
    )
    return answer(whole.model_dump(scim_ctx=Context.RESOURCE_QUERY_RESPONSE))


_DISCOVERY: dict[str, Handler] = {
    "ServiceProviderConfig": _config,
    "ResourceTypes": _resource_types,
    "Schemas": _schemas,
}


def _token(request: HttpRequest) -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _body(request: HttpRequest) -> Any:
    if request.method not in {"POST", "PUT", "PATCH"}:
        return None
    if int(request.META.get("CONTENT_LENGTH") or 0) > LARGEST:
        raise PayloadTooLargeException(detail="A call can be 1 MB at most.")
    return json.loads(request.body or b"null")


def _busy() -> HttpResponse:
    response = failed(503, "Lotline is busy. Call again in a moment.")
    response["Retry-After"] = "5"
    return response


def _plain(place: str) -> str:
    """A place as it is remembered: names of ours and ids, never what somebody put there."""
    first, _, rest = place.partition("/")
    known = {"Users", "Groups", ".search", "Me", "Bulk", *_DISCOVERY}
    kept = first if first in known else "elsewhere" if first else "all"
    if first not in {"Users", "Groups"} or not rest:
        return kept
    try:
        return f"{kept}/{UUID(rest)}"
    except ValueError:
        return f"{kept}/.search" if rest == ".search" else f"{kept}/elsewhere"
