"""Walking a group's whole log as it is kept: stretch by stretch, with what ought to be there.

A place without a leaf, a leaf whose columns say something else, a row without a leaf: each is
handed out as it is found, and nothing is left out because something else is broken.

Not here: what is wrong with it (`actions.audit`), whether rows fit their leaves (`evidence`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from lotline.core.ledger.checkpoint import Checkpoint

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lotline.core.ledger.leaf import Leaf
    from lotline.store.database import Tx

STRETCH = 500
_AT_ONCE = 1000


class Extent(NamedTuple):
    """How many leaves have a place, and for how many a signature vouches."""

    size: int
    signed: int


class Kept(NamedTuple):
    """One place of the log, or one leaf that has none yet (`place` -1)."""

    place: int
    leaf_id: UUID | None
    data: bytes | None
    hash: bytes | None
    node: bytes | None  # what the tree holds for it
    kind: str
    contact_id: UUID | None
    chain_seq: int | None
    subject_id: UUID | None

    def is_filed_as(self, leaf: Leaf) -> bool:
        """Whether the columns beside the leaf say what the leaf says."""
        link = leaf.link
        return (
            self.leaf_id == leaf.id == self.subject_id
            and self.kind == leaf.kind.value
            and self.contact_id == (link and link.of)
            and self.chain_seq == (link and link.seq)
            and self.hash == leaf.hash
        )


class Signed(NamedTuple):
    """A checkpoint as its row says, and the note that was signed."""

    checkpoint: Checkpoint
    note: str


def load_extent(tx: Tx) -> Extent:
    row = tx.only("evidence.extent")
    return Extent(row.size, row.signed)


def load_stretch(tx: Tx, first: int, last: int) -> list[Kept]:
    """Every place from the first to the last, also those where nothing stands."""
    return [
        Kept(
            row.seq,
            row.leaf_id,
            _bytes(row.leaf),
            _bytes(row.leaf_hash),
            _bytes(row.node),
            row.kind or "",
            row.contact_id,
            row.chain_seq,
            row.subject_id,
        )
        for row in tx.all("evidence.walk", first=first, last=last)
    ]


def load_waiting_leaves(tx: Tx, size: int) -> list[Kept]:
    """Recorded, and without a place in the first `size` of the log."""
    return [
        Kept(
            -1,
            row.id,
            _bytes(row.leaf),
            _bytes(row.leaf_hash),
            None,
            row.kind,
            row.contact_id,
            row.chain_seq,
            row.subject_id,
        )
        for row in tx.all("evidence.waiting", size=size)
    ]


def load_signed(tx: Tx, origin: str) -> Iterator[Signed]:
    """Every checkpoint, smallest first."""
    after = 0
    while True:
        rows = tx.all("evidence.checkpoints", after=after, limit=_AT_ONCE)
        for row in rows:
            yield Signed(Checkpoint(origin, row.size, bytes(row.root)), row.note)
        if len(rows) < _AT_ONCE:
            return
        after = rows[-1].size


def load_unrecorded(tx: Tx) -> list[tuple[str, UUID]]:
    """Rows that must have a leaf and have none."""
    return [(row.what, row.id) for row in tx.all("evidence.unrecorded")]


def load_torn_chains(tx: Tx) -> list[UUID]:
    """Contacts whose row says another end of their chain than their leaves do."""
    return [row.id for row in tx.all("evidence.chain_ends")]


def _bytes(found: bytes | None) -> bytes | None:
    return None if found is None else bytes(found)
