"""A text of ours is kept: its words, the gate's word on it, and its place in the queue.

Whoever writes it, a person or software, it is kept in one way.

Not here: what it says (`composing`, `notices`), leaving (`dispatch`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lotline.actions.deciding import keep_decision
from lotline.store.events import wake_workers
from lotline.store.outbox import record_waiting
from lotline.store.texts import NewText, record_text

if TYPE_CHECKING:
    from datetime import datetime

    from lotline.actions.context import Context
    from lotline.core.gate.decision import Decision
    from lotline.core.gate.facts import Facts
    from lotline.store.database import Tx
    from lotline.store.ledger import Leaves
    from lotline.store.standing import Contact


def keep_text(
    ctx: Context,
    tx: Tx,
    text: NewText,
    contact: Contact,
    *,
    facts: Facts,
    decision: Decision,
    leaves: Leaves,
    now: datetime,
    kind: str = "",
    due_at: datetime | None = None,
) -> None:
    """With `due_at` it waits until then, as `kind`; without, for a person, or it was a try."""
    assert contact.key is not None, "nothing is written to an erased contact"
    record_text(tx, text, contact.key, now)
    keep_decision(
        ctx,
        tx,
        text_id=text.id,
        stage="submit",
        facts=facts,
        decision=decision,
        leaves=leaves,
        chain=contact.chain,
    )
    if due_at is not None:
        record_waiting(
            tx,
            text_id=text.id,
            contact_id=text.contact_id,
            line_id=text.line_id,
            due_at=due_at,
            kind=kind,
            segments=text.segments,
            many=text.sender == "broadcast",
        )
        wake_workers(tx)
