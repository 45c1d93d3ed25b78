"""Taking a text back before it leaves: within its seconds of undo, or while it is held.

Under the contact's lock it either still waits and is taken back, or it is on its way and is not.

Not here: what a stop takes back (`entries`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

from lotline.actions.context import again, must_reach
from lotline.actions.errors import NotAllowed, NotYours
from lotline.core.people.roles import may_review
from lotline.store.events import Happened, record_events
from lotline.store.outbox import lock_waiting, remove
from lotline.store.standing import lock_contacts
from lotline.store.texts import (
    load_text,
    lock_texts,
    open_body,
    set_states,
    settle_conversations,
)

if TYPE_CHECKING:
    from lotline.actions.context import Context
    from lotline.store.shown import Viewer

_WAITS = frozenset({"queued", "held"})


@dataclass(frozen=True, slots=True)
class Undone:
    """`body` goes back into the box. `why` says in words why it could not be taken back."""

    ok: bool
    body: str
    why: str = ""


def undo(ctx: Context, viewer: Viewer, text_id: UUID) -> Undone:
    """Its author takes it back, or whoever looks after them. Twice is the same as once."""
    return again(partial(_undo, ctx, viewer, text_id))


edit_held = undo  # a held text is changed by taking it back and writing it anew


def _undo(ctx: Context, viewer: Viewer, text_id: UUID) -> Undone:
    now = ctx.now()
    with ctx.db.transaction(viewer.group_id) as tx:
        seen = load_text(tx, text_id)
        if seen is None or seen.sender == "customer":
            raise NotYours
        must_reach(viewer, seen.line_id)
        if seen.author_id != viewer.member_id and not may_review(viewer.role):
            raise NotAllowed
        contact = lock_contacts(tx, [seen.contact_id])[seen.contact_id]
        waiting = lock_waiting(tx, text_id)
        row = lock_texts(tx, [text_id])[text_id]
        body, _ = open_body(tx, contact.key, row)
        if row.state == "cancelled":
            return Undone(ok=True, body=body)
        if row.state == "blocked":
            return Undone(ok=False, body=body, why="It was never sent.")
        if row.state not in _WAITS or (waiting is None and row.state == "queued"):
            return Undone(ok=False, body=body, why="It has already left.")
        remove(tx, [text_id])
        set_states(tx, {text_id: "cancelled"}, now)
        settle_conversations(tx, [row.conversation_id])
        happened = Happened(
            "text.state",
            line_id=row.line_id,
            conversation_id=row.conversation_id,
            contact_id=row.contact_id,
            subject_id=text_id,
        )
        record_events(tx, [happened], now)
        return Undone(ok=True, body=body)
