"""Counts, kept: made anew for each customer whose texts or consents changed, one counter at a time.

Invariant: what stands here is what `core.oversight.counting` says of the rows on record when it was
counted. Whoever counts holds the company's row of `counted`; a second counter waits for nothing
and does nothing.

Not here: the counting, when it is done (`actions.counting`), adding counts up (`dashboard`).
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from lotline.core.oversight.counting import ASKS, Told, count
from lotline.core.oversight.waits import read_hours
from lotline.store.standing import load_entries

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from lotline.core.oversight.counting import Counts
    from lotline.core.oversight.waits import Hours
    from lotline.store.database import Tx

NOBODY = UUID(int=0)
_TAKEN = frozenset({"accepted", "sent", "delivered", "conflicting"})


@dataclass(frozen=True, slots=True)
class Counted:
    """How far a company is counted. `behind` is None once everything older is counted too."""

    xid: str
    n: int
    behind: UUID | None
    at: datetime
    edge: str  # events before this transaction are complete


def hold_count(tx: Tx, now: datetime) -> Counted | None:
    """The right to count, until the transaction ends; None while somebody else has it."""
    row = tx.one("counts.hold")
    if row is None and tx.run("counts.begin", now=now):
        row = tx.one("counts.hold")
    if row is None:
        return None
    return Counted(row.xid, row.n, row.behind, row.counted_at, row.edge)


def load_counted(tx: Tx) -> tuple[datetime | None, bool]:
    """When it was last counted, and whether all that is older is counted too."""
    row = tx.one("counts.look")
    return (None, False) if row is None else (row.counted_at, row.behind is None)


def load_touched(tx: Tx, held: Counted, limit: int) -> tuple[set[UUID], tuple[str, int] | None]:
    """Whom the next `limit` events are about, and the last of these; None when there is none."""
    rows = tx.all("counts.touched", xid=held.xid, n=held.n, edge=held.edge, limit=limit)
    whom = {row.contact_id for row in rows if row.contact_id is not None}
    return whom, (rows[-1].xid, rows[-1].n) if rows else None


def load_next(tx: Tx, behind: UUID, limit: int) -> list[UUID]:
    """The next customers, where everything is counted from scratch."""
    return [row.id for row in tx.all("counts.next_contacts", behind=behind, limit=limit)]


def record_counted(tx: Tx, upto: tuple[str, int], behind: UUID | None, now: datetime) -> None:
    """It is counted up to this event."""
    tx.run("counts.move", xid=upto[0], n=upto[1], behind=behind, now=now)


def recount(tx: Tx, contact_ids: Iterable[UUID]) -> None:
    """Throw away what was counted of these customers and count them again."""
    ids = sorted(set(contact_ids))
    if not ids:
        return
    counted = load_counts(tx, ids)
    for table in ("days", "texts", "waits", "moves"):
        tx.run(f"counts.drop_{table}", ids=ids)
    _record_days(tx, counted)
    _record_texts(tx, counted)
    _record_waits(tx, counted)
    _record_moves(tx, counted)


def load_counts(tx: Tx, ids: Sequence[UUID]) -> dict[UUID, Counts]:
    """What is on record about these customers, counted now."""
    hours = load_hours(tx)
    texts: dict[UUID, list[Told]] = defaultdict(list)
    for row in tx.all("counts.texts", ids=list(ids)):
        texts[row.contact_id].append(_told(row))
    entries = load_entries(tx, ids)
    recorded = {row.id: row.member_id for row in tx.all("counts.recorders", ids=list(ids))}
    return {one: count(texts[one], entries[one], hours, recorded) for one in ids}


def load_hours(tx: Tx) -> dict[UUID, Hours]:
    """When each line is answered."""
    return {
        row.id: read_hours(ZoneInfo(row.zone), row.open_hours) for row in tx.all("counts.hours")
    }


def _told(row: Any) -> Told:
    return Told(
        id=row.id,
        conversation_id=row.conversation_id,
        line_id=row.line_id,
        incoming=row.direction == "in",
        sender=row.sender,
        author_id=row.author_id,
        purpose=row.purpose,
        state=row.state,
        asks=row.heard in ASKS,
        created_at=row.created_at,
        handed_at=row.handed_at,
        taken=row.state in _TAKEN or (row.state == "failed" and row.known_there),
        was_held=row.held,
        rule=row.rule,
        released=row.released,
    )


def _record_days(tx: Tx, counted: dict[UUID, Counts]) -> None:
    rows = [
        (one, key, day)
        for one, counts in counted.items()
        for key, day in sorted(counts.days.items(), key=str)
    ]
    if not rows:
        return
    tx.run(
        "counts.record_days",
        contacts=[one for one, _, _ in rows],
        conversations=[key.conversation_id for _, key, _ in rows],
        lines=[key.line_id for _, key, _ in rows],
        days=[key.day for _, key, _ in rows],
        authors=[key.author_id or NOBODY for _, key, _ in rows],
        sent=[day.sent for _, _, day in rows],
        received=[day.received for _, _, day in rows],
        allowed=[day.allowed for _, _, day in rows],
        held=[day.held for _, _, day in rows],
        blocked=[day.blocked for _, _, day in rows],
    )


def _record_texts(tx: Tx, counted: dict[UUID, Counts]) -> None:
    rows = [(one, text) for one, counts in counted.items() for text in counts.marked]
    if not rows:
        return
    tx.run(
        "counts.record_texts",
        contacts=[one for one, _ in rows],
        texts=[text.text_id for _, text in rows],
        whats=[text.what for _, text in rows],
        conversations=[text.conversation_id for _, text in rows],
        lines=[text.line_id for _, text in rows],
        authors=[text.author_id or NOBODY for _, text in rows],
        ats=[text.at for _, text in rows],
        days=[text.day for _, text in rows],
        whys=[text.why for _, text in rows],
    )


def _record_waits(tx: Tx, counted: dict[UUID, Counts]) -> None:
    rows = [(one, wait) for one, counts in counted.items() for wait in counts.answered]
    if not rows:
        return
    tx.run(
        "counts.record_waits",
        contacts=[one for one, _ in rows],
        texts=[wait.text_id for _, wait in rows],
        conversations=[wait.conversation_id for _, wait in rows],
        lines=[wait.line_id for _, wait in rows],
        authors=[wait.author_id or NOBODY for _, wait in rows],
        started=[wait.started_at for _, wait in rows],
        ended=[wait.ended_at for _, wait in rows],
        days=[wait.day for _, wait in rows],
        hours=[wait.hour for _, wait in rows],
        open_s=[wait.open_s for _, wait in rows],
    )


def _record_moves(tx: Tx, counted: dict[UUID, Counts]) -> None:
    rows = [
        (one, move, move is counts.moves[-1])
        for one, counts in counted.items()
        for move in counts.moves
    ]
    if not rows:
        return
    tx.run(
        "counts.record_moves",
        contacts=[one for one, _, _ in rows],
        entries=[move.entry_id for _, move, _ in rows],
        ats=[move.at for _, move, _ in rows],
        was=[move.was.value for _, move, _ in rows],
        now=[move.now.value for _, move, _ in rows],
        sources=[move.source for _, move, _ in rows],
        credited=[move.credited or NOBODY for _, move, _ in rows],
        last=[last for _, _, last in rows],
    )
