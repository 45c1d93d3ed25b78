"""The whole log against itself, against its signatures, and against today's rows.

Walked from its first leaf: each leaf against its hash and its place in the tree, each stored node
against the leaves under it, each checkpoint against its signature, each chain for gaps and second
histories, each row against what was committed to. It goes on after a fault and names them all.

It reads while everything runs. What it cannot see is a log that was cut off at its end together
with the rows of it: for that, hand checkpoints to somebody else (docs/ledger.md).

Not here: the walk's own rules (`core.ledger.audit`), a bundle's (`core.oversight.verify`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lotline.core.ledger.audit import Audit
from lotline.core.ledger.checkpoint import BadNote, PublicKey, open_note, signers_of
from lotline.core.ledger.leaf import BadLeaf, Leaf, read_leaf
from lotline.core.ledger.merkle import HASH_SIZE, Frontier, append, hash_leaf
from lotline.store.evidence import Checked, Fit, check_rows
from lotline.store.groups import load_group
from lotline.store.ledger import load_nodes
from lotline.store.walk import (
    STRETCH,
    Extent,
    Kept,
    Signed,
    load_extent,
    load_signed,
    load_stretch,
    load_torn_chains,
    load_unrecorded,
    load_waiting_leaves,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from lotline.actions.context import Context
    from lotline.core.ledger.checkpoint import Checkpoint
    from lotline.store.database import Tx

_NOTHING = bytes(HASH_SIZE)


@dataclass(slots=True)
class Audited:
    """What came of it. Whole when there is no fault."""

    group_id: UUID
    size: int = 0
    waiting: int = 0
    signed: int = 0
    rows: int = 0  # held against their leaves
    shut: int = 0  # of erased keys: nobody can tell
    faults: list[str] = field(default_factory=list)

    @property
    def whole(self) -> bool:
        """Nothing contradicts the log."""
        return not self.faults


def audit_log(ctx: Context, group_id: UUID) -> Audited:
    """Everything there is to find in one company's log."""
    done = Audited(group_id)
    with ctx.db.transaction(group_id) as tx:
        extent = load_extent(tx)
        checkpoints = _signatures(tx, extent, done)
    walk = _Walk(Audit(group_id, [one for one in checkpoints if one.size <= extent.size]), done)
    for first in range(0, extent.size, STRETCH):
        last = min(first + STRETCH, extent.size) - 1
        with ctx.db.transaction(group_id) as tx:
            walk.stretch(tx, load_stretch(tx, first, last))
    with ctx.db.transaction(group_id) as tx:
        walk.finish(tx, extent.size)
    done.size = extent.size
    return done


class _Walk:
    """One walk: the core's audit, and beside it what only the tables can tell."""

    def __init__(self, audit: Audit, done: Audited) -> None:
        self._audit = audit
        self._done = done
        self._frontier = Frontier()
        self._empty: set[int] = set()
        self._names: dict[int, str] = {}

    def stretch(self, tx: Tx, kept: Sequence[Kept]) -> None:
        """The next places, in order."""
        leaves = []
        for one in kept:
            self._names[one.place] = _name(one)
            if one.data is None:
                self._empty.add(one.place)
                self._fault(f"place {one.place} of the log is empty: its leaf was removed")
            else:
                leaves += self._read(one)
        self._audit.walk((one.data or b"", one.node or _NOTHING) for one in kept)
        self._nodes(tx, kept)
        self._rows(check_rows(tx, leaves))
        for fault in self._audit.faults:  # now that the names of these places are at hand
            if fault.index not in self._empty:
                where = self._names.get(fault.index, f"place {fault.index}")
                self._fault(f"{where}: {fault.says}")
        self._audit.faults.clear()
        self._names.clear()

    def finish(self, tx: Tx, size: int) -> None:
        """What is recorded and has no place yet, then the ends of all chains."""
        waiting = load_waiting_leaves(tx, size)
        self._done.waiting = len(waiting)
        self._rows(check_rows(tx, [leaf for one in waiting for leaf in self._read(one)]))
        for fault in self._audit.finish([one.data for one in waiting if one.data is not None]):
            self._fault(f"place {fault.index}: {fault.says}")
        for what, row_id in load_unrecorded(tx):
            self._fault(
                f"{what} {row_id} has no leaf: it was added beside the log, or its leaf was removed"
            )
        for contact_id in load_torn_chains(tx):
            self._fault(f"the chain of contact {contact_id} does not end where their row says")

    def _read(self, one: Kept) -> list[Leaf]:
        assert one.data is not None, "an empty place was told before"
        try:
            leaf = read_leaf(one.data)
        except BadLeaf:
            return []  # the core's walk names it
        if not one.is_filed_as(leaf):
            self._fault(f"{_name(one)} is filed as something else than it says")
        return [leaf]

    def _nodes(self, tx: Tx, kept: Sequence[Kept]) -> None:
        """Proofs are made from stored nodes: each must be what its leaves add up to."""
        hashes = [
            hash_leaf(one.data) if one.data is not None else one.node or _NOTHING for one in kept
        ]
        appended = append(self._frontier, hashes)
        self._frontier = appended.frontier
        inner = {node: digest for node, digest in appended.nodes if node.level}
        stored = load_nodes(tx, inner)
        for node, digest in inner.items():
            if stored.get(node) != digest:
                first, last = node.offset << node.level, (node.offset + 1 << node.level) - 1
                self._fault(f"the tree over places {first} to {last} is not what they add up to")

    def _rows(self, checked: Sequence[Checked]) -> None:
        for one in checked:
            what = f"{one.leaf.kind.value} {one.leaf.id}"
            if one.fit is Fit.GONE:
                self._fault(f"{what}: its row is gone")
            elif one.fit is Fit.CHANGED:
                self._fault(
                    f"{what}: its {' and '.join(one.changed)} changed after it was recorded"
                )
            elif one.fit is Fit.SHUT:
                self._done.shut += 1
            self._done.rows += one.fit is not Fit.SHUT

    def _fault(self, says: str) -> None:
        self._done.faults.append(says)


def _signatures(tx: Tx, extent: Extent, done: Audited) -> list[Checkpoint]:
    """Those that are signed; the others are faults."""
    origin = load_group(tx).origin
    known = [signer.public for signer in signers_of(origin, tx.keys)]
    good = []
    for one in load_signed(tx, origin):
        if _is_signed(one, known):
            good.append(one.checkpoint)
        else:
            done.faults.append(
                f"the checkpoint of {one.checkpoint.size} leaves is not signed by us"
            )
    done.signed = good[-1].size if good else 0
    if extent.signed > extent.size:
        done.faults.append(
            f"{extent.signed} leaves were signed for and {extent.size} are here: "
            "the log was cut off"
        )
    return good


def _is_signed(one: Signed, known: Sequence[PublicKey]) -> bool:
    try:
        text, _ = open_note(one.note, known)
    except BadNote:
        return False
    return text == one.checkpoint.text


def _name(one: Kept) -> str:
    what = f"{one.kind} {one.leaf_id}" if one.leaf_id else "nothing"
    where = f"place {one.place}" if one.place >= 0 else "a leaf without a place"
    whose = f" of contact {one.contact_id}" if one.contact_id else ""
    return f"{where} ({what}{whose})"
