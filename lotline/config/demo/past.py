"""The town's past: a clock that is moved, names that grow with it, and a Context under both.

Not here: today's clock and names (`config.wiring`).
"""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from lotline.config.demo.carrying import PastCarrier
from lotline.config.demo.whole import Whole
from lotline.core.base.ids import uuid7_from

if TYPE_CHECKING:
    from lotline.actions.context import Context

_NOISE_BITS = 62
_IDS_A_MS = 1 << 12


class PastClock:
    """Stands where it was put; only goes forward, and never beyond today."""

    def __init__(self, start: datetime, today: datetime) -> None:
        self.at = start
        self.today = today

    def __call__(self) -> datetime:
        return self.at

    def come_to(self, moment: datetime) -> None:
        self.at = min(max(self.at, moment), self.today)

    def pass_by(self, seconds: float) -> None:
        self.come_to(self.at + timedelta(seconds=seconds))


class PastNames:
    """UUIDv7 of the moved clock, growing also while it stands."""

    def __init__(self, clock: PastClock) -> None:
        self._clock = clock
        self._ms = 0
        self._count = 0

    def __call__(self) -> UUID:
        now_ms = int(self._clock().timestamp() * 1000)
        if now_ms > self._ms:
            self._ms, self._count = now_ms, 0
        elif self._count == _IDS_A_MS - 1:
            self._ms, self._count = self._ms + 1, 0
        else:
            self._count += 1
        noise = int.from_bytes(os.urandom(8), "big") & ((1 << _NOISE_BITS) - 1)
        return uuid7_from(self._ms, (self._count << 68 | noise).to_bytes(10, "big"))


class Past:
    """What the builders of the town act with."""

    def __init__(self, today: Context, *, start: datetime, account: str) -> None:
        self.clock = PastClock(start, today.now())
        self.carrier = PastCarrier(account)
        self.db = Whole(today.db.dsn, today.db.keys)
        self.ctx = replace(
            today,
            db=self.db,
            now=self.clock,
            new_id=PastNames(self.clock),
            carrier_for=lambda _group, _account: self.carrier,
        )
