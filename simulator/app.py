"""App: the parts put together, and the tasks that run beside the requests."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Coroutine
from pathlib import Path
from typing import Any

import msgspec
from starlette.applications import Starlette
from starlette.middleware import Middleware

from simulator.api import Api, answer_rejected
from simulator.arriving import Arriving
from simulator.control import Control, answer_wrong_form
from simulator.faults import Faults
from simulator.guard import LOOPBACK, Guard
from simulator.people import People
from simulator.phones import Phones
from simulator.posting import Poster
from simulator.sending import Rejected, Sending
from simulator.world import open_world


class Simulator:
    """One carrier with its customers."""

    def __init__(self, data: Path | None, seed: int) -> None:
        """Everything is wired here; nothing else in the package holds a global."""
        dice = random.Random(seed)
        self._tasks: set[asyncio.Task[None]] = set()
        self.world = open_world(data)
        self.faults = Faults(dice)
        self.poster = Poster(self.world, self.faults)
        self.sending = Sending(self.world, self.faults, self.poster, self._start)
        self.arriving = Arriving(self.world, self.poster)
        self.people = People(self.world, self.arriving, dice, self._start)
        self.sending.arrived = self.people.on_arrival

    def application(self, host: str, own_url: str) -> Starlette:
        """The whole as one ASGI application."""
        self.people.own_url = own_url
        control = Control(self.world, self.faults, self.sending, self.arriving, self.people)
        local = host in LOOPBACK
        return Starlette(
            routes=[
                *Api(self.world, self.sending).routes(),
                *control.routes(),
                *Phones(self.world).routes(),
            ],
            middleware=[Middleware(Guard, hosts=LOOPBACK if local else None)],
            exception_handlers={
                Rejected: answer_rejected,
                msgspec.MsgspecError: answer_wrong_form,
                ValueError: answer_wrong_form,
            },
            lifespan=self._lifespan,
        )

    @contextlib.asynccontextmanager
    async def _lifespan(self, _app: Starlette) -> AsyncIterator[None]:
        self.sending.resume()
        self._start(self.people.live())
        try:
            yield
        finally:
            for task in list(self._tasks):
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            self.poster.close()
            self.world.journal.close()

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        """Run beside the requests; kept, or it could be collected while it runs."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
