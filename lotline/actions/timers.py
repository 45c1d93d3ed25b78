"""What happens by the clock alone: a snooze ends, and old events of the live stream are forgotten.

Not here: texts whose hour comes (`dispatch`), the ledger (`sequence`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lotline.store import stream
from lotline.store.events import Happened, record_events

if TYPE_CHECKING:
    from uuid import UUID

    from lotline.actions.context import Context

PRUNED_AT_ONCE = 5000


def wake_snoozed(ctx: Context, group_id: UUID) -> int:
    """Snoozed conversations whose time has come are back in the list."""
    now = ctx.now()
    with ctx.db.transaction(group_id) as tx:
        rows = tx.all("timers.wake_snoozed", now=now)
        happened = [
            Happened("conversation", row.store_id, row.line_id, row.id, row.contact_id)
            for row in rows
        ]
        record_events(tx, happened, now)
        return len(rows)


def prune_events(ctx: Context, group_id: UUID) -> int:
    """Forget what no open page can still be behind of."""
    with ctx.db.transaction(group_id) as tx:
        return stream.prune_events(tx, ctx.now() - stream.KEPT, PRUNED_AT_ONCE)
