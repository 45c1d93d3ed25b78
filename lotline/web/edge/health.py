"""Health: whether this process lives, and whether it can do its work now.

`/healthz` asks nothing of the database: a process that waits for its database is not to be killed.
`/readyz` asks whether a text could be taken now.

Not here: what to do about it (`lotline doctor`).
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from starlette.responses import JSONResponse, Response

from lotline.store.database import Unavailable

if TYPE_CHECKING:
    from starlette.requests import Request

    from lotline.actions.context import Context


class Health:
    """Two small answers."""

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx

    async def alive(self, request: Request) -> Response:
        del request
        return JSONResponse({"alive": True}, headers={"Cache-Control": "no-store"})

    async def ready(self, request: Request) -> Response:
        del request
        try:
            await asyncio.to_thread(self._ask)
        except Unavailable:
            return JSONResponse({"ready": False, "why": "database"}, 503)
        return JSONResponse({"ready": True}, headers={"Cache-Control": "no-store"})

    def _ask(self) -> None:
        with self._ctx.db.door() as tx:
            tx.one("outbox.next_due")
