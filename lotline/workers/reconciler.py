"""The reconciler: looks for texts of which nobody knows whether they left. It never sends.

Each is looked for a few times, further and further apart; after an hour a person decides.

Not here: what is believed of the carrier's list (`actions.reconcile`, `core.carriers.unknowns`).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from lotline.actions.reconcile import settle, unsettled
from lotline.core.carriers.port import Found

if TYPE_CHECKING:
    from lotline.actions.context import Context


class Reconciler:
    """Remembers when each text is to be looked for again; a restart only looks sooner."""

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self._next: dict[UUID, datetime] = {}  # of those that wait for another look

    def step(self) -> bool:
        """One round over what is unsettled. True when something was settled."""
        ctx = self._ctx
        now = ctx.now()
        self._next = {one: at for one, at in self._next.items() if at > now}
        settled = False
        for one in unsettled(ctx, self._next.keys()):
            carrier = ctx.carrier_for(one.group_id, one.search.account)
            found = carrier.find(one.search)
            if isinstance(found, Found) and settle(ctx, one, found):
                settled = True
                continue
            waited = (now - one.since).total_seconds()
            pause = min(max(waited, 15.0), float(ctx.settings.recheck_s))
            self._next[one.text_id] = now + timedelta(seconds=pause)
        return settled
