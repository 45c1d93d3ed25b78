"""A walk through a whole log sees one changed byte, one dropped row, one moved row, one fork."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from lotline.core.ledger.audit import Audit
from lotline.core.ledger.checkpoint import Checkpoint
from lotline.core.ledger.leaf import Head, Leaf, LeafKind, make_leaf, next_link
from lotline.core.ledger.merkle import Frontier, append

GROUP = UUID(int=1)
SUBJECTS = [UUID(int=11), UUID(int=12), UUID(int=13)]
NOON = datetime(2026, 11, 21, 18, tzinfo=UTC)
SALT = b"s" * 32


def build(count: int = 30) -> list[Leaf]:
    heads: dict[UUID, Head] = {}
    leaves = []
    for n in range(count):
        subject = SUBJECTS[n % 3]
        made = make_leaf(
            kind=LeafKind.TEXT,
            group=GROUP,
            id=UUID(int=100 + n),
            at=NOON + timedelta(minutes=n),
            parts={"text": {"body": f"text {n}"}},
            salt=SALT,
            link=next_link(subject, heads.get(subject)),
        )
        heads[subject] = made.head
        leaves.append(made)
    return leaves


LEAVES = build()


def root(leaves: list[Leaf]) -> bytes:
    return append(Frontier(), [leaf.hash for leaf in leaves]).frontier.root


CHECKPOINTS = [Checkpoint("log", size, root(LEAVES[:size])) for size in (10, 20, 30)]


def faults(rows: list[tuple[bytes, bytes]], checkpoints: list[Checkpoint] = CHECKPOINTS) -> str:
    audit = Audit(GROUP, checkpoints)
    audit.walk(rows[:7])
    audit.walk(rows[7:])
    return "\n".join(f"{fault.index}: {fault.says}" for fault in audit.finish())


def rows_of(leaves: list[Leaf]) -> list[tuple[bytes, bytes]]:
    return [(leaf.data, leaf.hash) for leaf in leaves]


def test_a_whole_log_has_no_fault() -> None:
    assert faults(rows_of(LEAVES)) == ""


@pytest.mark.parametrize("at", [0, 7, 15, 29])
def test_one_changed_byte(at: int) -> None:
    rows = rows_of(LEAVES)
    data, kept = rows[at]
    rows[at] = (data.replace(b"T18:", b"T17:"), kept)
    assert faults(rows).startswith(f"{at}: the leaf is not the one that was put into the tree")


def test_a_changed_row_with_its_hash_made_to_fit() -> None:
    """Whoever rewrites the hash as well meets the next checkpoint."""
    forged = make_leaf(
        kind=LeafKind.TEXT,
        group=GROUP,
        id=LEAVES[12].id,
        at=NOON,
        parts={},
        salt=SALT,
        link=LEAVES[12].link,
    )
    found = faults(rows_of([*LEAVES[:12], forged, *LEAVES[13:]]))
    assert "19: the first 20 leaves do not add up" in found
    assert "15: leaf 6 of a chain does not follow" in found


@pytest.mark.parametrize("at", [0, 13, 29])
def test_one_dropped_row(at: int) -> None:
    found = faults(rows_of(LEAVES[:at] + LEAVES[at + 1 :]))
    assert "a checkpoint vouches for 30 leaves, here are fewer" in found


def test_two_rows_exchanged() -> None:
    moved = [*LEAVES]
    moved[4], moved[7] = moved[7], moved[4]
    first = faults(rows_of(moved)).splitlines()[0]
    assert first == "9: the first 10 leaves do not add up to the signed checkpoint"


def test_a_fork_of_one_chain_is_seen_even_by_whoever_signs() -> None:
    """A company that signs a second history of one contact leaves both in its log."""
    fork = make_leaf(
        kind=LeafKind.TEXT,
        group=GROUP,
        id=UUID(int=999),
        at=NOON,
        parts={},
        salt=SALT,
        link=next_link(SUBJECTS[0], LEAVES[3].head),
    )
    leaves = [*LEAVES, fork]
    found = faults(rows_of(leaves), [Checkpoint("log", 31, root(leaves))])
    assert found == "30: a second leaf 3 of one chain: its history was written anew"


def test_a_leaf_may_get_its_place_before_the_one_it_follows() -> None:
    """Transactions end in another order than they began; the chain is whole all the same."""
    moved = [*LEAVES]
    moved[4], moved[7] = moved[7], moved[4]
    signed = [Checkpoint("log", 30, root(moved))]
    assert faults(rows_of(moved), signed) == ""

    ahead = [*LEAVES[:4], *LEAVES[5:8]]  # leaf 4 is recorded and waits for its place
    audit = Audit(GROUP)
    audit.walk(rows_of(ahead))
    assert audit.finish(waiting=[LEAVES[4].data]) == ()


def test_a_leaf_left_out_of_a_chain() -> None:
    short = LEAVES[:4] + LEAVES[5:]
    found = faults(rows_of(short), [Checkpoint("log", 29, root(short))])
    assert found == "6: leaf 3 of a chain is here, one before it is not"


def test_one_thing_twice_and_another_groups_leaf() -> None:
    again = make_leaf(
        kind=LeafKind.TEXT, group=UUID(int=2), id=LEAVES[0].id, at=NOON, parts={}, salt=SALT
    )
    found = faults(rows_of([*LEAVES, again]))
    assert "30: the leaf is of another group" in found
    assert "30: the same thing is in the log twice" in found


def test_what_is_no_leaf() -> None:
    assert "0: the leaf is not the one" in faults([(b"{}", b"\0" * 32)], [])
