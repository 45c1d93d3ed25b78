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
from lotline.store.events import Happened, record_event, record_events
from lotline.store.members import load_colleagues
from lotline.store.sealed import contact_key, seal_words
from lotline.store.words import written

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
        (note_id,) = keep_notes(ctx, tx, viewer, [Note(place, key, words, tuple(named))])
    return note_id


class Place(NamedTuple):
    """The conversation that a note stands in."""

    store_id: UUID
    line_id: UUID
    conversation_id: UUID
    contact_id: UUID


class Note(NamedTuple):
    """A note about to be kept, and who is named in it."""

    place: Place
    key: Seal
    words: str
    named: tuple[UUID, ...] = ()


def keep_notes(ctx: Context, tx: Tx, viewer: Viewer, several: Sequence[Note]) -> list[UUID]:
    """Notes within another act's transaction, by one author; who may, was asked there."""
    if not several:
        return []
    ids, at = [ctx.new_id() for _ in several], ctx.now()
    both = list(zip(ids, several, strict=True))
    tx.run(
        "notes.record",
        ids=ids,
        conversations=[one.place.conversation_id for one in several],
        author_id=viewer.member_id,
        bodies=[
            seal_words(one.key, one.words, "notes", "body_ct", tx.group_id, row_id)
            for row_id, one in both
        ],
        mentions=["{" + ",".join(map(str, one.named)) + "}" for one in several],
        lines=[one.place.line_id for one in several],
        words=[written(tx.keys, one.words) for one in several],
        at=at,
    )
    record_events(tx, [Happened("note", *one.place, row_id) for row_id, one in both], at)
    for note_id, one in both:
        for member_id in one.named:
            record_event(
                tx,
                "mention",
                at=at,
                **one.place._asdict(),
                subject_id=note_id,
                member_id=member_id,
            )
    return ids
