"""Writing the ledger: leaves beside what they record, places given later, checkpoints signed.

A leaf is written in the transaction of what it records, so one is never there without the other.
It gets its place only when no transaction can still come before it, so the order of the log never
depends on who was quick.

Not here: the tree and the form of a leaf (`core.ledger`), what leaves this house as evidence.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

from lotline.core.ledger.leaf import Head, Leaf, LeafKind, make_leaf, next_link
from lotline.core.ledger.merkle import Frontier, Node, append, frontier_at, frontier_nodes

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from lotline.core.base.sealing import Seal
    from lotline.store.database import Tx

NOWHERE = ("0", UUID(int=0))


class Chain:
    """The end of one contact's chain, held under the contact's lock for this transaction."""

    __slots__ = ("contact_id", "head", "key")

    def __init__(self, contact_id: UUID, head: Head | None, key: Seal) -> None:
        self.contact_id = contact_id
        self.head = head
        self.key = key


class Leaves:
    """The leaves of one transaction, gathered in order and written in one statement."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx
        self._made: list[tuple[Leaf, UUID | None, int | None]] = []
        self._moved: dict[UUID, Head] = {}

    def add(
        self, kind: LeafKind, row_id: UUID, parts: Mapping[str, Any], at: datetime, chain: Chain
    ) -> Leaf:
        """A leaf about a contact's row, at the end of the contact's chain."""
        link = next_link(chain.contact_id, chain.head)
        leaf = make_leaf(
            kind=kind,
            group=self._tx.group_id,
            id=row_id,
            at=at,
            parts=parts,
            salt=chain.key.salt(row_id),
            link=link,
        )
        chain.head = leaf.head
        self._moved[chain.contact_id] = leaf.head
        self._made.append((leaf, chain.contact_id, link.seq))
        return leaf

    def add_unchained(
        self, kind: LeafKind, row_id: UUID, parts: Mapping[str, Any], at: datetime
    ) -> Leaf:
        """A leaf about no contact: a signature, an access act, a rotation."""
        leaf = make_leaf(
            kind=kind,
            group=self._tx.group_id,
            id=row_id,
            at=at,
            parts=parts,
            salt=self._tx.keys.salt(row_id),
        )
        self._made.append((leaf, None, None))
        return leaf

    def write(self) -> None:
        """All of them, and where the chains end now. Nothing when nothing happened."""
        if not self._made:
            return
        self._tx.run(
            "ledger.record",
            ids=[leaf.id for leaf, _, _ in self._made],
            kinds=[leaf.kind.value for leaf, _, _ in self._made],
            subjects=[leaf.id for leaf, _, _ in self._made],
            contacts=[contact for _, contact, _ in self._made],
            seqs=[seq for _, _, seq in self._made],
            leaves=[leaf.data for leaf, _, _ in self._made],
            hashes=[leaf.hash for leaf, _, _ in self._made],
            ats=[leaf.at for leaf, _, _ in self._made],
        )
        if self._moved:
            self._tx.run(
                "ledger.move_heads",
                ids=list(self._moved),
                seqs=[head.seq for head in self._moved.values()],
                heads=[head.hash for head in self._moved.values()],
            )
        self._made, self._moved = [], {}


def record_leaf(  # noqa: PLR0917  # the order is the one everybody was told
    tx: Tx,
    kind: LeafKind | str,
    subject_id: UUID,
    contact_id: UUID | None,
    content: Mapping[str, Any],
    at: datetime,
) -> None:
    """One leaf now. Takes the contact's lock, so call it after other locks on contacts."""
    leaves = Leaves(tx)
    if contact_id is None:
        leaves.add_unchained(LeafKind(kind), subject_id, content, at)
    else:
        leaves.add(LeafKind(kind), subject_id, content, at, load_chain(tx, contact_id))
    leaves.write()


def load_present(tx: Tx, ids: Iterable[UUID]) -> set[UUID]:
    """Which of these rows have their leaf already."""
    wanted = list(ids)
    return {row.id for row in tx.all("ledger.present", ids=wanted)} if wanted else set()


def load_chain(tx: Tx, contact_id: UUID) -> Chain:
    """The end of a contact's chain, under the contact's lock."""
    row = tx.only("ledger.lock_head", contact_id=contact_id)
    return chain_of(tx, contact_id, row.chain_seq, row.chain_head, row.key_wrapped)


def chain_of(
    tx: Tx, contact_id: UUID, seq: int, head: bytes | None, key_wrapped: bytes | None
) -> Chain:
    """The chain from a locked row. Once the contact's key is gone, the group's salts go on."""
    key: Seal = tx.keys
    if key_wrapped is not None:
        key = tx.keys.open_contact_key(contact_id, bytes(key_wrapped))
    return Chain(contact_id, Head(seq, bytes(head)) if head is not None else None, key)


class Sequenced(NamedTuple):
    """How far a group's log came: its size and root, and how many leaves were placed just now."""

    size: int
    root: bytes
    placed: int


def lock_sequence(tx: Tx) -> bool:
    """Whether this transaction is the one that gives places; another has it otherwise."""
    return bool(tx.only("ledger.lock_sequence").mine)


def record_places(tx: Tx, at: datetime, limit: int = 1000) -> Sequenced:
    """Give places to what is complete, and keep the subtrees that this completed."""
    last = tx.one("ledger.last_place")
    size = 0 if last is None else last.seq + 1
    waiting = _load_unplaced(tx, last, limit)
    frontier = frontier_at(size, load_nodes(tx, frontier_nodes(size)))
    if not waiting:
        return Sequenced(size, frontier.root, 0)
    appended = append(frontier, (bytes(row.leaf_hash) for row in waiting))
    tx.run(
        "ledger.place",
        seqs=list(range(size, size + len(waiting))),
        ids=[row.id for row in waiting],
        xids=[row.xid for row in waiting],
        at=at,
    )
    tx.run(
        "ledger.record_nodes",
        levels=[node.level for node, _ in appended.nodes],
        indexes=[node.offset for node, _ in appended.nodes],
        hashes=[digest for _, digest in appended.nodes],
    )
    return Sequenced(appended.frontier.size, appended.frontier.root, len(waiting))


def _load_unplaced(tx: Tx, last: Any, limit: int) -> list[Any]:
    if last is not None and last.from_earlier_life:
        return tx.all("ledger.unplaced_since_restore", limit=limit)
    after_xid, after_id = NOWHERE if last is None else (last.xid, last.leaf_id)
    return tx.all("ledger.unplaced", after_xid=after_xid, after_id=after_id, limit=limit)


def load_nodes(tx: Tx, wanted: Iterable[Node]) -> dict[Node, bytes]:
    """Stored subtree roots, for a proof or for going on."""
    nodes = list(wanted)
    if not nodes:
        return {}
    rows = tx.all(
        "ledger.nodes",
        levels=[node.level for node in nodes],
        indexes=[node.offset for node in nodes],
    )
    return {Node(row.level, row.index): bytes(row.hash) for row in rows}


def load_frontier(tx: Tx) -> Frontier:
    """The whole log as far as appending needs it."""
    last = tx.one("ledger.last_place")
    size = 0 if last is None else last.seq + 1
    return frontier_at(size, load_nodes(tx, frontier_nodes(size)))


def record_checkpoint(tx: Tx, size: int, root: bytes, note: str, at: datetime) -> None:
    """A signed word on the log. The same size is signed once."""
    tx.run("ledger.record_checkpoint", size=size, root=root, note=note, at=at)


def load_checkpoint(tx: Tx, size: int | None = None) -> Any:
    """The newest checkpoint (at or before `size`): `size root note signed_at`, or None."""
    return tx.one("ledger.checkpoint", size=size)
