"""The tree against RFC 6962's own definition, known vectors, and every small size."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lotline.core.ledger.merkle import (
    EMPTY_ROOT,
    Frontier,
    Node,
    append,
    consistency_nodes,
    consistency_proof,
    consistent,
    frontier_at,
    frontier_nodes,
    hash_leaf,
    hash_node,
    includes,
    inclusion_nodes,
    inclusion_proof,
)

# The test vectors that Certificate Transparency's implementations share.
KNOWN_LEAVES = [
    bytes.fromhex(data)
    for data in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
KNOWN_ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
LARGEST = 34  # past 32, so that every shape of a right edge up to five levels is met


def root_by_definition(leaves: list[bytes]) -> bytes:
    """MTH of RFC 6962 2.1, word for word, over leaf hashes."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return hash_node(root_by_definition(leaves[:k]), root_by_definition(leaves[k:]))


def path_by_definition(m: int, leaves: list[bytes]) -> list[bytes]:
    """PATH of RFC 6962 2.1.1."""
    if len(leaves) == 1:
        return []
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    if m < k:
        return [*path_by_definition(m, leaves[:k]), root_by_definition(leaves[k:])]
    return [*path_by_definition(m - k, leaves[k:]), root_by_definition(leaves[:k])]


def proof_by_definition(m: int, leaves: list[bytes], whole: bool = True) -> list[bytes]:
    """SUBPROOF of RFC 6962 2.1.2."""
    if m == len(leaves):
        return [] if whole else [root_by_definition(leaves)]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    if m <= k:
        return [*proof_by_definition(m, leaves[:k], whole), root_by_definition(leaves[k:])]
    return [*proof_by_definition(m - k, leaves[k:], False), root_by_definition(leaves[:k])]


LEAVES = [hash_leaf(bytes([n])) for n in range(LARGEST)]
NODES = dict(append(Frontier(), LEAVES).nodes)
ROOTS = [root_by_definition(LEAVES[:n]) for n in range(LARGEST + 1)]


def test_known_roots() -> None:
    frontier = Frontier()
    for data, root in zip(KNOWN_LEAVES, KNOWN_ROOTS, strict=True):
        frontier = append(frontier, [hash_leaf(data)]).frontier
        assert frontier.root.hex() == root


def test_known_inclusion_and_consistency() -> None:
    """Two vectors of the shared set, byte by byte."""
    nodes = dict(append(Frontier(), [hash_leaf(data) for data in KNOWN_LEAVES]).nodes)

    assert [step.hex() for step in inclusion_proof(5, 8, nodes)] == [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ]
    assert [step.hex() for step in consistency_proof(6, 8, nodes)] == [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ]


def test_an_empty_tree_has_the_hash_of_nothing() -> None:
    assert Frontier().root == EMPTY_ROOT == sha256(b"").digest()


@pytest.mark.parametrize("size", range(LARGEST + 1))
def test_every_small_tree(size: int) -> None:
    """Root, frontier, each inclusion proof and each consistency proof, against the definition."""
    leaves = LEAVES[:size]
    frontier = append(Frontier(), leaves).frontier
    assert frontier.root == ROOTS[size]
    assert frontier == frontier_at(size, NODES)
    for index in range(size):
        proof = inclusion_proof(index, size, NODES)
        assert list(proof) == path_by_definition(index, leaves)
        assert includes(leaf=leaves[index], index=index, size=size, proof=proof, root=ROOTS[size])
    for first in range(size + 1):
        proof = consistency_proof(first, size, NODES)
        if first:
            assert list(proof) == proof_by_definition(first, leaves)
        assert consistent(
            first=first,
            first_root=ROOTS[first],
            second=size,
            second_root=ROOTS[size],
            proof=proof,
        )


@given(st.lists(st.integers(0, 6), max_size=12))
def test_any_batching_gives_one_tree(batches: list[int]) -> None:
    """However the sequencer cuts its batches, the nodes are the same and none is given twice."""
    frontier, stored, at = Frontier(), {}, 0
    for count in batches:
        take = LEAVES[at : at + count]
        at += len(take)
        appended = append(frontier, take)
        frontier = appended.frontier
        for node, digest in appended.nodes:
            assert node not in stored, "a node is complete once"
            stored[node] = digest
    assert frontier == append(Frontier(), LEAVES[:at]).frontier
    assert stored == {
        node: digest for node, digest in NODES.items() if (node.offset + 1) << node.level <= at
    }


sizes = st.integers(1, LARGEST)


@given(size=sizes, data=st.data())
def test_a_proof_serves_one_place_only(size: int, data: st.DataObject) -> None:
    """Another index, size, leaf or root, or a step changed, dropped, added or moved, fails."""
    index = data.draw(st.integers(0, size - 1))
    proof = list(inclusion_proof(index, size, NODES))
    leaf, root = LEAVES[index], ROOTS[size]

    other = data.draw(st.integers(-1, LARGEST + 1).filter(lambda n: n != index))
    assert not includes(leaf=leaf, index=other, size=size, proof=proof, root=root)
    assert not includes(
        leaf=LEAVES[(index + 1) % LARGEST], index=index, size=size, proof=proof, root=root
    )
    assert not includes(leaf=leaf, index=index, size=size, proof=proof, root=ROOTS[size - 1])
    assert not includes(leaf=leaf, index=index, size=size, proof=[*proof, root], root=root)
    if proof:
        assert not includes(leaf=leaf, index=index, size=size, proof=proof[:-1], root=root)
        assert not includes(leaf=leaf, index=index, size=size, proof=proof[1:], root=root)
        at = data.draw(st.integers(0, len(proof) - 1))
        changed = [*proof[:at], hash_leaf(proof[at]), *proof[at + 1 :]]
        assert not includes(leaf=leaf, index=index, size=size, proof=changed, root=root)


@given(second=sizes, data=st.data())
def test_a_changed_past_is_not_consistent(second: int, data: st.DataObject) -> None:
    first = data.draw(st.integers(1, second))
    changed_at = data.draw(st.integers(0, first - 1))
    forged = [*LEAVES[:changed_at], hash_leaf(b"forged"), *LEAVES[changed_at + 1 : second]]
    forged_nodes = dict(append(Frontier(), forged).nodes)
    for nodes in (NODES, forged_nodes):
        assert not consistent(
            first=first,
            first_root=ROOTS[first],
            second=second,
            second_root=root_by_definition(forged),
            proof=consistency_proof(first, second, nodes),
        )


@given(second=sizes, data=st.data())
def test_a_consistency_proof_is_exact(second: int, data: st.DataObject) -> None:
    first = data.draw(st.integers(1, second))
    proof = list(consistency_proof(first, second, NODES))
    roots = {"first_root": ROOTS[first], "second_root": ROOTS[second]}
    assert not consistent(first=first, second=second, proof=[*proof, ROOTS[1]], **roots)
    assert not consistent(first=second + 1, second=second, proof=proof, **roots)
    if proof:
        assert not consistent(first=first, second=second, proof=proof[:-1], **roots)
        at = data.draw(st.integers(0, len(proof) - 1))
        changed = [*proof[:at], hash_leaf(proof[at]), *proof[at + 1 :]]
        assert not consistent(first=first, second=second, proof=changed, **roots)


@pytest.mark.parametrize("size", [1, 2, 255, 256, 257, 1_000_000, 2**40 + 12_345])
def test_proofs_read_few_nodes(size: int) -> None:
    """At most one complete subtree per level for the path, and one per level for the edge."""
    levels = size.bit_length()
    for index in {0, size // 2, size - 1}:
        assert len(inclusion_nodes(index, size)) <= 2 * levels
        assert len(consistency_nodes(max(1, index), size)) <= 2 * levels
    assert len(frontier_nodes(size)) == size.bit_count()


def test_short_hashes_are_refused() -> None:
    assert not includes(leaf=b"", index=0, size=1, proof=[], root=b"")
    assert not consistent(first=0, first_root=b"", second=0, second_root=b"", proof=[])


def test_a_node_names_a_complete_subtree() -> None:
    assert NODES[Node(2, 1)] == root_by_definition(LEAVES[4:8])
