"""Texts as programs read them: within the token's reach, in the order they were made.

What others tried to send and could not is not among them; what the program tried itself is.

Not here: asking for texts (`actions.submit_batch`), how pages show them (`conversations`).
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

from msgspec import Struct

from lotline.store.reach import reach_of
from lotline.store.sealed import contact_key, open_words
from lotline.store.watch import show_body

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lotline.store.database import Tx
    from lotline.store.shown import Viewer

STRETCH = 1000  # rows that one page looks at
_FIRST = UUID(int=0)


class SeenText(Struct):
    """A text and what became of it so far: what a program is told of it, field by field."""

    id: UUID
    conversation_id: UUID
    contact_id: UUID
    line_id: UUID
    direction: str
    sender: str
    author_id: UUID | None
    purpose: str | None
    number: str
    body: str
    added: str
    segments: int
    state: str
    state_at: datetime
    error_code: str | None
    due_at: datetime | None
    handed_at: datetime | None
    created_at: datetime


class TextPage(NamedTuple):
    """Some texts, and from where to go on; None when that was all."""

    texts: list[SeenText]
    after: UUID | None


def load_text_page(
    tx: Tx,
    viewer: Viewer,
    *,
    after: UUID | None = None,
    limit: int,
    contact_id: UUID | None = None,
    line_id: UUID | None = None,
    state: str | None = None,
    direction: str | None = None,
) -> TextPage:
    """Oldest first. A page may hold fewer than `limit`, or none, and still have a next one."""
    reach = reach_of(viewer)
    rows = tx.all(
        "program_texts.page",
        after=after or _FIRST,
        contact_id=contact_id,
        line_id=line_id,
        state=state,
        direction=direction,
        line_ids=reach.line_ids,
        member_id=reach.member_id,
        stretch=STRETCH,
    )
    seen = [row for row in rows if row.seen]
    texts = [_seen(tx, row) for row in seen[:limit]]
    if len(seen) > limit:
        return TextPage(texts, seen[limit - 1].id)
    return TextPage(texts, rows[-1].id if len(rows) == STRETCH else None)


def load_seen_texts(tx: Tx, viewer: Viewer, ids: Iterable[UUID]) -> list[SeenText]:
    """Those of these that are within reach."""
    wanted = sorted(set(ids))
    if not wanted:
        return []
    reach = reach_of(viewer)
    rows = tx.all(
        "program_texts.some", ids=wanted, line_ids=reach.line_ids, member_id=reach.member_id
    )
    return [_seen(tx, row) for row in rows]


def _seen(tx: Tx, row: Any) -> SeenText:
    group = tx.group_id
    key = contact_key(tx, row.contact_id, row.key_wrapped, row.erased_at)
    return SeenText(
        id=row.id,
        conversation_id=row.conversation_id,
        contact_id=row.contact_id,
        line_id=row.line_id,
        direction=row.direction,
        sender=row.sender,
        author_id=row.author_id,
        purpose=row.purpose,
        number=open_words(key, row.number_ct, "contacts", "number_ct", group, row.contact_id),
        body=show_body(tx, open_words(key, row.body_ct, "texts", "body_ct", group, row.id)),
        added=open_words(key, row.added_ct, "texts", "added_ct", group, row.id),
        segments=row.segments,
        state=row.state,
        state_at=row.state_at,
        error_code=row.error_code,
        due_at=row.due_at,
        handed_at=row.handed_at,
        created_at=row.created_at,
    )
