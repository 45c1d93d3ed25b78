"""Sought: many ways of saying a thing, looked for as one pattern would, but sparingly.

Most texts hold none of the letters that most of the ways need, so those ways are never tried. What
is found, and where, is what the pattern of all ways joined by "or" would find.

Not here: the ways themselves (`purpose_words.toml`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property
from typing import NamedTuple

from lotline.core.consent.hearing.needed import Letters, Needs, needed

KEPT_MAX = 2000


class Found(NamedTuple):
    """Where it stands."""

    start: int
    end: int


class Text(NamedTuple):
    """Words to look in, and which of the letters that any way needs are in them."""

    words: str
    letters: int


class _Way:
    """One way of saying it, compiled when it may first be there."""

    def __init__(self, words: str) -> None:
        self.words = words
        self.needs = 0

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        return re.compile(self.words)


class Sought:
    """Any of several ways."""

    def __init__(self, ways: Sequence[str]) -> None:
        self._ways = [_Way(words) for words in ways]
        self._needs = 0
        self._may_be: dict[int, tuple[_Way, ...]] = {}

    def wanted(self) -> list[tuple[Needs, ...]]:
        """The letters of each way without which it is nowhere."""
        return [needed(way.words) for way in self._ways]

    def learn(self, letters: Letters) -> None:
        """Which bits stand for those letters."""
        for way in self._ways:
            way.needs = letters.choosiest(needed(way.words))
            self._needs |= way.needs

    def search(self, text: Text) -> Found | None:
        """The leftmost; of two that begin there, the one that was named first."""
        found: Found | None = None
        for way in self._worth_trying(text.letters & self._needs):
            hit = way.pattern.search(text.words)
            if hit and (found is None or hit.start() < found.start):
                found = Found(*hit.span())
        return found

    def _worth_trying(self, letters: int) -> tuple[_Way, ...]:
        """Kept by the letters: those of many texts are the same."""
        ways = self._may_be.get(letters)
        if ways is None:
            ways = tuple(way for way in self._ways if way.needs & letters)
            if len(self._may_be) >= KEPT_MAX:
                self._may_be = {}
            self._may_be[letters] = ways
        return ways


def letters_of(several: Sequence[Sought]) -> Letters:
    """The letters that any of these need; each of them learns which they are."""
    letters = Letters([one for sought in several for one in sought.wanted()])
    for sought in several:
        sought.learn(letters)
    return letters
