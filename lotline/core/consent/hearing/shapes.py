"""What the words of a text do to one another: who asks whom to stop what.

"Quit pestering my grandmother" and "cease messaging my uncle" share no word and one shape. A word
is replaced by its class (`classes.toml`), and the shape is which classes follow which, near or far.

Not here: what a shape means; that is learned (`scored`).
"""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple
from zlib import crc32

from lotline.core.base.scorer import BUCKETS, bucket, runs_of

if TYPE_CHECKING:
    from collections.abc import Sequence

_OTHER = "o"
_BUCKET = BUCKETS - 1
_FAR = 6  # classes further apart than this say nothing about one another
_MOST = 60  # of a long text; who has said nothing by then is read in clauses


@cache
def load_classes() -> dict[str, str]:
    """The class of each word."""
    book = resources.files(__package__).joinpath("classes.toml").read_text(encoding="utf-8")
    table: dict[str, str] = tomllib.loads(book)
    return {word: name for name, words in table.items() for word in words.split()}


def shapes_of(words: Sequence[str]) -> list[str]:
    """The shapes of these words, names and numbers already marked as such."""
    said, known = _classes_of(words)
    shapes = [f"{one} {two}" for one, two in pairwise(said)]
    shapes += [
        f"{one} {two} {three}" for one, two, three in zip(said, said[1:], said[2:], strict=False)
    ]
    shapes += [" ".join(said[at : at + 4]) for at in range(len(said) - 3)]
    shapes += [
        f"{one} .. {two}" for at, one in enumerate(known) for two in known[at + 1 : at + _FAR]
    ]
    return [*shapes, *(f"{name}!" for name in known)]


def shape_buckets(words: Sequence[str]) -> set[int]:
    """The buckets of `shapes_of`, without writing them out."""
    said, known = _classes_of(words)
    hashed = [_hashed(name) for name in said]
    found = runs_of([one.next for one in hashed], [one.head for one in hashed])
    named = [_hashed(name) for name in known]
    heads, afar = [one.head for one in named], [one.afar for one in named]
    for apart in range(1, _FAR):
        found.update([digest & _BUCKET for digest in map(crc32, afar[apart:], heads)])
    found.update([one.alone for one in named])
    return found


class _Hashed(NamedTuple):
    """A class as it is hashed: the first of a shape, the next in one, far from another, alone."""

    head: int
    next: bytes
    afar: bytes
    alone: int


@cache
def _hashed(name: str) -> _Hashed:
    plain = name.encode()
    return _Hashed(crc32(b"=" + plain), b" " + plain, b" .. " + plain, bucket(f"={name}!"))


def _classes_of(words: Sequence[str]) -> tuple[list[str], list[str]]:
    """The classes in their order, edges included; and those alone that say something."""
    classes = load_classes()
    named = [classes.get(word) or (word if word[0] == "@" else _OTHER) for word in words[:_MOST]]
    # Words of no class count once however many stand together.
    short = [
        name
        for before, name in zip(("", *named), named, strict=False)
        if name != _OTHER or before != _OTHER
    ]
    return ["^", *short, "$"], [name for name in short if name != _OTHER]
