"""What is left of a person once their key is gone, and what else must go.

The key made every word of theirs unreadable; here go the hash that finds them, unless a stop
needs it, the hashes of what they said, and the calls of theirs sealed under the company's keys.

Not here: the key itself (`standing.record_erasure`), who may erase (`actions`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from lotline.core.base.sealing import SealBroken
from lotline.store.sealed import open_words
from lotline.store.words import forget_words

if TYPE_CHECKING:
    from datetime import datetime

    from lotline.store.database import Tx

_NOTHING = "forgotten"  # the purpose of a hash of an id, which no number can meet


class Erasure(NamedTuple):
    """Who was erased and when. An id and an instant: fit to be kept beside backups."""

    contact_id: UUID
    at: datetime


def forget_past(tx: Tx, contact_id: UUID, number: str, *, keeps_number: bool) -> None:
    """`number` is what the row held a moment ago; `keeps_number` when a stop must outlive them."""
    tx.run("erasure.forget_past", contact_id=contact_id)
    forget_words(tx, contact_id)
    tx.run("erasure.forget_pictures", contact_id=contact_id)
    if not keeps_number:
        nothing = tx.keys.blind(_NOTHING, str(contact_id))
        tx.run("erasure.forget_number", contact_id=contact_id, nothing=nothing)
    if number:
        _wipe_turned_away(tx, number)


def load_foreseen(tx: Tx, contact_id: UUID) -> dict[str, int]:
    """How much there is of somebody."""
    row = tx.only("erasure.foreseen", contact_id=contact_id)
    return {str(name): int(count) for name, count in row._asdict().items()}


def load_erasures(tx: Tx, since: datetime | None) -> list[Erasure]:
    """Oldest first."""
    return [Erasure(row.id, row.erased_at) for row in tx.all("erasure.list", since=since)]


def _wipe_turned_away(tx: Tx, number: str) -> None:
    digits = number.removeprefix("+1")
    ids = [
        row.id
        for row in tx.all("erasure.turned_away")
        if digits in _raw(tx, row.id, bytes(row.raw_ct))
    ]
    if ids:
        tx.run("erasure.wipe_turned_away", ids=ids)


def _raw(tx: Tx, row_id: UUID, sealed: bytes) -> str:
    try:
        return open_words(tx.keys, sealed, "turned_away", "raw_ct", tx.group_id, row_id)
    except SealBroken:
        return ""
