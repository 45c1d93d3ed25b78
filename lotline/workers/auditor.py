"""The auditor: walks each company's whole ledger once a night.

Never as a process starts: a worker that starts has texts to send first.

Not here: how (`actions.check`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lotline.actions.check import check_if_due
from lotline.store.groups import load_group_ids

if TYPE_CHECKING:
    from lotline.actions.context import Context

EVERY_S = 1800.0


class Auditor:
    """Asks every half hour; the first time it is asked it rests."""

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self._rested = False

    def step(self) -> bool:
        """Each group whose check is due."""
        if self._rested:
            for group_id in load_group_ids(self._ctx.db):
                check_if_due(self._ctx, group_id)
        self._rested = True
        return False
