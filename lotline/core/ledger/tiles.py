"""Tiles: the whole log as static files, in the form of C2SP `tlog-tiles`.

A tile is up to 256 hashes in a row at every eighth level of the tree. Which files a log of some
size is made of, and what each holds, follows from the size and the stored nodes alone.

Not here: writing files or serving them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lotline.core.ledger.leaf import LARGEST_LEAF
from lotline.core.ledger.merkle import Node, Nodes

HEIGHT = 8
WIDTH = 1 << HEIGHT
HIGHEST_LEVEL = 63


@dataclass(frozen=True, slots=True)
class Tile:
    """`width` hashes of level `level` (in tiles), beginning at hash `index` * 256."""

    level: int
    index: int
    width: int = WIDTH

    def __post_init__(self) -> None:
        assert 0 <= self.level <= HIGHEST_LEVEL, "a level is 0 to 63"
        assert 1 <= self.width <= WIDTH, "a tile is never empty"

    @property
    def path(self) -> str:
        """Below the log's address: `tile/0/x001/x234/067`, with `.p/W` for a partial one."""
        return f"tile/{self.level}/{_spelled(self.index, self.width)}"

    @property
    def nodes(self) -> tuple[Node, ...]:
        """The stored nodes whose hashes it holds, in order."""
        start = self.index * WIDTH
        return tuple(Node(self.level * HEIGHT, start + at) for at in range(self.width))

    def content(self, nodes: Nodes) -> bytes:
        """The file: the hashes, one after another."""
        return b"".join(nodes[node] for node in self.nodes)


def tiles_of(size: int) -> Iterator[Tile]:
    """Every tile of a log of this size, full ones first on each level."""
    level = 0
    while count := size >> level * HEIGHT:
        for index in range(count // WIDTH):
            yield Tile(level, index)
        if rest := count % WIDTH:
            yield Tile(level, count // WIDTH, rest)
        level += 1


def entry_bundles_of(size: int) -> Iterator[tuple[str, range]]:
    """The path of every bundle of leaves, and which leaves are in it."""
    for start in range(0, size, WIDTH):
        width = min(WIDTH, size - start)
        yield f"tile/entries/{_spelled(start // WIDTH, width)}", range(start, start + width)


def entry_bundle(leaves: Sequence[bytes]) -> bytes:
    """The data of up to 256 leaves, each after its length in two bytes."""
    assert 1 <= len(leaves) <= WIDTH, "a bundle is never empty"
    assert all(len(leaf) <= LARGEST_LEAF for leaf in leaves), "a length is two bytes"
    return b"".join(len(leaf).to_bytes(2, "big") + leaf for leaf in leaves)


def _spelled(index: int, width: int) -> str:
    digits = str(index)
    groups = [digits[max(0, end - 3) : end] for end in range(len(digits), 0, -3)][::-1]
    padded = [group.zfill(3) for group in groups]
    path = "/".join([*(f"x{group}" for group in padded[:-1]), padded[-1]])
    return path if width == WIDTH else f"{path}.p/{width}"
