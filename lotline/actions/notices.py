"""The few texts that Lotline sends by itself: the answer to a stop, to a START, to HELP.

They pass the same gate and wait in the same outbox as any other text. One stop gets one
confirmation, at once or never: the gate refuses one that comes late or twice.

Not here: the wording (the rulebook), hearing what they answer (`receive`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from lotline.actions.keeping import Keeping, keep_texts
from lotline.actions.profiles import book_of
from lotline.core.gate.decision import Verdict
from lotline.core.gate.facts import Sender
from lotline.core.gate.gate import decide
from lotline.core.messaging.notices import Notice, notice
from lotline.core.messaging.segments import count
from lotline.store.events import Happened
from lotline.store.facts import Asked, load_facts
from lotline.store.groups import load_group
from lotline.store.outbox import load_sending_lines
from lotline.store.texts import NewText, load_helped_since, settle_conversations

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
    due = _due(tx, answers, now)
    if not due:
        return []
    group = load_group(tx)
    lines = load_sending_lines(tx, {one.thread.line_id for one in due})
    facts = load_facts(tx, [_asked(one, now) for one in due])
    happened, kept = [], []
    book = book_of(ctx, tx)
    for one, told in zip(due, facts, strict=True):
        body = notice(
            one.which,
            wording=ctx.book.notices,
            company=group.name,
            phone=group.settings.get("help_phone") or lines[one.thread.line_id].number,
            email=group.settings.get("help_email", ""),
        )
        decision = decide(told, book)
        text = _text(ctx, one, body, may_go=decision.verdict is Verdict.ALLOW)
        due_at = now if text.state == "queued" else None
        kept.append(Keeping(text, one.contact, told, decision, "notice", due_at))
        thread = one.thread
        place = (thread.store_id, thread.line_id, thread.id, thread.contact_id)
        happened.append(Happened("text.out", *place, text.id))
    keep_texts(ctx, tx, kept, leaves, now)
    settle_conversations(tx, {one.thread.id for one in due})
    return happened


def _due(tx: Tx, answers: Sequence[Answer], now: datetime) -> list[Answer]:
    """Nothing for the erased, and no HELP twice within minutes, nor twice at once."""
    helped = load_helped_since(tx, (one.contact.id for one in answers), now - HELP_AGAIN_AFTER)
    due = []
    for one in answers:
        if one.contact.key is None or (one.which is Notice.HELP and one.contact.id in helped):
            continue
        if one.which is Notice.HELP:
            helped.add(one.contact.id)
        due.append(one)
    return due


def _text(ctx: Context, one: Answer, body: str, *, may_go: bool) -> NewText:
    return NewText(
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


def _asked(one: Answer, now: datetime) -> Asked:
    return Asked(
        contact_id=one.thread.contact_id,
        line_id=one.thread.line_id,
        purpose=one.which.purpose,
        sender=Sender.SOFTWARE,
        at=now,
    )
