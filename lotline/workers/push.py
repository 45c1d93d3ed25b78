"""Push: hands over the notices that are due, push service by push service.

Not here: how calls are made beside each other (`calls`), whom a notice is for and when it is tried
again (`actions.push`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from lotline.actions.push import ToPush, claim_pushes, hear, prune, record_pushes
from lotline.workers.calls import Calls

if TYPE_CHECKING:
    from lotline.actions.context import Context
    from lotline.core.people.push import Pusher
    from lotline.core.people.webhooks import Said

SERVICES = 8  # that are told at once
EACH = 16  # are claimed of one service: their time-outs end within the lease


class Notices(Calls[str, ToPush]):
    """An address is a push service, whosever browsers are behind it."""

    def __init__(self, ctx: Context, push: Pusher, *, patience_s: float | None = None) -> None:
        super().__init__(ctx, name="push", addresses=SERVICES, patience_s=patience_s)
        self._push = push

    def _gather(self, group_id: UUID) -> object:
        return hear(self._ctx, group_id)

    def _claim(self, group_id: UUID, room: int, busy: set[str]) -> list[ToPush]:
        return claim_pushes(self._ctx, group_id, services=room, each=EACH, busy=busy)

    def _address(self, item: ToPush) -> str:
        return item.due.service

    def _call(self, item: ToPush) -> Said:
        return self._push(item.push)

    def _record(
        self, group_id: UUID, answered: Sequence[tuple[ToPush, Said]], chances: Sequence[float]
    ) -> None:
        record_pushes(self._ctx, group_id, [(one.due, said) for one, said in answered], chances)

    def _prune(self, group_id: UUID) -> object:
        return prune(self._ctx, group_id)
