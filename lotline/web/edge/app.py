"""The edge's application: its routes, and an orderly end.

Not here: pages (Django), choosing the context (`config.asgi`).
"""

from __future__ import annotations

from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from lotline.web.edge.api.routes import Api
from lotline.web.edge.health import Health
from lotline.web.edge.hooks import PATH as HOOKS_PATH
from lotline.web.edge.hooks import Hooks
from lotline.web.edge.listen import Hub
from lotline.web.edge.live import Live
from lotline.web.edge.looking import look
from lotline.web.edge.metrics import Metrics

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from lotline.actions.context import Context


class Edge(Starlette):
    """Its routes, and before them the hooks, which take calls as the server hands them over."""

    hooks: Hooks

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].startswith(HOOKS_PATH):
            await self.hooks(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


def build_edge(ctx: Context, *, direct_dsn: str, metrics_token: str = "") -> Starlette:
    """`direct_dsn` is never through a pooler: the live stream listens on it."""
    hooks, health, api = Hooks(ctx), Health(ctx), Api(ctx)
    metrics = Metrics(ctx, metrics_token)
    hub = Hub(direct_dsn, partial(look, ctx))

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        hub.start()
        yield
        await hub.close()
        await hooks.close()
        await api.close()

    routes: list[BaseRoute] = [
        Route("/healthz", health.alive),
        Route("/readyz", health.ready),
        Route("/metrics", metrics.called),
        Route("/events", Live(ctx, hub)),
        *api.routes,
    ]
    app = Edge(routes=routes, lifespan=lifespan)
    app.hooks = hooks
    app.state.context = ctx
    app.state.hub = hub
    return app
