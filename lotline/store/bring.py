"""What members bring in from private phones: the import, the customers found, the history kept.

Words are sealed under the customer's key from the first row on. A text is known again by a keyed
hash of whose it is, when it was said and what it says. Of anybody who is no customer within the
member's reach there is no row, only a number in a count.

Not here: reading an export (`core.messaging.phone_android`, adapters), what follows (`actions`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

from lotline.core.base.numbers import shown
from lotline.store.reach import reach_of
from lotline.store.sealed import contact_key, open_words, seal_words
from lotline.store.shown import hue_of
from lotline.store.standing import load_key, load_within_reach

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from lotline.core.base.sealing import Seal
    from lotline.core.messaging.phone import PhoneText
    from lotline.store.database import Tx
    from lotline.store.shown import Viewer

PAGE = 200
_DIGEST = "brought"


@dataclass(frozen=True, slots=True)
class Bringing:
    """One import, as its member sees it."""

    id: UUID
    kind: str
    state: str  # reading, found, kept, cancelled, failed
    why: str
    done: int
    total: int
    read: int
    others: int
    stops: int
    doubts: int
    cancel_asked: bool
    began_at: datetime
    beat_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class ThreadRow:
    """One customer of an import, as it is kept."""

    contact_id: UUID
    texts: int
    fresh: int
    sent: int
    without: int
    after_stop: int
    stops: int
    doubts: int
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True, slots=True)
class FoundThread:
    """The same, as it is shown."""

    contact_id: UUID
    name: str
    hue: int
    level: str
    conversation_id: UUID | None
    row: ThreadRow
    kept_at: datetime | None


class Summary(NamedTuple):
    """One import, as whoever leads its member sees it: counts alone."""

    id: UUID
    member_id: UUID
    name: str
    kind: str
    state: str
    began_at: datetime
    stops: int
    doubts: int
    customers: int
    kept: int
    texts: int
    sent: int
    without: int
    after_stop: int


class Brought(NamedTuple):
    """One text of imported history."""

    id: UUID
    direction: str
    said_at: datetime
    body: str
    author: str  # whose phone it was on
    source: str
    kept_at: datetime


class Kept(NamedTuple):
    """A text that came over."""

    id: UUID
    contact_id: UUID
    digest: bytes
    direction: str
    said_at: datetime
    body_ct: bytes

    def body(self, key: Seal, group_id: UUID) -> str:
        return open_words(key, self.body_ct, "brought_texts", "body_ct", group_id, self.id)


def digests_of(tx: Tx, contact_id: UUID, text: PhoneText) -> list[bytes]:
    """Under each version of the hash key, the one for a new row first."""
    when = int(text.at.timestamp() * 1000)
    said = f"{contact_id} {text.direction} {when} {text.body}"
    newest = tx.keys.blind(_DIGEST, said)
    return [newest, *(one for one in tx.keys.blinds(_DIGEST, said) if one != newest)]


def load_digests(tx: Tx, contacts: Iterable[UUID]) -> set[bytes]:
    """Of every text that was brought in of these customers."""
    return {bytes(row.digest) for row in tx.all("bring.digests", contacts=list(contacts))}


def load_entry_digests(tx: Tx, contacts: Iterable[UUID]) -> set[bytes]:
    """Of those that became consent entries."""
    return {bytes(row.digest) for row in tx.all("bring.entry_digests", contacts=list(contacts))}


def record_found(
    tx: Tx,
    bringing_id: UUID,
    rows: Sequence[ThreadRow],
    texts: Sequence[tuple[UUID, UUID, bytes, PhoneText, Seal]],
) -> None:
    """The customers, and their texts, sealed, until the member has chosen. A text comes with its
    id, its contact, its digest and the contact's key.
    """
    if not rows:
        return
    names = ("texts", "fresh", "sent", "without", "after_stop", "stops", "doubts")
    tx.run(
        "bring.record_threads",
        bringing_id=bringing_id,
        contacts=[row.contact_id for row in rows],
        first_at=[row.first_at for row in rows],
        last_at=[row.last_at for row in rows],
        **{name: [getattr(row, name) for row in rows] for name in names},
    )
    group = tx.group_id
    tx.run(
        "bring.record_texts",
        bringing_id=bringing_id,
        ids=[one for one, *_ in texts],
        contacts=[contact for _, contact, *_ in texts],
        digests=[digest for *_, digest, _, _ in texts],
        directions=[text.direction for *_, text, _ in texts],
        said=[text.at for *_, text, _ in texts],
        bodies=[
            seal_words(key, text.body, "brought_texts", "body_ct", group, one)
            for one, _, _, text, key in texts
        ],
    )


def keep_texts(
    tx: Tx, bringing_id: UUID, member_id: UUID, contacts: Sequence[UUID], at: datetime
) -> list[Kept]:
    """The chosen conversations become history, customer by customer and each in the order in which
    it was said; the rest of the import is dropped.
    """
    rows = tx.all("bring.keep", id=bringing_id, member_id=member_id, contacts=list(contacts), at=at)
    tx.run("bring.mark_kept", id=bringing_id, contacts=list(contacts), at=at)
    tx.run("bring.drop_texts", id=bringing_id)
    return [Kept(*row) for row in rows]


def load_bringing(tx: Tx, viewer: Viewer, bringing_id: UUID) -> Bringing | None:
    """The viewer's own, or None."""
    if reach_of(viewer).member_id is None:
        return None
    row = tx.one("bring.one", id=bringing_id, member_id=viewer.member_id)
    return None if row is None else _bringing(row)


def load_bringings(tx: Tx, viewer: Viewer) -> list[Bringing]:
    """The viewer's own, the latest first."""
    if reach_of(viewer).member_id is None:
        return []
    return [_bringing(row) for row in tx.all("bring.of_member", member_id=viewer.member_id)]


def load_threads(tx: Tx, viewer: Viewer, bringing_id: UUID) -> list[FoundThread]:
    """The customers of one import of the viewer's own, as far as they are still within reach."""
    if load_bringing(tx, viewer, bringing_id) is None:
        return []
    rows = tx.all("bring.threads", id=bringing_id, line_ids=reach_of(viewer).line_ids)
    within = load_within_reach(tx, viewer, [row.contact_id for row in rows])
    return [_thread(tx, row) for row in rows if row.contact_id in within]


def load_summaries(tx: Tx, viewer: Viewer) -> list[Summary]:
    """What those whom the viewer leads brought in."""
    reach = reach_of(viewer)
    if not (viewer.leads or viewer.sees_all) or reach.member_id is None:
        return []
    rows = tx.all(
        "bring.summary",
        member_id=reach.member_id,
        line_ids=reach.line_ids,
        sees_all=reach.sees_all,
    )
    group = tx.group_id
    return [
        Summary(
            id=row.id,
            member_id=row.member_id,
            name=open_words(tx.keys, row.name_ct, "members", "name_ct", group, row.member_id),
            **{name: getattr(row, name) for name in Summary._fields[3:]},
        )
        for row in rows
    ]


def load_history(tx: Tx, viewer: Viewer, contact_id: UUID, skip: int = 0) -> list[Brought]:
    """Imported history of a customer within reach, a page of it, the latest first."""
    if contact_id not in load_within_reach(tx, viewer, [contact_id]):
        return []
    key, group = load_key(tx, contact_id), tx.group_id
    rows = tx.all("bring.history", contact_id=contact_id, skip=skip, limit=PAGE)
    return [
        Brought(
            row.id,
            row.direction,
            row.said_at,
            open_words(key, row.body_ct, "brought_texts", "body_ct", group, row.id),
            open_words(tx.keys, row.name_ct, "members", "name_ct", group, row.member_id),
            row.kind,
            row.kept_at,
        )
        for row in rows
    ]


def count_history(tx: Tx, viewer: Viewer, contact_id: UUID) -> int:
    """How many texts of a customer within reach were brought in."""
    if contact_id not in load_within_reach(tx, viewer, [contact_id]):
        return 0
    return int(tx.only("bring.history_count", contact_id=contact_id).texts)


def _bringing(row: Any) -> Bringing:
    return Bringing(**{name: getattr(row, name) for name in Bringing.__slots__})


def _thread(tx: Tx, row: Any) -> FoundThread:
    key = contact_key(tx, row.contact_id, row.key_wrapped, row.erased_at)
    place = (tx.group_id, row.contact_id)
    name = open_words(key, row.name_ct, "contacts", "name_ct", *place)
    number = open_words(key, row.number_ct, "contacts", "number_ct", *place)
    return FoundThread(
        contact_id=row.contact_id,
        name=name or shown(number),
        hue=hue_of(row.contact_id),
        level=row.level,
        conversation_id=row.conversation_id,
        row=ThreadRow(**{one: getattr(row, one) for one in ThreadRow.__slots__}),
        kept_at=row.kept_at,
    )
