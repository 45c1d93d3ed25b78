"""Texts of ours are kept: their words, the gate's word on each, and their places in the queue.

Whoever writes them, a person, a program or Lotline itself, they are kept in one way.

Not here: what they say (`composing`, `notices`), leaving (`dispatch`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lotline.actions.composing import joined
from lotline.actions.deciding import First, keep_decisions
from lotline.actions.notes import Note, Place
from lotline.store.events import wake_workers
from lotline.store.outbox import ToWait, record_several_waiting
from lotline.store.texts import NewText, record_texts

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from lotline.actions.composing import Composed, Draft
    from lotline.actions.context import Context
    from lotline.core.base.sealing import Seal
    from lotline.core.gate.decision import Decision
    from lotline.core.gate.facts import Facts
    from lotline.store.arrivals import Thread
    from lotline.store.database import Tx
    from lotline.store.ledger import Leaves
    from lotline.store.standing import Contact
    from lotline.store.texts import Where


@dataclass(frozen=True, slots=True)
class Keeping:
    """A text with what was decided on it. With `due_at` it waits until then, as `kind`; without,
    for a person, or it was a try.
    """

    text: NewText
    contact: Contact
    facts: Facts
    decision: Decision
    kind: str = ""
    due_at: datetime | None = None


def keep_texts(
    ctx: Context, tx: Tx, several: Sequence[Keeping], leaves: Leaves, now: datetime
) -> int:
    """All of them, with a question to the database for each kind of row, not for each text.

    Returns how many; fewer when another transaction was quicker with a name: then nothing counts.
    """
    kept = keep_words(tx, several, now)
    if kept == len(several):
        keep_decided(ctx, tx, several, leaves)
    return kept


def keep_words(tx: Tx, several: Sequence[Keeping], now: datetime) -> int:
    """Their words and states alone; returns how many, as `keep_texts` does."""
    return record_texts(tx, [(one.text, _key(one.contact)) for one in several], now)


def keep_decided(ctx: Context, tx: Tx, several: Sequence[Keeping], leaves: Leaves) -> None:
    """What was decided on texts that were just kept, and their places in the queue."""
    first = [First(one.text.id, one.facts, one.decision, one.contact.chain) for one in several]
    keep_decisions(ctx, tx, first, leaves)
    waiting = [
        ToWait(
            one.text.id,
            one.text.contact_id,
            one.text.line_id,
            one.due_at,
            one.kind,
            one.text.segments,
            many=one.text.sender != "person",
        )
        for one in several
        if one.due_at is not None
    ]
    if waiting:
        record_several_waiting(tx, waiting)
        wake_workers(tx)


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
    """One of them."""
    keep_texts(ctx, tx, [Keeping(text, contact, facts, decision, kind, due_at)], leaves, now)


def text_of(
    ctx: Context,
    draft: Draft,
    made: Composed,
    state: str,
    *,
    client_id: UUID | None,
    device_id: UUID | None = None,
) -> NewText:
    """What was composed, as a row; what no hand presses is software's."""
    return NewText(
        id=ctx.new_id(),
        conversation_id=draft.where.id,
        contact_id=draft.where.contact_id,
        line_id=draft.where.line_id,
        sender="software" if draft.author.is_program else "person",
        purpose=made.purpose.value,
        body=made.body,
        added=joined(made.added),
        segments=made.segments.count,
        state=state,
        author_id=draft.author.member_id,
        device_id=device_id,
        client_id=client_id,
        purpose_guess=made.guess.purpose.value,
        flagged=made.laxer,
    )


def reasons_of(draft: Draft, made: Composed, why: str) -> list[Note]:
    """Why it is not what it looks like: beside the flagged text, sealed, for whoever reviews it."""
    if not made.laxer or draft.key is None:
        return []
    said = f"Sent as {made.purpose.value}, though it reads like {made.guess.purpose.value}: "
    return [Note(place_of(draft.where), draft.key, said + why)]


def place_of(where: Where | Thread) -> Place:
    """Where a text's notes and events belong."""
    return Place(where.store_id, where.line_id, where.id, where.contact_id)


def _key(contact: Contact) -> Seal:
    assert contact.key is not None, "nothing is written to an erased contact"
    return contact.key
