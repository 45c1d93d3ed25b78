"""Guard: what stands before every request.

The simulator has no sign-in, so it listens to this machine only: a page of another site must
not be able to reach it through a browser, and a body is never larger than it may be.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from simulator.phones import CSP

BODY_MAX = 1_000_000
LOOPBACK = {"127.0.0.1", "localhost", "::1"}


class TooLarge(Exception):
    """The body went on and on."""


class Guard:
    """Wraps the application."""

    def __init__(self, app: ASGIApp, *, hosts: set[str] | None) -> None:
        """`hosts` are the names it answers to; None means any (it was bound to the world)."""
        self._app = app
        self._hosts = hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse, or pass on with the headers every answer carries."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        refusal = self._refusal(Headers(scope=scope))
        if refusal is not None:
            await PlainTextResponse(refusal[1], refusal[0])(scope, receive, send)
            return
        try:
            await self._app(scope, _bounded(receive), _with_headers(send))
        except TooLarge:
            await PlainTextResponse("too large", 413)(scope, receive, send)

    def _refusal(self, headers: Headers) -> tuple[int, str] | None:
        host = urlsplit(f"//{headers.get('host', '')}")
        if self._hosts is not None and host.hostname not in self._hosts:
            return 421, "not for this address"
        origin = headers.get("origin")
        if origin is not None and urlsplit(origin).netloc != host.netloc:
            return 403, "not from another site"
        if headers.get("sec-fetch-site") == "cross-site" and headers.get("sec-fetch-mode") != (
            "navigate"
        ):
            return 403, "not from another site"
        length = headers.get("content-length", "0")
        if not length.isdecimal() or int(length) > BODY_MAX:
            return 413, "too large"
        return None


def _bounded(receive: Receive) -> Receive:
    seen = 0

    async def bounded() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > BODY_MAX:
            raise TooLarge
        return message

    return bounded


def _with_headers(send: Send) -> Send:
    async def with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [
                *message["headers"],
                (b"content-security-policy", CSP.encode()),
                (b"x-content-type-options", b"nosniff"),
                (b"referrer-policy", b"no-referrer"),
                (b"cache-control", b"no-store"),
            ]
        await send(message)

    return with_headers
