"""Allowance: what a token may still ask for in this minute, counted in the database.

A process takes a small part of the bucket at a time and spends it by itself, so that a busy token
costs a few questions a second, and several processes together never give more than the bucket had.
What is not spent within a second is lost.

Not here: the bucket (`store.programs`), who calls (`calling`).
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from lotline.actions.programs import take
from lotline.web.edge.api.problems import too_many, unauthorized

if TYPE_CHECKING:
    from uuid import UUID

    from lotline.actions.context import Context
    from lotline.store.programs import Whose

PART_S = 0.25  # of a second's worth are taken at once
KEPT_S = 1.0
KNOWN_MAX = 10_000


class Left(NamedTuple):
    """What is told with every answer."""

    limit: int
    remaining: int
    reset_s: int

    def headers(self) -> dict[str, str]:
        return {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(self.remaining),
            "RateLimit-Reset": str(self.reset_s),
        }


@dataclass(slots=True)
class _Part:
    """What this process holds of one bucket."""

    held: float = 0.0
    until: float = 0.0
    level: float = 0.0  # left in the bucket itself when it was last asked
    per_minute: int = 0
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    def spend(self, cost: float) -> bool:
        if self.held < cost or time.monotonic() > self.until:
            return False
        self.held -= cost
        return True

    def left(self) -> Left:
        full = float(self.per_minute)
        remaining = min(full, self.level + self.held)
        reset = (full - remaining) * 60 / max(self.per_minute, 1)
        return Left(self.per_minute, int(remaining), round(reset + 0.5))


class Allowance:
    """One for the process."""

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self._parts: dict[UUID, _Part] = {}

    async def spend(self, whose: Whose, cost: int) -> Left:
        """Pay for a call, or raise the problem that says when to come back."""
        part = self._parts.get(whose.program_id)
        if part is None:
            if len(self._parts) >= KNOWN_MAX:
                self._parts.clear()
            part = self._parts.setdefault(whose.program_id, _Part())
        if part.spend(cost):
            return part.left()
        async with part.lock:
            if not part.spend(cost):
                await self._fetch(whose, part, cost)
        return part.left()

    async def _fetch(self, whose: Whose, part: _Part, cost: int) -> None:
        most = max(float(cost), part.per_minute / 60 * PART_S)
        bucket = await asyncio.to_thread(take, self._ctx, whose, least=cost, most=most)
        if bucket is None:
            raise unauthorized("This token is not valid, or not any more.")
        part.level, part.per_minute = bucket.level, bucket.per_minute
        if bucket.taken < cost:
            part.held = 0.0
            missing = min(float(cost), float(bucket.per_minute)) - bucket.level
            raise too_many(missing * 60 / bucket.per_minute, part.left().headers())
        part.held = bucket.taken - cost
        part.until = time.monotonic() + KEPT_S
