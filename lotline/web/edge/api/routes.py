"""Where the text API is found.

Not here: what each address does (its handler).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from lotline.web.edge.api.calling import Callers, Resource
from lotline.web.edge.api.openapi import document
from lotline.web.edge.api.people import People
from lotline.web.edge.api.problems import Problem
from lotline.web.edge.api.reading import Reading
from lotline.web.edge.api.texts import Texts

if TYPE_CHECKING:
    from starlette.requests import Request

    from lotline.actions.context import Context

ROOT = "/api/v1"


class Api:
    """Its routes, and an orderly end."""

    def __init__(self, ctx: Context) -> None:
        callers = Callers(ctx)
        self._texts = Texts(ctx, callers)
        reading, people = Reading(ctx, callers), People(ctx, callers)
        self.routes: list[BaseRoute] = [
            Route(f"{ROOT}/texts", Resource("texts", post=self._texts.post, get=reading.texts)),
            Route(f"{ROOT}/texts/{{id}}", Resource("text", get=reading.text)),
            Route(f"{ROOT}/contacts", Resource("contacts", post=people.meet, get=people.find)),
            Route(f"{ROOT}/contacts/{{id}}", Resource("contact", get=people.get)),
            Route(f"{ROOT}/contacts/{{id}}/standing", Resource("standing", get=people.standing)),
            Route(f"{ROOT}/contacts/{{id}}/consents", Resource("consents", post=people.agree)),
            Route(f"{ROOT}/contacts/{{id}}/stops", Resource("stops", post=people.stop)),
            Route(f"{ROOT}/lines", Resource("lines", get=people.lines)),
            Route(f"{ROOT}/events", Resource("events", get=reading.events)),
            Route(f"{ROOT}/openapi.json", Resource("openapi", get=_described)),
            Route("/api/{rest:path}", Resource("none", **dict.fromkeys(_METHODS, _nowhere))),
        ]

    async def close(self) -> None:
        """Finish what is in hand."""
        await self._texts.close()


_METHODS = ("get", "post", "put", "patch", "delete", "head", "options")


async def _described(request: Request) -> Response:
    """The whole of it, described; for anybody, as it says nothing of anybody."""
    del request
    return Response(document(), 200, media_type="application/json")


async def _nowhere(request: Request) -> Response:
    del request
    raise Problem(404, "not_found", "There is nothing at this address.")
