"""Problems: every answer that is not what was asked for, as application/problem+json (RFC 9457).

`code` is one word that stays the same; `detail` is a sentence for a person. A text that the gate
refused names the rule, its sentence and what would make it go.

Not here: which problems there are (the handlers), the gate's findings (`core.gate`).
"""

from __future__ import annotations

import math
from http import HTTPStatus
from typing import Any

import msgspec
from starlette.responses import Response

PROBLEM_TYPE = "application/problem+json"
RETRY_S = 2


class Problem(Exception):
    """An answer of 400 and above. `more` are further members of the object."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        headers: dict[str, str] | None = None,
        **more: Any,
    ) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.detail = detail
        self.headers = headers or {}
        self.more = more

    def as_json(self) -> dict[str, Any]:
        """The object itself."""
        return {
            "type": f"urn:lotline:problem:{self.code}",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "code": self.code,
            "detail": self.detail,
            **self.more,
        }

    def answer(self) -> Response:
        """The object as an answer."""
        return Response(
            msgspec.json.encode(self.as_json()),
            self.status,
            {**self.headers, "Cache-Control": "no-store"},
            PROBLEM_TYPE,
        )


def unauthorized(detail: str) -> Problem:
    """No token, or none that opens anything."""
    headers = {"WWW-Authenticate": 'Bearer realm="lotline"'}
    return Problem(401, "token", detail, headers=headers)


def unavailable() -> Problem:
    """Too much at once, or the database is away: nothing was done, come back."""
    headers = {"Retry-After": str(RETRY_S)}
    return Problem(503, "busy", "Nothing was done. Try again shortly.", headers=headers)


def too_many(seconds: float, headers: dict[str, str]) -> Problem:
    """The token's limit."""
    wait = str(max(1, math.ceil(seconds)))
    says = f"This token's limit is used up. Try again in {wait} s."
    return Problem(429, "limit", says, headers={**headers, "Retry-After": wait})
