"""What a pattern cannot match without: letters of which some must stand in whatever it finds.

Most sentences hold none of the words that any of our patterns is made of, so asking for a few
letters first spares nearly all of the matching. It can only say "not here": the letters are read
off the pattern's own tree, and of anything it does not know to be needed it demands nothing.

Not here: the patterns (`phrases`), and whether they match.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

try:
    from re import _parser  # type: ignore[attr-defined, unused-ignore]  # where Python keeps a pattern's tree
except (
    ImportError
):  # another Python may keep it elsewhere: then nothing is spared, and all is asked
    _parser = None

_WORDS_KEPT = 20_000
_REPEATS = frozenset({"MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"})


def needed(pattern: str) -> frozenset[str] | None:
    """One of these stands in every string that `pattern` finds; None when nothing is known."""
    if _parser is None:
        return None
    tree = _parser.parse(pattern)
    if tree.state.flags & (re.IGNORECASE | re.VERBOSE):
        return None
    return _of_sequence(tree)


def _of_sequence(items: Any) -> frozenset[str] | None:
    """All items of a sequence must be there, so the choosiest may speak for it."""
    best: frozenset[str] | None = None
    run = ""
    for op, given in [*items, ("END", None)]:
        name = getattr(op, "name", op)
        if name == "LITERAL":
            run += chr(given)
            continue
        best, run = _better(best, _of_run(run)), ""
        best = _better(best, _of_item(name, given))
    return best


def _of_item(name: str, given: Any) -> frozenset[str] | None:
    if name == "BRANCH":
        return _of_any(given[1])
    if name == "SUBPATTERN":
        _, on, _, inside = given
        return None if on & re.IGNORECASE else _of_sequence(inside)
    if name in _REPEATS and given[0] >= 1:
        return _of_sequence(given[2])
    if name == "ATOMIC_GROUP":
        return _of_sequence(given)
    return None


def _of_any(branches: Sequence[Any]) -> frozenset[str] | None:
    """One of the branches must be there: what any of them needs, or nothing is known."""
    found: set[str] = set()
    for branch in branches:
        one = _of_sequence(branch)
        if one is None:
            return None
        found |= one
    return frozenset(found)


def _of_run(run: str) -> frozenset[str] | None:
    """The longest part without a space: it then stands within a single word."""
    longest = max(run.split(), key=len, default="")
    return frozenset({longest}) if longest else None


def _better(one: frozenset[str] | None, two: frozenset[str] | None) -> frozenset[str] | None:
    if one is None or two is None:
        return one or two
    return max(one, two, key=lambda letters: (min(map(len, letters)), -len(letters)))


class Letters:
    """The letters that several patterns need, and which of them a text has, as bits."""

    def __init__(self, wanted: Sequence[frozenset[str] | None]) -> None:
        every = sorted({one for letters in wanted if letters for one in letters})
        self._bits = [(one, 1 << at) for at, one in enumerate(every)]
        self._of_word = lru_cache(_WORDS_KEPT)(self._look)

    def bits_of(self, letters: frozenset[str] | None) -> int:
        """0 for a pattern of which nothing is known: it is always asked."""
        return sum(bit for one, bit in self._bits if letters and one in letters)

    def in_text(self, text: str) -> int:
        """Each is without spaces, so it is in the text when it is in one of its words."""
        found = 0
        for word in text.split(" "):
            found |= self._of_word(word)
        return found

    def _look(self, word: str) -> int:
        return sum(bit for one, bit in self._bits if one in word)
