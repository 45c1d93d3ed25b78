"""The exported files are those of `tlog-tiles`: names, widths, and hashes that rebuild the root."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lotline.core.ledger.merkle import Frontier, append, hash_leaf
from lotline.core.ledger.tiles import Tile, entry_bundle, entry_bundles_of, tiles_of

LARGEST = 70_000


@pytest.mark.parametrize(
    "tile,path",
    [
        (Tile(0, 0), "tile/0/000"),
        (Tile(0, 5), "tile/0/005"),
        (Tile(0, 273, 112), "tile/0/273.p/112"),
        (Tile(1, 1_234_067), "tile/1/x001/x234/067"),
        (Tile(3, 1_000), "tile/3/x001/000"),
        (Tile(0, 999_999, 1), "tile/0/x999/999.p/1"),
    ],
)
def test_paths(tile: Tile, path: str) -> None:
    assert tile.path == path


def test_the_specifications_example() -> None:
    """70,000 leaves: 273 full and one partial of 112, one full and one of 17, one of 1."""
    tiles = list(tiles_of(70_000))
    assert sum(tile.level == 0 and tile.width == 256 for tile in tiles) == 273
    assert [tile for tile in tiles if tile.width < 256 or tile.level] == [
        Tile(0, 273, 112),
        Tile(1, 0),
        Tile(1, 1, 17),
        Tile(2, 0, 1),
    ]
    assert list(tiles_of(256)) == [Tile(0, 0), Tile(1, 0, 1)]
    assert not list(tiles_of(0))


@settings(max_examples=15)
@given(size=st.integers(1, 3_000))
def test_tiles_rebuild_the_tree(size: int) -> None:
    """Hashing a level-0 tile set alone gives the root, and upper tiles agree with lower ones."""
    leaves = [hash_leaf(at.to_bytes(4, "big")) for at in range(size)]
    appended = append(Frontier(), leaves)
    nodes = dict(appended.nodes)
    lower = b"".join(tile.content(nodes) for tile in tiles_of(size) if tile.level == 0)
    assert [lower[at : at + 32] for at in range(0, len(lower), 32)] == leaves
    for tile in tiles_of(size):
        if tile.level == 1:
            for at in range(tile.width):
                whole = Tile(0, tile.index * 256 + at).content(nodes)
                below = [whole[x : x + 32] for x in range(0, len(whole), 32)]
                assert (
                    append(Frontier(), below).frontier.root == tile.content(nodes)[at * 32 :][:32]
                )


def test_entry_bundles() -> None:
    assert [path for path, _ in entry_bundles_of(300)] == [
        "tile/entries/000",
        "tile/entries/001.p/44",
    ]
    assert [leaf for _, span in entry_bundles_of(300) for leaf in span] == list(range(300))
    assert entry_bundle([b"ab", b"", b"c" * 256]) == b"\0\2ab\0\0\1\0" + b"c" * 256
