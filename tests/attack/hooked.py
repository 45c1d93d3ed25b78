"""The hooks' door as an attacker meets it: raw ASGI, any bytes, signed only when asked to be.

Not here: what is thrown at it (`test_hooks_fuzz`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Thread
from typing import Any, TypeVar
from urllib.parse import urlencode

import psycopg
from starlette.applications import Starlette

from lotline.actions.context import Context
from lotline.adapters.twilio_signature import sign, signed_tail
from lotline.config.wiring import Carriers
from lotline.store.carrier_accounts import CarrierAccount, record_carrier_account
from lotline.web.edge.app import build_edge
from tests.conftest import Database
from tests.town import ACCOUNT, LINES, Town, build_town, make_context

T = TypeVar("T")

URL = "https://text.elmdock.example"
TOKEN = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"
INBOUND = f"/hooks/twilio/{ACCOUNT}/inbound"
STATUS = f"/hooks/twilio/{ACCOUNT}/status"
SALES = LINES["sales"][2]

Headers = Sequence[tuple[bytes, bytes]]


@dataclass(repr=False)
class Door:
    """The edge over a database of its own, and an eye that sees every row."""

    app: Starlette
    ctx: Context
    town: Town
    loop: asyncio.AbstractEventLoop
    link: psycopg.Connection[Any]

    def call(
        self,
        path: bytes,
        chunks: Sequence[bytes],
        headers: Headers = (),
        *,
        query: bytes = b"",
        gone_after: int | None = None,
    ) -> int:
        """One call; 0 when the caller went away before there was an answer."""
        return _on(self.loop, self._call(path, chunks, headers, query, gone_after))

    def signed(self, path: str, params: dict[str, str]) -> int:
        """The same as the carrier makes it: a form with a right signature."""
        parts = {name: [value] for name, value in params.items()}
        given = sign(URL + path + signed_tail(parts), TOKEN)
        headers = [
            (b"content-type", b"application/x-www-form-urlencoded"),
            (b"x-twilio-signature", given.encode()),
        ]
        bare, _, query = path.partition("?")
        body = urlencode(params).encode()
        return self.call(bare.encode(), [body], headers, query=query.encode())

    async def _call(
        self,
        path: bytes,
        chunks: Sequence[bytes],
        headers: Headers,
        query: bytes,
        gone_after: int | None,
    ) -> int:
        messages: list[dict[str, Any]] = [
            {"type": "http.request", "body": chunk, "more_body": n + 1 < len(chunks)}
            for n, chunk in enumerate(chunks or [b""])
        ]
        if gone_after is not None:
            messages = messages[:gone_after]
        messages.append({"type": "http.disconnect"})
        waiting = iter(messages)
        sent: list[int] = []

        async def receive() -> dict[str, Any]:
            return next(waiting, {"type": "http.disconnect"})

        async def send(message: Any) -> None:
            if message["type"] == "http.response.start":
                sent.append(int(message["status"]))

        scope: dict[str, Any] = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": "POST",
            "scheme": "http",
            "path": _unquoted(path),
            "raw_path": path,
            "query_string": query,
            "root_path": "",
            "headers": [(name.lower(), value) for name, value in headers],
            "client": ("192.0.2.9", 4000),
            "server": ("127.0.0.1", 80),
            "state": {},
        }
        app: Any = self.app
        await app(scope, receive, send)
        return sent[0] if sent else 0

    def count(self, table: str, where: str = "true", *params: Any) -> int:
        row = self.link.execute(f"select count(*) from {table} where {where}".encode(), params)
        found = row.fetchone()
        assert found is not None
        return int(found[0])


def _unquoted(path: bytes) -> str:
    from urllib.parse import unquote_to_bytes

    return unquote_to_bytes(path).decode("utf-8", "replace")


def _on(loop: asyncio.AbstractEventLoop, work: Coroutine[Any, Any, T]) -> T:
    """In the loop's own thread: a browser may keep another loop in this one."""
    return asyncio.run_coroutine_threadsafe(work, loop).result()


@contextmanager
def open_door(db: Database, folder: Path) -> Iterator[Door]:
    """A town with an account at the carrier, its hooks, and no server in between."""
    made = make_context(db.app, folder)
    town = build_town(made, {"policy_required": False})
    ctx = replace(made, carrier_for=Carriers(made.db, (URL,)))
    with ctx.db.transaction(town.group_id) as tx:
        account = CarrierAccount("twilio", ACCOUNT, "http://127.0.0.1:9", {"auth_tokens": [TOKEN]})
        record_carrier_account(tx, account, ctx.now())
    loop = asyncio.new_event_loop()
    app = build_edge(ctx, direct_dsn=db.app)
    link = psycopg.connect(db.dsn("superuser"), autocommit=True)
    over: list[Any] = []

    async def begin() -> None:
        over.append(app.router.lifespan_context(app))
        await over[0].__aenter__()

    async def end() -> None:
        await over[0].__aexit__(None, None, None)

    turning = Thread(target=loop.run_forever, daemon=True)
    turning.start()
    try:
        _on(loop, begin())
        yield Door(app, ctx, town, loop, link)
        _on(loop, end())
    finally:
        _on(loop, loop.shutdown_default_executor())
        loop.call_soon_threadsafe(loop.stop)
        turning.join()
        loop.close()
        link.close()
        ctx.db.close()
