"""A call that could not be proved to come from the carrier: kept aside, shown, never applied.

It is sealed like everything else, and a flood of forged calls fills no disk.

Not here: the proof (`web.edge.hooks`), the page that shows it (`store.turned_away`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lotline.store.arrivals import record_turned_away
from lotline.store.sealed import seal_words

if TYPE_CHECKING:
    from uuid import UUID

    from lotline.actions.context import Context

LONGEST = 8000  # characters kept of one call


def turn_away(
    ctx: Context, *, group_id: UUID | None, carrier: str, account: str, reason: str, raw: str
) -> UUID:
    """Keep it. Without a group nobody's key can seal it, so only the reason is kept."""
    row_id = ctx.new_id()
    now = ctx.now()
    sealed = b""
    if group_id is not None:
        with ctx.db.transaction(group_id) as tx:
            place = ("turned_away", "raw_ct", group_id, row_id)
            sealed = seal_words(tx.keys, raw[:LONGEST], *place)
    with ctx.db.door() as tx:
        record_turned_away(
            tx,
            row_id=row_id,
            of_group=group_id,
            carrier=carrier,
            account=account,
            reason=reason,
            raw_ct=sealed,
            at=now,
        )
    return row_id
