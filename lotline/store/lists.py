"""Imported lists: which copy of each is in force, and the numbers on it as keyed hashes.

A list is replaced by the transaction that brings a newer one, so nobody ever sees half of either.

Not here: reading a file (`core.base.lists`), asking about a contact (`store.facts`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from lotline.store.sealed import number_hash

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime
    from uuid import UUID

    from lotline.core.base.lists import Listed
    from lotline.store.database import Tx

_ANY_NUMBER = "+12025550100"


class Copy(NamedTuple):
    """One list as it was imported."""

    id: UUID
    kind: str
    region: str
    as_of: date
    numbers: int
    bad: int
    imported_at: datetime


def lock_list(tx: Tx, kind: str, region: str) -> None:
    """Nobody else imports this list until this transaction ends."""
    tx.only("lists.lock", kind=kind, region=region)


def find_in_force(tx: Tx, kind: str, region: str) -> tuple[Copy, bytes] | None:
    """The copy in force and the digest of the file that it came from."""
    row = tx.one("lists.in_force", kind=kind, region=region)
    return None if row is None else (_copy(row, kind, region), bytes(row.file_sha256))


def load_copies(tx: Tx) -> list[Copy]:
    """The copy in force of every list."""
    return [_copy(row, row.kind, row.region) for row in tx.all("lists.all")]


def record_copy(tx: Tx, copy: Copy, *, file_sha256: bytes, by: UUID | None) -> None:
    """A new copy, still without its numbers."""
    tx.run(
        "lists.record",
        id=copy.id,
        kind=copy.kind,
        region=copy.region,
        as_of=copy.as_of,
        numbers=copy.numbers,
        bad=copy.bad,
        file_sha256=file_sha256,
        hash_version=number_hash(tx.keys, _ANY_NUMBER)[0],
        imported_by=by,
        at=copy.imported_at,
    )


def add_numbers(tx: Tx, copy_id: UUID, listed: Sequence[Listed]) -> None:
    """Some thousands at once."""
    if listed:
        tx.run(
            "lists.add",
            id=copy_id,
            hashes=[number_hash(tx.keys, one.e164) for one in listed],
            sinces=[one.since for one in listed],
        )


def drop_older(tx: Tx, copy: Copy) -> None:
    """The numbers of the copies that this one replaces; that they were imported stays."""
    tx.run("lists.drop_older", kind=copy.kind, region=copy.region, id=copy.id)


def _copy(row: Any, kind: str, region: str) -> Copy:
    return Copy(row.id, kind, region, row.as_of, row.numbers, row.bad, row.imported_at)
