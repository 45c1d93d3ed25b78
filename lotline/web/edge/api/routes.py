"""Where the text API is found.

Not here: what each address does (its handler).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.routing import BaseRoute, Route

from lotline.web.edge.api.calling import Callers, Resource
from lotline.web.edge.api.problems import Problem
from lotline.web.edge.api.texts import Texts

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from lotline.actions.context import Context

ROOT = "/api/v1"


class Api:
    """Its routes, and an orderly end."""

    def __init__(self, ctx: Context) -> None:
        callers = Callers(ctx)
        self._texts = Texts(ctx, callers)
        self.routes: list[BaseRoute] = [
            Route(f"{ROOT}/texts", Resource("texts", post=self._texts.post)),
            Route("/api/{rest:path}", Resource("none", **dict.fromkeys(_METHODS, _nowhere))),
        ]

    async def close(self) -> None:
        """Finish what is in hand."""
        await self._texts.close()


_METHODS = ("get", "post", "put", "patch", "delete", "head", "options")


async def _nowhere(request: Request) -> Response:
    del request
    raise Problem(404, "not_found", "There is nothing at this address.")
