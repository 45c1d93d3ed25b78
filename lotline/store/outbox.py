"""The outbox: what waits to leave, and until when.

Rows are claimed across tenants, so they hold ids and times and nothing else. A claim is a lease:
it runs out by itself when its holder died, and the text's own state says whether it may have left.

Not here: whether a text may leave (`core.gate`), what became of it (`texts`).
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from lotline.store.sealed import open_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from lotline.store.database import Tx


class Due(NamedTuple):
    """A text whose time has come, held by one worker for the length of its lease."""

    group_id: UUID
    text_id: UUID
    contact_id: UUID
    line_id: UUID
    kind: str
    due_at: datetime
    attempts: int
    segments: int = 1


class Waiting(NamedTuple):
    """A text that still waits."""

    text_id: UUID
    due_at: datetime
    kind: str


class SendingLine(NamedTuple):
    """What the carrier must be told of a line."""

    id: UUID
    store_id: UUID
    carrier: str
    account: str
    messaging_service: str | None
    number: str
    label: str


class ToWait(NamedTuple):
    """A text about to wait: `kind` is undo, hold, notice or schedule; `many`: no hand wrote it."""

    text_id: UUID
    contact_id: UUID
    line_id: UUID
    due_at: datetime
    kind: str
    segments: int = 1
    many: bool = False


def record_several_waiting(tx: Tx, several: Sequence[ToWait]) -> None:
    """They wait, each until its own time."""
    if several:
        tx.run(
            "outbox.record",
            texts=[one.text_id for one in several],
            contacts=[one.contact_id for one in several],
            lines=[one.line_id for one in several],
            due=[one.due_at for one in several],
            kinds=[one.kind for one in several],
            segments=[one.segments for one in several],
            ranks=[_rank(one.kind, many=one.many) for one in several],
        )


def record_waiting(
    tx: Tx,
    *,
    text_id: UUID,
    contact_id: UUID,
    line_id: UUID,
    due_at: datetime,
    kind: str,
    segments: int = 1,
    many: bool = False,
) -> None:
    """One text waits."""
    one = ToWait(text_id, contact_id, line_id, due_at, kind, segments, many)
    record_several_waiting(tx, [one])


def _rank(kind: str, *, many: bool = False) -> int:
    """Within a line: what answers a stop, then what people wrote, then what goes to many."""
    if kind == "notice":
        return 0
    return 2 if many else 1


def record_claim(
    tx: Tx,
    *,
    worker: str,
    now: datetime,
    until: datetime,
    limit: int,
    busy: Iterable[UUID] = (),
) -> list[Due]:
    """What is due and nobody holds, held from now on; in the order it became due.

    By turns from each line, and never more than the buckets hold (`buckets`).
    """
    rows = tx.all("outbox.claim", worker=worker, now=now, until=until, limit=limit, busy=list(busy))
    due = [Due(*row) for row in rows]
    return sorted(due, key=lambda one: (one.due_at, one.text_id))


def load_next_due(tx: Tx) -> datetime | None:
    """When the next of them is due, whosever it is."""
    at: datetime | None = tx.only("outbox.next_due").at
    return at


def lock_claimed(tx: Tx, worker: str, ids: Sequence[UUID]) -> set[UUID]:
    """Those that this worker still holds: what was undone or taken over meanwhile is missing."""
    rows = tx.all("outbox.lock", worker=worker, ids=sorted(ids))
    return {row.text_id for row in rows}


def remove(tx: Tx, ids: Iterable[UUID]) -> None:
    """They wait no longer."""
    gone = list(ids)
    if gone:
        tx.run("outbox.remove", ids=gone)


def release(tx: Tx, ids: Iterable[UUID]) -> None:
    """They are nobody's again, and still due."""
    several = list(ids)
    if several:
        tx.run("outbox.release", ids=several)


def put_back(tx: Tx, until: Mapping[UUID, datetime], kind: str) -> None:
    """They wait until another time, each its own, and their claims end."""
    if until:
        tx.run("outbox.put_back", texts=list(until), due=list(until.values()), kind=kind)


def load_sending_lines(tx: Tx, ids: Iterable[UUID]) -> dict[UUID, SendingLine]:
    """Lines as their carrier knows them."""
    found = {}
    for row in tx.all("outbox.lines", ids=list(ids)):
        found[row.id] = SendingLine(
            row.id,
            row.store_id,
            row.carrier,
            row.account,
            row.messaging_service,
            open_words(tx.keys, row.number_ct, "lines", "number_ct", tx.group_id, row.id),
            open_words(tx.keys, row.label_ct, "lines", "label_ct", tx.group_id, row.id),
        )
    return found


def load_accounts_of(tx: Tx, line_ids: Iterable[UUID]) -> dict[UUID, str]:
    """The carrier's account of each of these lines."""
    return {row.id: row.account for row in tx.all("outbox.accounts", ids=list(line_ids))}


def load_waiting_for(tx: Tx, contact_ids: Iterable[UUID]) -> list[UUID]:
    """What waits for these contacts, under lock. The contacts are locked before."""
    return [row.text_id for row in tx.all("outbox.of_contacts", contacts=list(contact_ids))]


def lock_waiting(tx: Tx, text_id: UUID) -> Waiting | None:
    """One that still waits, under lock; None when it left or was taken back."""
    row = tx.one("outbox.row", text_id=text_id)
    return None if row is None else Waiting(row.text_id, row.due_at, row.kind)


def lock_overdue(tx: Tx, before: datetime) -> dict[UUID, UUID]:
    """Text and contact of all that was due before an instant, in a house that stands still."""
    return {row.text_id: row.contact_id for row in tx.all("outbox.overdue", before=before)}


class Returned(NamedTuple):
    """A text that was offered and not taken."""

    due: Due
    due_at: datetime
    attempts: int


def record_returns(tx: Tx, several: Sequence[Returned]) -> None:
    """They wait again."""
    if several:
        tx.run(
            "outbox.return",
            texts=[one.due.text_id for one in several],
            contacts=[one.due.contact_id for one in several],
            lines=[one.due.line_id for one in several],
            due=[one.due_at for one in several],
            kinds=[one.due.kind for one in several],
            attempts=[one.attempts for one in several],
            segments=[one.due.segments for one in several],
            ranks=[_rank(one.due.kind) for one in several],
        )
