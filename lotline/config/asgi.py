"""The web's process: programs and the live stream go to the edge, people to Django's pages.

One path decides which: Django's own request machinery is slow to be async, so its pages run as
WSGI in threads beside the native edge.

Not here: what either of them does (`web`), what was chosen (`settings`, `wiring`).
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from lotline.config.entry import find
from lotline.config.logs import set_up_logs
from lotline.config.settings import load_settings
from lotline.config.wiring import direct_dsn, the_context
from lotline.web.edge.app import build_edge

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, MutableMapping

    Scope = MutableMapping[str, Any]
    Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
    Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
    App = Callable[[Scope, Receive, Send], Awaitable[None]]

EDGE = ("/hooks/", "/events", "/healthz", "/readyz", "/metrics")
PAGE_THREADS = 16


def build_app() -> App:
    """Both, behind one door."""
    settings = load_settings()
    set_up_logs(settings.log_level)
    ctx = the_context()
    live = find("lotline.web.edge.live:live_routes")
    routes = live(ctx, direct_dsn(settings)) if live is not None else ()
    edge: Any = build_edge(ctx, metrics_token=settings.metrics_token, more=routes)
    pages = _pages()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        to_edge = scope["type"] != "http" or scope["path"].startswith(EDGE)
        await (edge if to_edge else pages)(scope, receive, send)

    return app


def _pages() -> Any:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lotline.config.django_settings")
    from a2wsgi import WSGIMiddleware
    from django.core.wsgi import get_wsgi_application

    return WSGIMiddleware(get_wsgi_application(), workers=PAGE_THREADS)


app = build_app()
