"""Notes: what the team says about a customer among itself. Never sent, never changed.

Not here: texts to the customer (`submit`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from lotline.actions.allowed import must
from lotline.actions.conversations import reached
from lotline.actions.errors import Refused
from lotline.core.people.roles import may_text
from lotline.store.events import record_event
from lotline.store.members import load_colleagues
from lotline.store.sealed import contact_key, seal_words
from lotline.store.words import hashes_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from lotline.actions.context import Context
    from lotline.core.base.sealing import Seal
    from lotline.store.database import Tx
    from lotline.store.shown import Viewer

LONGEST = 10_000


def add_note(
    ctx: Context,
    viewer: Viewer,
    conversation_id: UUID,
    body: str,
    mentions: Iterable[UUID] = (),
) -> UUID:
    """Its id. Who is named is told, if they work on this line."""
    must(viewer, may_text)
    words = body.strip()
    if not words:
        raise Refused("Write the note first.")
    if len(words) > LONGEST:
        raise Refused("That note is too long. Shorten it.")
    with ctx.db.transaction(viewer.group_id) as tx:
        row = reached(tx, viewer, conversation_id, lock=False)[0]
        key = contact_key(tx, row.contact_id, row.key_wrapped, row.erased_at)
        if key is None:
            raise Refused("This customer was erased, so nothing can be kept about them.")
        here = {one.id for one in load_colleagues(tx, viewer, row.line_id)}
        named = sorted(here & set(mentions))
        place = Place(row.store_id, row.line_id, conversation_id, row.contact_id)
        return keep_note(ctx, tx, viewer, place, key, words, named)


class Place(NamedTuple):
    """The conversation that a note stands in."""

    store_id: UUID
    line_id: UUID
    conversation_id: UUID
    contact_id: UUID


def keep_note(  # noqa: PLR0917  # one note's worth of values
    ctx: Context,
    tx: Tx,
    viewer: Viewer,
    place: Place,
    key: Seal,
    words: str,
    named: Sequence[UUID] = (),
) -> UUID:
    """A note within another act's transaction; who may, was asked there."""
    note_id, at = ctx.new_id(), ctx.now()
    tx.run(
        "notes.record",
        id=note_id,
        conversation_id=place.conversation_id,
        author_id=viewer.member_id,
        body_ct=seal_words(key, words, "notes", "body_ct", tx.group_id, note_id),
        mentions=list(named),
        line_id=place.line_id,
        words=hashes_of(tx.keys, words),
        at=at,
    )
    for member_id in [None, *named]:
        record_event(
            tx,
            "note" if member_id is None else "mention",
            at=at,
            store_id=place.store_id,
            line_id=place.line_id,
            conversation_id=place.conversation_id,
            contact_id=place.contact_id,
            subject_id=note_id,
            member_id=member_id,
        )
    return note_id
