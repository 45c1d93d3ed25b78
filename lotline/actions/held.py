"""A text that waits for a manager is let go or refused, and every other rule is asked again.

Not here: why it waits (`screening`), who may say so and what else follows (`review`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lotline.actions.deciding import decide_again
from lotline.actions.submit import NO_HOUR
from lotline.core.gate.decision import Verdict
from lotline.core.gate.facts import Mark
from lotline.store.events import Happened, record_events, wake_workers
from lotline.store.outbox import lock_waiting, put_back, remove
from lotline.store.texts import lock_texts, set_states, settle_conversations

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from lotline.actions.context import Context
    from lotline.store.database import Tx
    from lotline.store.ledger import Leaves
    from lotline.store.standing import Contact


def settle_held(  # noqa: PLR0917  # one text's worth of values
    ctx: Context,
    tx: Tx,
    text_id: UUID,
    contact: Contact,
    leaves: Leaves,
    now: datetime,
    *,
    let_go: bool,
) -> str | None:
    """The text's state now; None when it did not wait any more. Its contact is under lock."""
    lock_waiting(tx, text_id)
    row = lock_texts(tx, [text_id])[text_id]
    if row.state != "held":
        return None
    word = Mark.RELEASED if let_go else Mark.REFUSED
    ((_, decision),) = decide_again(
        ctx,
        tx,
        [row],
        leaves,
        now,
        contacts={contact.id: contact},
        marks=frozenset({word.value}),
    )
    if decision.verdict is Verdict.BLOCK:
        remove(tx, [text_id])
        state = "blocked"
    elif decision.verdict is Verdict.HOLD:
        put_back(tx, {text_id: decision.hold_until or now + NO_HOUR}, "hold")
        state = "held"
    else:
        put_back(tx, {text_id: now}, "schedule")
        wake_workers(tx)
        state = "queued"
    set_states(tx, {text_id: state}, now)
    settle_conversations(tx, [row.conversation_id])
    happened = Happened(
        "text.state",
        line_id=row.line_id,
        conversation_id=row.conversation_id,
        contact_id=row.contact_id,
        subject_id=text_id,
    )
    record_events(tx, [happened], now)
    return state
