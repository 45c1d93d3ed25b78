"""Checking a whole log, leaf by leaf: that it adds up, and that no chain was broken or forked.

A bundle shows that what it holds is in the log. Only whoever walks the whole log sees that one
subject has one chain: two leaves with one number on one chain mean that history was rewritten.

Within a chain the hashes say what came first; the places in the log may differ for a moment, since
a leaf gets its place only after its transaction has ended.

Not here: checking one contact's bundle (`oversight.verify`), reading leaves from rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from lotline.core.ledger.checkpoint import Checkpoint
from lotline.core.ledger.leaf import BadLeaf, Head, Leaf, Link, read_leaf
from lotline.core.ledger.merkle import Frontier, append, hash_leaf


@dataclass(frozen=True, slots=True)
class Fault:
    """The first thing wrong at a place of the log, in a sentence. `index` counts from 0."""

    index: int
    says: str


@dataclass(slots=True)
class Audit:
    """A walk through the log, in any number of steps. Give it leaves in order, then ask."""

    group: UUID
    checkpoints: Sequence[Checkpoint] = ()  # smallest first; each is met on the way
    faults: list[Fault] = field(default_factory=list)
    size: int = 0
    _frontier: Frontier = field(default_factory=Frontier)
    _heads: dict[UUID, Head] = field(default_factory=dict)
    _early: dict[UUID, dict[int, tuple[Leaf, int]]] = field(default_factory=dict)
    _rows: set[bytes] = field(default_factory=set)

    def walk(self, leaves: Iterable[tuple[bytes, bytes]]) -> None:
        """Each leaf's data and the hash that the tree holds for it."""
        due = {checkpoint.size: checkpoint for checkpoint in self.checkpoints}
        for data, kept in leaves:
            if hash_leaf(data) != kept:
                self._fault("the leaf is not the one that was put into the tree")
            self._read(data)
            self._frontier = append(self._frontier, [kept]).frontier
            self.size += 1
            self._meet(due.get(self.size))

    def finish(self, waiting: Iterable[bytes] = ()) -> tuple[Fault, ...]:
        """Everything found. `waiting`: leaves that are recorded and have no place yet."""
        for data in waiting:
            self._read(data)
        for early in self._early.values():
            for seq, (_, index) in sorted(early.items())[:1]:
                self._fault(f"leaf {seq} of a chain is here, one before it is not", index)
        for checkpoint in self.checkpoints:
            if checkpoint.size > self.size:
                self._fault(f"a checkpoint vouches for {checkpoint.size} leaves, here are fewer")
        return tuple(self.faults)

    def _meet(self, checkpoint: Checkpoint | None) -> None:
        if checkpoint is not None and checkpoint.root != self._frontier.root:
            self._fault(
                f"the first {self.size} leaves do not add up to the signed checkpoint",
                self.size - 1,
            )

    def _read(self, data: bytes) -> None:
        try:
            leaf = read_leaf(data)
        except BadLeaf as error:
            self._fault(str(error))
            return
        if leaf.group != self.group:
            self._fault("the leaf is of another group")
        row = leaf.kind.encode() + leaf.id.bytes
        if row in self._rows:
            self._fault("the same thing is in the log twice")
        self._rows.add(row)
        if leaf.link is not None:
            self._follow(leaf, leaf.link)

    def _follow(self, leaf: Leaf, link: Link) -> None:
        early = self._early.setdefault(link.of, {})
        last = self._heads.get(link.of)
        if link.seq in early or (last is not None and link.seq <= last.seq):
            self._fault(f"a second leaf {link.seq} of one chain: its history was written anew")
            return
        early[link.seq] = (leaf, self.size)
        while found := early.pop(1 if last is None else last.seq + 1, None):
            leaf, index = found
            assert leaf.link is not None, "only leaves of a chain are kept here"
            if leaf.link.prev != (last and last.hash):
                self._fault(
                    f"leaf {leaf.link.seq} of a chain does not follow the one before it", index
                )
            self._heads[link.of] = last = leaf.head
        if not early:
            del self._early[link.of]

    def _fault(self, says: str, index: int | None = None) -> None:
        self.faults.append(Fault(self.size if index is None else index, says))
