"""The edge's application: its routes, and an orderly end.

Not here: pages (Django), choosing the context (`config.asgi`).
"""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.routing import BaseRoute, Route

from lotline.web.edge.health import Health
from lotline.web.edge.hooks import Hooks
from lotline.web.edge.metrics import Metrics

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from lotline.actions.context import Context


def build_edge(
    ctx: Context, *, metrics_token: str = "", more: Sequence[BaseRoute] = ()
) -> Starlette:
    """`more` are routes of others, such as the live stream."""
    hooks, health = Hooks(ctx), Health(ctx)
    metrics = Metrics(ctx, metrics_token)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        app.state.lotline = ctx
        yield
        await hooks.close()

    where = "/hooks/{carrier}/{account}"
    routes: list[BaseRoute] = [
        Route(f"{where}/inbound", hooks.called, methods=["POST"]),
        Route(f"{where}/status", hooks.called, methods=["POST"]),
        Route("/healthz", health.alive),
        Route("/readyz", health.ready),
        Route("/metrics", metrics.called),
        *more,
    ]
    return Starlette(routes=routes, lifespan=lifespan)
