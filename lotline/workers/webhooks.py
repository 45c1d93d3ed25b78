"""Webhooks: what others are told, address by address.

Not here: how calls are made beside each other (`calls`), what is told and when it is tried again
(`actions.webhooks`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from lotline.actions.programs import forget_requests
from lotline.actions.webhooks import ToTell, claim_tellings, gather, prune, record_tellings
from lotline.workers.calls import Calls

if TYPE_CHECKING:
    from lotline.actions.context import Context
    from lotline.core.people.webhooks import Said, Teller

ADDRESSES = 12  # that are told at once
EACH = 8  # are claimed of one address: their time-outs end well within the lease


class Webhooks(Calls[UUID, ToTell]):
    """An address is a webhook."""

    def __init__(self, ctx: Context, tell: Teller, *, patience_s: float | None = None) -> None:
        super().__init__(ctx, name="webhook", addresses=ADDRESSES, patience_s=patience_s)
        self._teller = tell

    def _gather(self, group_id: UUID) -> object:
        return gather(self._ctx, group_id)

    def _claim(self, group_id: UUID, room: int, busy: set[UUID]) -> list[ToTell]:
        return claim_tellings(self._ctx, group_id, addresses=room, each=EACH, busy=busy)

    def _address(self, item: ToTell) -> UUID:
        return item.due.webhook_id

    def _call(self, item: ToTell) -> Said:
        return self._teller(item.telling)

    def _record(
        self, group_id: UUID, answered: Sequence[tuple[ToTell, Said]], chances: Sequence[float]
    ) -> None:
        heard = [(one.due, said) for one, said in answered]
        record_tellings(self._ctx, group_id, heard, chances)

    def _prune(self, group_id: UUID) -> object:
        """Calls that are over, and keys of requests that are a day old."""
        forget_requests(self._ctx, group_id)
        return prune(self._ctx, group_id)
