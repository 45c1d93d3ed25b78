"""What was heard in customers' words and waits for a person, or can be undone by one.

A row is answered once. The words stay sealed in the text; the row holds only what follows.

Not here: hearing itself (`core.consent.hearing`), what an answer does to consent (`actions.heard`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

from lotline.core.base.numbers import shown
from lotline.store.reach import reach_of
from lotline.store.sealed import contact_key, name_tokens, open_words, seal_words
from lotline.store.watch import show_body

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime

    from lotline.core.base.sealing import Seal
    from lotline.store.database import Tx
    from lotline.store.shown import Viewer


@dataclass(frozen=True, slots=True)
class Question:
    """One hearing to be kept."""

    id: UUID
    contact_id: UUID
    conversation_id: UUID
    text_id: UUID
    entry_id: UUID
    decision: str
    asked_at: datetime
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class Asked:
    """One hearing as a page shows it."""

    id: UUID
    contact_id: UUID
    conversation_id: UUID
    name: str
    words: str
    decision: str
    asked_at: datetime
    due_at: datetime | None
    zone: str
    layer: str  # which layer of hearing decided, and by which of its rows
    because: str


def record_questions(tx: Tx, questions: Sequence[Question]) -> None:
    """Keep what was heard, once for each text."""
    if not questions:
        return
    tx.run(
        "heard.record",
        ids=[one.id for one in questions],
        contacts=[one.contact_id for one in questions],
        conversations=[one.conversation_id for one in questions],
        texts=[one.text_id for one in questions],
        entries=[one.entry_id for one in questions],
        decisions=[one.decision for one in questions],
        asked=[one.asked_at for one in questions],
        due=[one.due_at for one in questions],
    )


def load_open(tx: Tx, viewer: Viewer, limit: int = 100) -> list[Asked]:
    """What waits for a person, within the viewer's reach."""
    lines = reach_of(viewer).line_ids
    return [_asked(tx, row) for row in tx.all("heard.open", line_ids=lines, limit=limit)]


def load_of_conversation(tx: Tx, viewer: Viewer, conversation_id: UUID) -> list[Asked]:
    """The latest of one conversation that can still be answered or undone."""
    rows = tx.all(
        "heard.of_conversation",
        conversation_id=conversation_id,
        line_ids=reach_of(viewer).line_ids,
        limit=3,
    )
    return [_asked(tx, row) for row in rows]


def _asked(tx: Tx, row: Any) -> Asked:
    key = contact_key(tx, row.contact_id, row.key_wrapped, row.erased_at)
    group = tx.group_id
    name = open_words(key, row.name_ct, "contacts", "name_ct", group, row.contact_id)
    number = open_words(key, row.number_ct, "contacts", "number_ct", group, row.contact_id)
    words = open_words(key, row.body_ct, "texts", "body_ct", group, row.text_id)
    return Asked(
        id=row.id,
        contact_id=row.contact_id,
        conversation_id=row.conversation_id,
        name=name or shown(number),
        words=show_body(tx, words),
        decision=row.decision,
        asked_at=row.asked_at,
        due_at=row.due_at,
        zone=row.zone,
        layer=row.heard.get("layer", ""),
        because=row.heard.get("because", ""),
    )


def find_question(tx: Tx, viewer: Viewer, question_id: UUID) -> Any | None:
    """The row within reach, or None; takes no lock."""
    return tx.one("heard.one", id=question_id, line_ids=reach_of(viewer).line_ids)


def load_due(tx: Tx, now: datetime, limit: int) -> list[Any]:
    """`id contact_id conversation_id` of what nobody answered in time."""
    return tx.all("heard.due", now=now, limit=limit)


def record_answer(
    tx: Tx, question_id: UUID, answer: str, at: datetime, by: UUID | None = None
) -> bool:
    """False when it was answered before."""
    return tx.run("heard.answer", id=question_id, answer=answer, at=at, by=by) == 1


def overtake(tx: Tx, contacts: Iterable[UUID], at: datetime) -> None:
    """What still waited for these contacts waits no more."""
    several = sorted(set(contacts))
    if several:
        tx.run("heard.overtake", contacts=several, at=at)


def load_zones(tx: Tx, stores: Iterable[UUID]) -> dict[UUID, str]:
    """The clock of each store."""
    ids = sorted(set(stores))
    return {row.id: row.zone for row in tx.all("heard.store_zones", ids=ids)} if ids else {}


class Said(NamedTuple):
    """What was said between us and a contact just before: ours with the latest first, theirs with
    the oldest first, where nothing was decided from it.
    """

    ours: list[str]
    theirs: list[str]


def ask_for_said(
    tx: Tx, hashes: Iterable[bytes], since: datetime, pieces: int
) -> Callable[[dict[UUID, Seal | None]], dict[UUID, Said]]:
    """Of each contact whose number has one of these hashes. `since` and `pieces` limit what they
    wrote. Answered once their keys are known, for whoever has more to ask meanwhile.
    """
    rows = tx.later("heard.said", hashes=list(hashes), since=since, pieces=pieces)

    def said_to(keys: dict[UUID, Seal | None]) -> dict[UUID, Said]:
        found = {contact: Said([], []) for contact in keys}
        group = tx.group_id
        for row in rows():
            key, said = keys[row.contact_id], found[row.contact_id]
            body = open_words(key, row.body_ct, "texts", "body_ct", group, row.id)
            if row.ours:
                added = open_words(key, row.added_ct, "texts", "added_ct", group, row.id)
                said.ours.extend(part for part in (body, added) if part)
            else:
                said.theirs.insert(0, body)
        return found

    return said_to


def detach(tx: Tx, key: Seal, contact_id: UUID, number: str) -> None:
    """The name leaves the number, and is kept beside it."""
    row = tx.only("heard.names", contact_id=contact_id)
    place = ("contacts", "name_ct", tx.group_id, contact_id)
    name = open_words(key, row.name_ct, *place)
    if not name:
        return
    former = seal_words(key, name, "contacts", "former_name_ct", tx.group_id, contact_id)
    tx.run(
        "heard.detach",
        contact_id=contact_id,
        former_ct=former,
        name_ct=seal_words(key, "", *place),
        tokens=name_tokens(tx.keys, "", number),
    )


def attach(tx: Tx, key: Seal, contact_id: UUID, number: str) -> None:
    """The name comes back to the number, unless it was given another one since."""
    row = tx.only("heard.names", contact_id=contact_id)
    place = ("contacts", "name_ct", tx.group_id, contact_id)
    if row.former_name_ct is None or open_words(key, row.name_ct, *place):
        return
    former = ("contacts", "former_name_ct", tx.group_id, contact_id)
    name = open_words(key, row.former_name_ct, *former)
    tx.run(
        "heard.attach",
        contact_id=contact_id,
        name_ct=seal_words(key, name, *place),
        tokens=name_tokens(tx.keys, name, number),
    )
