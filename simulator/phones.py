"""Phones: a page of customers' phones, to stand beside the product.

Whoever looks at it plays the customer: reads what the company wrote, answers, says STOP. The
page asks for changes and waits for them, so it is live without a socket; no script or style is
inline, and words are only ever put in as text.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from simulator.world import Text, World

STATIC = Path(__file__).parent / "static"
PHONES_MAX = 200
TEXTS_MAX = 60
WAIT_S = 20.0
TOGETHER_S = 0.1
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


class Phones:
    """The page and what it asks for."""

    def __init__(self, world: World) -> None:
        """Only reads the world."""
        self._world = world

    def routes(self) -> list[BaseRoute]:
        """The page, its data and its files."""
        return [
            Route("/", self.home, methods=["GET"]),
            Route("/sim/phones", self.page, methods=["GET"]),
            Route("/sim/phones/data", self.data, methods=["GET"]),
            Mount("/sim/static", StaticFiles(directory=STATIC)),
        ]

    async def home(self, _request: Request) -> Response:
        """A person who opens the address wants the phones."""
        return RedirectResponse("/sim/phones")

    async def page(self, _request: Request) -> Response:
        """The page itself."""
        return FileResponse(STATIC / "phones.html", media_type="text/html")

    async def data(self, request: Request) -> Response:
        """What changed since a version; waits for it for a while."""
        after = request.query_params.get("after", "")
        if after.isdecimal():
            version = await self._world.changed(int(after), WAIT_S)
            if version > int(after):
                await asyncio.sleep(TOGETHER_S)
        said = {
            "version": self._world.version,
            "life": self._world.life_on,
            "lines": sorted(self._world.lines),
            "phones": self._list(),
            "open": self._open(request.query_params.get("phone", "")),
        }
        return Response(msgspec.json.encode(said), media_type="application/json")

    def _list(self) -> list[dict[str, Any]]:
        numbers = {**dict.fromkeys(self._world.customers), **dict.fromkeys(self._world.of_phone)}
        rows = [self._row(number) for number in numbers]
        rows.sort(key=lambda row: (-(row["at"] or 0), row["name"], row["number"]))
        return rows[:PHONES_MAX]

    def _row(self, number: str) -> dict[str, Any]:
        customer = self._world.customers.get(number)
        sids = self._world.of_phone.get(number, [])
        last = self._world.texts[sids[-1]] if sids else None
        return {
            "number": number,
            "name": customer.name if customer else "",
            "persona": customer.persona if customer else "",
            "at": last.at if last else None,
            "last": last.body[:80] if last else "",
            "mine": last.inbound if last else False,
        }

    def _open(self, number: str) -> dict[str, Any] | None:
        """One phone with all its conversations; the line it wrote with last comes first."""
        if not number:
            return None
        of_line: dict[str, list[Text]] = {}
        for text in reversed(self._world.texts_of(number)):
            if text.inbound or text.by_carrier or text.status in {"delivered", "read"}:
                of_line.setdefault(text.line, []).append(text)
        conversations = [
            {
                "line": line,
                "blocked": self._is_blocked(line, number),
                "texts": [_shown(text) for text in reversed(texts[:TEXTS_MAX])],
            }
            for line, texts in of_line.items()
        ]
        return {**self._row(number), "conversations": conversations}

    def _is_blocked(self, number: str, phone: str) -> bool:
        line = self._world.lines.get(number)
        service = line.messaging_service if line else None
        return any((sender, phone) in self._world.blocks for sender in (number, service))


def _shown(text: Text) -> dict[str, Any]:
    return {
        "sid": text.sid,
        "mine": text.inbound,
        "body": text.body,
        "media": text.media,
        "at": text.at,
        "carrier": text.by_carrier,
    }
