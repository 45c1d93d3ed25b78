"""The web's process: programs and the live stream go to the edge, people to Django's pages.

One path decides which: Django's own request machinery is slow to be async, so its pages run as
WSGI in threads beside the native edge.

Not here: what either of them does (`web`), what was chosen (`settings`, `wiring`).
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

import django
from a2wsgi import WSGIMiddleware
from django.core.wsgi import get_wsgi_application

from lotline.config.heap import set_heap_aside
from lotline.config.logs import set_up_logs, with_request_ids
from lotline.config.settings import load_settings
from lotline.config.wiring import direct_dsn, the_context
from lotline.core.consent.hearing import warm
from lotline.web.uploads import sweep

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, MutableMapping

    Scope = MutableMapping[str, Any]
    Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
    Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
    App = Callable[[Scope, Receive, Send], Awaitable[None]]

EDGE = ("/hooks/", "/api/", "/events", "/healthz", "/readyz", "/metrics")
PAGE_THREADS = 16
# A thread that computes lets another one have the interpreter after so long: the loop, which has
# calls to answer, would wait five times as long by itself.
TURN_S = 0.001


def build_app() -> App:
    """Both, behind one door."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lotline.config.django_settings")
    sys.setswitchinterval(TURN_S)
    settings = load_settings()
    set_up_logs(settings.log_level, "web")
    sweep(settings.data / "incoming")
    django.setup()  # the live stream asks its sessions who is signed in
    from lotline.web.edge.app import build_edge

    ctx = the_context()
    warm()
    edge: Any = build_edge(
        ctx, direct_dsn=direct_dsn(settings), metrics_token=settings.metrics_token
    )
    pages = _pages()
    set_heap_aside()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        to_edge = scope["type"] != "http" or scope["path"].startswith(EDGE)
        await (edge if to_edge else pages)(scope, receive, send)

    return app


def _pages() -> Any:
    handler: Any = get_wsgi_application()
    return WSGIMiddleware(handler, workers=PAGE_THREADS)


app = with_request_ids(build_app())
