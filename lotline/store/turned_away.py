"""What was turned away: webhooks that failed verification, kept aside for the owner to see.

Not here: turning them away (`arrivals`); nothing here ever applies one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lotline.store.shown import TurnedAway

if TYPE_CHECKING:
    from lotline.store.database import Tx
    from lotline.store.shown import Viewer


def load_turned_away(tx: Tx, viewer: Viewer, limit: int = 100) -> list[TurnedAway]:
    """The newest first; nothing for anybody but owners and auditors."""
    if not viewer.sees_all or not viewer.active or viewer.locked:
        return []
    return [
        TurnedAway(
            id=row.id,
            carrier=row.carrier,
            account=row.account or "",
            reason=row.reason,
            arrived_at=row.arrived_at,
            seen_at=row.seen_at,
        )
        for row in tx.all("turned_away.list", limit=limit)
    ]
