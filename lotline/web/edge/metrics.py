"""Metrics in Prometheus' form: counts and times, never a name, a number or a word.

Private by default: to this machine alone, and not through a proxy on it, or with the token.

Not here: what is measured by a test (`bench`).
"""

from __future__ import annotations

import asyncio
import hmac
from ipaddress import ip_address
from typing import TYPE_CHECKING

from prometheus_client import CONTENT_TYPE_LATEST, Counter, Gauge, Histogram, generate_latest
from starlette.responses import PlainTextResponse, Response

from lotline.store.condition import load_overdue
from lotline.store.database import Unavailable

if TYPE_CHECKING:
    from starlette.requests import Request

    from lotline.actions.context import Context

HOOKS = Counter("lotline_hooks_total", "Calls of carriers", ["carrier", "outcome"])
HOOK_SECONDS = Histogram(
    "lotline_hook_seconds",
    "From a carrier's call to its answer",
    ["carrier"],
    buckets=(0.001, 0.002, 0.004, 0.008, 0.015, 0.03, 0.06, 0.125, 0.25, 0.5, 1, 2.5, 5, 10),
)
API = Counter("lotline_api_total", "Calls of programs", ["what", "status"])
API_SECONDS = Histogram(
    "lotline_api_seconds",
    "From a program's call to its answer",
    ["what"],
    buckets=(0.001, 0.002, 0.004, 0.008, 0.015, 0.03, 0.06, 0.125, 0.25, 0.5, 1, 2.5, 5, 10),
)
WAITING = Gauge("lotline_outbox_waiting", "Texts that wait to leave")
OVERDUE = Gauge(
    "lotline_outbox_overdue_seconds",
    "For how long the oldest that may leave has been due",
)
_FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip", "via")


class Metrics:
    """The page that a scraper reads."""

    def __init__(self, ctx: Context, token: str = "") -> None:
        self._ctx = ctx
        self._token = token

    async def called(self, request: Request) -> Response:
        """404 to whoever may not: that there is a page is nobody else's business."""
        if not (self._is_here(request) or self._has_token(request)):
            return Response(status_code=404)
        try:
            await asyncio.to_thread(self._measure)
        except Unavailable:
            return PlainTextResponse("the database is down\n", 503)
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    def _measure(self) -> None:
        now = self._ctx.now()
        with self._ctx.db.door() as tx:
            waiting = tx.only("outbox.count").waiting
            oldest = load_overdue(tx, now, now).oldest
        WAITING.set(waiting)
        late = 0.0 if oldest is None else (now - oldest).total_seconds()
        OVERDUE.set(max(0.0, late))

    def _is_here(self, request: Request) -> bool:
        if self._token or request.client is None:
            return False
        if any(name in request.headers for name in _FORWARDED):
            return False
        try:
            return ip_address(request.client.host).is_loopback
        except ValueError:
            return False

    def _has_token(self, request: Request) -> bool:
        if not self._token:
            return False
        given = request.headers.get("authorization", "").removeprefix("Bearer ")
        return hmac.compare_digest(given.encode(), self._token.encode())
