"""A whole web process over a test's own database: pages, streams, a signed-in browser.

Not here: the town (`tests.town`), what the tests say.
"""

from __future__ import annotations

import gc
import socket
import threading
import time
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import uvicorn
from a2wsgi import WSGIMiddleware
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import connections
from django.test import Client

from lotline.actions.devices import open_device
from lotline.store.accounts import record_account
from lotline.web.edge.app import build_edge
from tests.actions.house import House, MemoryCarrier
from tests.conftest import Database
from tests.town import Clock, Town, build_town, carrier_double, make_context


class Running(Clock):
    """Goes on like any clock, from a moment that a test chooses."""

    def __init__(self, at: datetime) -> None:
        super().__init__(at)
        self._since = time.monotonic()

    def __call__(self) -> datetime:
        return self.at + timedelta(seconds=time.monotonic() - self._since)


@dataclass
class Site:
    """The town, its pages and the hands to use them."""

    house: House
    url: str = ""
    _keys: dict[str, str] = field(default_factory=dict)

    @property
    def town(self) -> Town:
        return self.house.town

    def client(self, who: str) -> Client:
        """A browser without script, signed in as one of the town's people."""
        from django.contrib.auth import get_user_model

        made = Client()
        account = get_user_model().objects.get(pk=self.town.accounts[who])
        made.force_login(account)
        session = made.session
        session["second_step"] = True
        session.save()
        key = str(session.session_key)
        open_device(self.house.ctx, account.pk, key, label="Test phone", address="192.0.2.1")
        self._keys[who] = key
        return made

    def cookie(self, who: str) -> dict[str, Any]:
        """The same for a real browser."""

        def signed_in() -> str:
            try:
                return str(self.client(who).cookies[settings.SESSION_COOKIE_NAME].value)
            finally:
                connections.close_all()

        # The browser's driver keeps a loop on the test's own thread, where Django will not work.
        with ThreadPoolExecutor(1) as aside:
            value = aside.submit(signed_in).result()
        return {"name": settings.SESSION_COOKIE_NAME, "value": value, "url": self.url}


def _forget() -> None:
    """The connection of before, which speaks to another database."""
    with suppress(AttributeError):
        del connections["default"]


@contextmanager
def django_on(database: Database, context: Any) -> Iterator[None]:
    """Django speaks to this database and acts in this house, until the end of the block."""
    from lotline.config.django_settings import django_database

    described = django_database(database.app) | {"CONN_MAX_AGE": 0}
    connections.close_all()
    whole = connections.configure_settings({"default": described})
    before = dict(connections.databases)
    connections.databases.clear()
    connections.databases.update(whole)
    _forget()
    settings.LOTLINE_CONTEXT = lambda: context
    settings.ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
    settings.PASSWORD_HASHERS = [
        "django.contrib.auth.hashers.MD5PasswordHasher"
    ]  # quick, and only here
    try:
        yield
    finally:
        connections.close_all()
        _forget()
        connections.databases.clear()
        connections.databases.update(before)


@contextmanager
def a_site(
    database: Database,
    folder: Path,
    *,
    clock: Clock | None = None,
    choices: dict[str, Any] | None = None,
) -> Iterator[Site]:
    """A town with accounts, and Django turned towards it."""
    carrier = MemoryCarrier()
    ctx = replace(
        make_context(database.app, folder, clock=clock), carrier_for=carrier_double(carrier)
    )
    town = build_town(ctx, {"policy_required": False, **(choices or {})})
    carrier.clock = town.clock
    house = House(town, carrier, database)
    try:
        with django_on(database, ctx):
            for who, account_id in town.accounts.items():
                record_account(
                    ctx.ring.root, account_id, f"{who}@elmdock.example", "correct horse battery"
                )
            yield Site(house)
    finally:
        house.close()
        # A tab that was closed in the middle of a request leaves its connection to the collector.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ResourceWarning)
            gc.collect()


def _both(site: Site) -> Any:
    """Edge and pages behind one door, as `config.asgi` puts them for a whole installation."""
    edge: Any = build_edge(site.house.ctx, direct_dsn=site.house.database.app)
    handler: Any = get_wsgi_application()
    pages: Any = WSGIMiddleware(handler, workers=8)

    async def app(scope: Any, receive: Any, send: Any) -> None:
        to_edge = scope["type"] != "http" or scope["path"].startswith("/events")
        await (edge if to_edge else pages)(scope, receive, send)

    return app


@contextmanager
def served(site: Site) -> Iterator[str]:
    """The site over real HTTP, on a free port, with a sender at work."""
    app = _both(site)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    config = uvicorn.Config(
        app, host="127.0.0.1", port=port, log_level="error", timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    over = threading.Event()

    def work() -> None:
        while not over.wait(0.2):
            site.house.dispatch()

    worker = threading.Thread(target=work, daemon=True)
    worker.start()
    while not server.started:
        time.sleep(0.02)
    site.url = f"http://127.0.0.1:{port}"
    try:
        yield site.url
    finally:
        over.set()
        worker.join(5)
        time.sleep(0.7)  # a page's last word may still be in a thread's hand
        server.should_exit = True
        thread.join(5)
