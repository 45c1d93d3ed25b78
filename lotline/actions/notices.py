"""The few texts that Lotline sends by itself: the answer to a stop, to a START, to HELP.

They pass the same gate and wait in the same outbox as any other text. One stop gets one
confirmation, at once or never: the gate refuses one that comes late or twice.

Not here: the wording (the rulebook), hearing what they answer (`receive`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from lotline.actions.deciding import keep_decision
from lotline.core.gate.decision import Verdict
from lotline.core.gate.facts import Sender
from lotline.core.gate.gate import decide
from lotline.core.messaging.notices import Notice, notice
from lotline.core.messaging.segments import count
from lotline.store.events import Happened, wake_workers
from lotline.store.facts import Asked, load_facts
from lotline.store.groups import load_group
from lotline.store.outbox import load_sending_lines, record_waiting
from lotline.store.texts import NewText, load_helped_since, record_text, settle_conversations

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from lotline.actions.context import Context
    from lotline.store.arrivals import Thread
    from lotline.store.database import Tx
    from lotline.store.ledger import Leaves
    from lotline.store.standing import Contact

# Two machines that answer each other's HELP would never stop.
HELP_AGAIN_AFTER = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Answer:
    """A notice that is due in a conversation."""

    which: Notice
    thread: Thread
    contact: Contact


def send_notices(
    ctx: Context, tx: Tx, answers: Sequence[Answer], leaves: Leaves, now: datetime
) -> list[Happened]:
    """Keep each with its decision and let those that may go wait for the next worker."""
    helped = load_helped_since(tx, (one.contact.id for one in answers), now - HELP_AGAIN_AFTER)
    due = [
        one
        for one in answers
        if one.contact.key is not None
        and not (one.which is Notice.HELP and one.contact.id in helped)
    ]
    if not due:
        return []
    group = load_group(tx)
    lines = load_sending_lines(tx, {one.thread.line_id for one in due})
    facts = load_facts(tx, [_asked(one, now) for one in due])
    happened = []
    for one, told in zip(due, facts, strict=True):
        assert one.contact.key is not None, "erased contacts were left out above"
        settings = group.settings
        body = notice(
            one.which,
            wording=ctx.book.notices,
            company=group.name,
            phone=settings.get("help_phone") or lines[one.thread.line_id].number,
            email=settings.get("help_email", ""),
        )
        decision = decide(told, ctx.book)
        may_go = decision.verdict is Verdict.ALLOW
        text = NewText(
            id=ctx.new_id(),
            conversation_id=one.thread.id,
            contact_id=one.thread.contact_id,
            line_id=one.thread.line_id,
            sender="software",
            purpose=one.which.purpose.value,
            body=body,
            segments=count(body).count,
            state="queued" if may_go else "blocked",
        )
        record_text(tx, text, one.contact.key, now)
        keep_decision(
            ctx,
            tx,
            text_id=text.id,
            stage="submit",
            facts=told,
            decision=decision,
            leaves=leaves,
            chain=one.contact.chain,
        )
        if may_go:
            record_waiting(
                tx,
                text_id=text.id,
                contact_id=text.contact_id,
                line_id=text.line_id,
                due_at=now,
                kind="notice",
            )
        thread = one.thread
        place = (thread.store_id, thread.line_id, thread.id, thread.contact_id)
        happened.append(Happened("text.out", *place, text.id))
    settle_conversations(tx, {one.thread.id for one in due})
    wake_workers(tx)
    return happened


def _asked(one: Answer, now: datetime) -> Asked:
    return Asked(
        contact_id=one.thread.contact_id,
        line_id=one.thread.line_id,
        purpose=one.which.purpose,
        sender=Sender.SOFTWARE,
        at=now,
    )
