"""A house whose people take notices on devices of their own, and a hand that lets the worker ring.

Not here: the push service (`tests.adapters.push_peer`), what should be told (`test_push`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from lotline.actions.conversations import assign
from lotline.actions.push import subscribe
from lotline.store.shown import Viewer
from lotline.workers.push import Notices
from tests.actions.house import House
from tests.adapters.push_peer import Call, Phone, PushService

PRIYA, SAID = "+16145550142", "Is the marzipan coupe still there?"


@dataclass
class Told:
    """A house whose people take notices at a push service beside it."""

    house: House
    service: PushService
    worker: Notices

    @property
    def ctx(self) -> Any:
        return self.house.ctx

    def takes(self, who: str, session: str = "") -> tuple[Viewer, Phone]:
        viewer = self.house.town.sign_in(who, session)
        phone = self.service.phone(f"{who}-{viewer.device_id}")
        subscribe(self.ctx, viewer, phone.said())
        return viewer, phone

    def talk(self, number: str = PRIYA, *, line: str = "sales", to: str | None = None) -> UUID:
        town = self.house.town
        by = {"sales": "ben", "service": "bea", "dock": "cy"}[line]
        made = town.meet(number, "Priya Ramnath", by=by, line=line, how="texted_us")
        assign(self.ctx, town.sign_in("ada"), made, town.members[to] if to else None)
        return made

    def texts(self, talk: UUID, words: str = SAID) -> None:
        self.house.town.hear(talk, words)

    def ring(self, seconds: float = 4) -> list[Call]:
        """The worker's rounds until it rests; what reached the push service."""
        before = len(self.service.heard)
        self.worker.step()
        self.house.town.clock.pass_by(seconds=seconds)
        while self.worker.step():
            pass
        return self.service.heard[before:]
