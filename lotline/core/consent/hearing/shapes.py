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
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_OTHER = "o"
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
    classes = load_classes()
    named = [classes.get(word) or (word if word[0] == "@" else _OTHER) for word in words[:_MOST]]
    # Words of no class count once however many stand together.
    short = [
        name
        for before, name in zip(("", *named), named, strict=False)
        if name != _OTHER or before != _OTHER
    ]
    said = ["^", *short, "$"]
    shapes = [f"{one} {two}" for one, two in pairwise(said)]
    shapes += [
        f"{one} {two} {three}" for one, two, three in zip(said, said[1:], said[2:], strict=False)
    ]
    shapes += [" ".join(said[at : at + 4]) for at in range(len(said) - 3)]
    known = [name for name in short if name != _OTHER]
    shapes += [
        f"{one} .. {two}" for at, one in enumerate(known) for two in known[at + 1 : at + _FAR]
    ]
    return [*shapes, *(f"{name}!" for name in known)]
