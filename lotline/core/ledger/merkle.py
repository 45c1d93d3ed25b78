"""The Merkle tree of the ledger: RFC 6962 hashing, RFC 9162 proofs and their checks.

A tree is only appended to. Its storage is the roots of its complete subtrees, each addressed by
(level, offset) and never rewritten, so a proof reads O(log n) of them and an append adds at most
two for each leaf.

Not here: what a leaf says (`leaf`), who vouches for a root (`checkpoint`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import NamedTuple

HASH_SIZE = 32
EMPTY_ROOT = sha256(b"").digest()


class Node(NamedTuple):
    """The root of the complete subtree over leaves [offset << level, (offset + 1) << level)."""

    level: int
    offset: int


Nodes = Mapping[Node, bytes]
Proof = tuple[bytes, ...]


def hash_leaf(data: bytes) -> bytes:
    return sha256(b"\x00" + data).digest()


def hash_node(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


@dataclass(frozen=True, slots=True)
class Frontier:
    """A tree as far as appending needs it: its size and its complete subtrees, largest first."""

    size: int = 0
    hashes: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        assert self.size >= 0, "a tree has no negative size"
        assert len(self.hashes) == self.size.bit_count(), "one subtree for each set bit of the size"

    @property
    def root(self) -> bytes:
        """The Merkle tree hash at this size."""
        return _fold(self.hashes)


@dataclass(frozen=True, slots=True)
class Appended:
    """The tree after an append, and the nodes that the append completed (level 0: the leaves)."""

    frontier: Frontier
    nodes: tuple[tuple[Node, bytes], ...]


def append(frontier: Frontier, leaves: Iterable[bytes]) -> Appended:
    """Put leaf hashes at the end, in order. Every new node is returned once, to be stored."""
    stack, size = list(frontier.hashes), frontier.size
    nodes: list[tuple[Node, bytes]] = []
    for leaf in leaves:
        assert len(leaf) == HASH_SIZE, "a leaf is appended by its hash"
        level, index, carried = 0, size, leaf
        nodes.append((Node(0, index), carried))
        while index & 1:  # its left sibling is complete, so is their parent
            carried = hash_node(stack.pop(), carried)
            level, index = level + 1, index >> 1
            nodes.append((Node(level, index), carried))
        stack.append(carried)
        size += 1
    return Appended(Frontier(size, tuple(stack)), tuple(nodes))


def frontier_nodes(size: int) -> tuple[Node, ...]:
    """Which stored nodes make up the frontier of a tree of this size."""
    return _cover(0, size)


def frontier_at(size: int, nodes: Nodes) -> Frontier:
    """The frontier from its stored nodes. A missing one is a `KeyError`."""
    return Frontier(size, tuple(nodes[node] for node in frontier_nodes(size)))


# --- making proofs ---------------------------------------------------------------------------


def inclusion_nodes(index: int, size: int) -> frozenset[Node]:
    """Which stored nodes an inclusion proof reads: O(log size) of them."""
    return frozenset(node for span in _inclusion_spans(index, size) for node in _cover(*span))


def inclusion_proof(index: int, size: int, nodes: Nodes) -> Proof:
    """That the leaf at `index` is in the tree of `size`."""
    return tuple(_span_root(span, nodes) for span in _inclusion_spans(index, size))


def consistency_nodes(first: int, second: int) -> frozenset[Node]:
    """Which stored nodes a consistency proof reads."""
    return frozenset(node for span in _consistency_spans(first, second) for node in _cover(*span))


def consistency_proof(first: int, second: int, nodes: Nodes) -> Proof:
    """That the tree of size `first` is the beginning of the tree of size `second`."""
    return tuple(_span_root(span, nodes) for span in _consistency_spans(first, second))


# --- checking proofs (RFC 9162, 2.1.3.2 and 2.1.4.2) -----------------------------------------


def includes(*, leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether `proof` shows that the leaf hash stands at `index` under `root`."""
    if not 0 <= index < size or any(len(step) != HASH_SIZE for step in (leaf, root, *proof)):
        return False
    at, last, grown = index, size - 1, leaf
    for step in proof:
        if last == 0:
            return False
        if at & 1 or at == last:
            grown = hash_node(step, grown)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            grown = hash_node(grown, step)
        at, last = at >> 1, last >> 1
    return last == 0 and grown == root


def consistent(
    *, first: int, first_root: bytes, second: int, second_root: bytes, proof: Sequence[bytes]
) -> bool:
    """Whether `proof` shows that the first tree is the beginning of the second."""
    if not 0 <= first <= second:
        return False
    if any(len(step) != HASH_SIZE for step in (first_root, second_root, *proof)):
        return False
    if first == second:
        return not proof and first_root == second_root
    if first == 0:
        return not proof and first_root == EMPTY_ROOT
    steps = list(proof)
    if first & (first - 1) == 0:  # a whole subtree by itself: its root is where the path starts
        steps.insert(0, first_root)
    if not steps:
        return False
    at, last = first - 1, second - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    old = new = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            old, new = hash_node(step, old), hash_node(step, new)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            new = hash_node(new, step)
        at, last = at >> 1, last >> 1
    return last == 0 and old == first_root and new == second_root


# --- the shape of the tree -------------------------------------------------------------------


def _fold(subtrees: Sequence[bytes]) -> bytes:
    """The root over complete subtrees of falling size."""
    if not subtrees:
        return EMPTY_ROOT
    root = subtrees[-1]
    for left in reversed(subtrees[:-1]):
        root = hash_node(left, root)
    return root


def _cover(start: int, end: int) -> tuple[Node, ...]:
    """The complete subtrees that tile [start, end), left to right.

    Every span that a proof asks for starts at a multiple of a power of two that is not smaller
    than itself, so the subtrees fall in size and `_fold` gives the span's own root.
    """
    nodes = []
    while start < end:
        level = (end - start).bit_length() - 1
        if start:
            level = min(level, (start & -start).bit_length() - 1)
        nodes.append(Node(level, start >> level))
        start += 1 << level
    return tuple(nodes)


def _span_root(span: tuple[int, int], nodes: Nodes) -> bytes:
    return _fold([nodes[node] for node in _cover(*span)])


def _split(size: int) -> int:
    """The largest power of two smaller than `size`."""
    return 1 << (size - 1).bit_length() - 1


def _inclusion_spans(index: int, size: int) -> list[tuple[int, int]]:
    """PATH of RFC 6962 2.1.1, as the spans of leaves whose roots it lists."""
    assert 0 <= index < size, "the leaf is within the tree"
    low, high = 0, size
    spans = []
    while high - low > 1:
        middle = low + _split(high - low)
        if index < middle:
            spans.append((middle, high))
            high = middle
        else:
            spans.append((low, middle))
            low = middle
    return spans[::-1]


def _consistency_spans(first: int, second: int) -> list[tuple[int, int]]:
    """PROOF of RFC 6962 2.1.2, as the spans of leaves whose roots it lists."""
    assert 0 <= first <= second, "the older tree is not the larger one"
    if first in (0, second):
        return []
    low, high = 0, second
    spans = []
    while first != high:
        middle = low + _split(high - low)
        if first <= middle:
            spans.append((middle, high))
            high = middle
        else:
            spans.append((low, middle))
            low = middle
    if low:  # the older tree is not one subtree of the newer: its last part must be shown
        spans.append((low, high))
    return spans[::-1]
