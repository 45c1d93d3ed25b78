"""The API described to machines: OpenAPI 3.1, made from the very types that decode and encode.

Not here: the description for people (docs/api.md).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import Any

import msgspec

from lotline.core.people.programs import Scope
from lotline.web.edge.api import shapes, told
from lotline.web.edge.api.problems import PROBLEM_TYPE

_REF = "#/components/schemas/{name}"


class ProblemOut(msgspec.Struct, rename={"kind": "type"}):
    """What went wrong (RFC 9457). After the gate's no also `rule`, `text_id` and `decision`."""

    kind: str
    title: str
    status: int
    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class _Operation:
    """One method at one address."""

    path: str
    method: str
    id: str
    says: str
    scope: Scope | None
    answers: dict[int, Any]
    problems: tuple[int, ...] = ()
    body: Any = None
    query: Any = None
    headers: tuple[str, ...] = field(default=())


_EVERYWHERE = (400, 401, 403, 404, 405, 429, 503)
_BODY = (409, 413, 415, 422)
_SAYS = {
    400: "The request cannot be read.",
    401: "No token, or none that opens anything.",
    403: "The token does not open this.",
    404: "It is not there, or not for this token.",
    405: "This address does not take that method.",
    409: "A key or a name was used for something else.",
    413: "Larger than 1 MB.",
    415: "Not application/json.",
    422: "It cannot be done as asked, or the gate refused it.",
    429: "The token's limit is used up; see Retry-After.",
    503: "Nothing was done; see Retry-After.",
}
_OPERATIONS = (
    _Operation(
        "/texts",
        "post",
        "sendTexts",
        "Ask for one text, or for up to 1,000.",
        Scope.TEXTS_WRITE,
        {
            200: (shapes.TextMade, shapes.Results),
            201: shapes.TextMade,
            202: shapes.TextMade,
        },
        _BODY,
        body=shapes.NewText | shapes.NewTexts,
        headers=("Idempotency-Key",),
    ),
    _Operation(
        "/texts",
        "get",
        "listTexts",
        "Texts within reach, oldest first.",
        Scope.TEXTS_READ,
        {200: told.TextsOut},
        (422,),
        query=told.TextsAsked,
    ),
    _Operation("/texts/{id}", "get", "getText", "One text.", Scope.TEXTS_READ, {200: told.TextOut}),
    _Operation(
        "/contacts",
        "post",
        "meetContact",
        "A customer by number: the one there is, or a new one.",
        Scope.CONTACTS_WRITE,
        {200: told.ContactOut, 201: told.ContactOut},
        _BODY,
        body=told.NewContact,
    ),
    _Operation(
        "/contacts",
        "get",
        "findContact",
        "A customer by number.",
        Scope.CONTACTS_READ,
        {200: told.ContactsOut},
        (422,),
        query=told.ContactsAsked,
    ),
    _Operation(
        "/contacts/{id}",
        "get",
        "getContact",
        "One customer.",
        Scope.CONTACTS_READ,
        {200: told.ContactOut},
    ),
    _Operation(
        "/contacts/{id}/standing",
        "get",
        "getStanding",
        "What a customer agreed to.",
        Scope.CONSENT_READ,
        {200: told.StandingOut},
    ),
    _Operation(
        "/contacts/{id}/consents",
        "post",
        "addConsent",
        "Write down a yes, with its proof.",
        Scope.CONSENT_WRITE,
        {201: told.EntryMade},
        _BODY,
        body=told.NewConsent,
    ),
    _Operation(
        "/contacts/{id}/stops",
        "post",
        "addStop",
        "Write down a stop; in force before it is answered.",
        Scope.CONSENT_WRITE,
        {201: told.EntryMade},
        _BODY,
        body=told.NewStop,
    ),
    _Operation(
        "/lines", "get", "listLines", "Lines within reach.", Scope.LINES_READ, {200: told.LinesOut}
    ),
    _Operation(
        "/events",
        "get",
        "listEvents",
        "What happened since a cursor.",
        Scope.EVENTS_READ,
        {200: told.EventsOut},
        (422,),
        query=told.EventsAsked,
    ),
)


@cache
def document() -> bytes:
    """The document, as it is served."""
    return msgspec.json.encode(_document())


def _document() -> dict[str, Any]:
    types: list[Any] = [ProblemOut]
    for one in _OPERATIONS:
        types += [kind for told_as in one.answers.values() for kind in _kinds(told_as)]
        types += [one.body] if one.body else []
    schemas, components = msgspec.json.schema_components(types, ref_template=_REF)
    by_type = {id(kind): schema for kind, schema in zip(types, schemas, strict=True)}
    paths: dict[str, dict[str, Any]] = {}
    for one in _OPERATIONS:
        paths.setdefault(f"/api/v1{one.path}", {})[one.method] = _operation(one, by_type)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Lotline",
            "version": "1",
            "description": "Texts that are checked before they leave, and proof of it.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "A token that an owner made: lot_...",
                }
            },
        },
    }


def _operation(one: _Operation, by_type: dict[int, Any]) -> dict[str, Any]:
    problem = {"content": {PROBLEM_TYPE: {"schema": by_type[id(ProblemOut)]}}}
    responses: dict[str, Any] = {
        str(status): {
            "description": "As asked.",
            "content": {"application/json": {"schema": _one_of(kind, by_type)}},
        }
        for status, kind in one.answers.items()
    }
    for status in sorted({*_EVERYWHERE, *one.problems}):
        responses[str(status)] = {"description": _SAYS[status], **problem}
    said: dict[str, Any] = {
        "operationId": one.id,
        "summary": one.says,
        "parameters": _parameters(one),
        "responses": responses,
    }
    if one.scope is not None:
        said["description"] = f"Needs the scope `{one.scope.value}`."
    if one.body is not None:
        content = {"application/json": {"schema": by_type[id(one.body)]}}
        said["requestBody"] = {"required": True, "content": content}
    return said


def _kinds(told_as: Any) -> tuple[Any, ...]:
    return told_as if isinstance(told_as, tuple) else (told_as,)


def _one_of(told_as: Any, by_type: dict[int, Any]) -> Any:
    several = [by_type[id(kind)] for kind in _kinds(told_as)]
    return several[0] if len(several) == 1 else {"anyOf": several}


def _parameters(one: _Operation) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    if "{id}" in one.path:
        schema: dict[str, Any] = {"type": "string", "format": "uuid"}
        found.append({"name": "id", "in": "path", "required": True, "schema": schema})
    for name in one.headers:
        schema = {"type": "string", "minLength": 1, "maxLength": 255}
        found.append({"name": name, "in": "header", "required": False, "schema": schema})
    if one.query is not None:
        whole = msgspec.json.schema(one.query)
        (described,) = whole["$defs"].values()
        required = described.get("required", [])
        found += [
            {"name": name, "in": "query", "required": name in required, "schema": schema}
            for name, schema in described["properties"].items()
        ]
    return found
