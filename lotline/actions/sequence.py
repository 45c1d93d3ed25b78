"""The ledger gets on: leaves get their places, and the whole log a signed checkpoint.

Not here: writing leaves (`store.ledger`, beside what they record), proofs for outsiders.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lotline.core.ledger.checkpoint import Checkpoint, sign_checkpoint, signers_of
from lotline.store.groups import load_group
from lotline.store.ledger import lock_sequence, record_checkpoint, record_places

if TYPE_CHECKING:
    from uuid import UUID

    from lotline.actions.context import Context

AT_ONCE = 1000


def sequence(ctx: Context, group_id: UUID) -> int:
    """Place what is complete and sign for it. Returns how many leaves got their place."""
    now = ctx.now()
    with ctx.db.transaction(group_id) as tx:
        if not lock_sequence(tx):
            return 0
        done = record_places(tx, now, AT_ONCE)
        if done.placed:
            origin = load_group(tx).origin
            checkpoint = Checkpoint(origin, done.size, done.root)
            note = sign_checkpoint(checkpoint, signers_of(origin, tx.keys))
            record_checkpoint(tx, done.size, done.root, note, now)
        return done.placed
