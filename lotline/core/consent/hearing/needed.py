"""What a pattern cannot match without: letters of which some must stand in whatever it finds.

Most sentences hold none of the words that any of our patterns is made of, so asking for a few
letters first spares nearly all of the matching. It can only say "not here": the letters are read
off the pattern's own tree, and of anything it does not know to be needed it demands nothing.

Not here: the patterns (`phrases`), and whether they match.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from functools import lru_cache
from typing import Any, NamedTuple

try:
    from re import _parser  # type: ignore[attr-defined, unused-ignore]  # where Python keeps a pattern's tree
except (
    ImportError
):  # another Python may keep it elsewhere: then nothing is spared, and all is asked
    _parser = None

_WORDS_KEPT = 20_000
_APART = re.compile(r"\W+")
_EDGES = frozenset({"AT_BOUNDARY", "AT_BEGINNING", "AT_END"})
_REPEATS = frozenset({"MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"})


# Of no use to tell sentences apart: every second one has some of these.
_COMMON = frozenset(
    re.findall(
        r"\w+",
        "a about again all am an and any are at be but by can could do for from get go good have hi"
        " how i if in is it just know like lo me more my need no not now of off ok on one or out"
        " please que see so still take te thank that the there they this to up us want was we what"
        " when who will with would you your de la el le les un une",
    )
)


class Need(NamedTuple):
    """Some letters. `whole`: as a word of their own, with nothing of a word beside them."""

    letters: str
    whole: bool = False


Needs = AbstractSet[Need]


def needed(pattern: str) -> tuple[Needs, ...]:
    """One of each of these stands in every string that `pattern` finds; empty: nothing is known."""
    if _parser is None:
        return ()
    tree = _parser.parse(pattern)
    if tree.state.flags & (re.IGNORECASE | re.VERBOSE):
        return ()
    return _of_sequence(list(tree), before=False, after=False)


def _of_sequence(items: list[Any], *, before: bool, after: bool) -> tuple[Needs, ...]:
    """All items of a sequence must be there. `before`, `after`: no word goes on beyond that end."""
    found: list[Needs] = []
    run = ""
    for at, (op, given) in enumerate(items):
        name = _name(op)
        if name == "LITERAL":
            run += chr(given)
            if at + 1 < len(items) and _name(items[at + 1][0]) == "LITERAL":
                continue
            begins = _ends_apart(items[: at + 1 - len(run)], before)
            found += _of_run(run, before=begins, after=_begins_apart(items[at + 1 :], after))
            run = ""
            continue
        begins, ends = _ends_apart(items[:at], before), _begins_apart(items[at + 1 :], after)
        found += _of_item(name, given, before=begins, after=ends)
    return tuple(found)


def _of_item(name: str, given: Any, *, before: bool, after: bool) -> tuple[Needs, ...]:
    if name == "BRANCH":
        return _of_any(given[1], before=before, after=after)
    if name == "SUBPATTERN":
        _, on, _, inside = given
        return () if on & re.IGNORECASE else _of_sequence(list(inside), before=before, after=after)
    if name in _REPEATS and given[0] >= 1:
        once = given[1] == 1
        return _of_sequence(list(given[2]), before=before and once, after=after and once)
    return ()


def _of_any(branches: Sequence[Any], *, before: bool, after: bool) -> tuple[Needs, ...]:
    """One of the branches must be there: what any of them needs, or nothing is known."""
    found: set[Need] = set()
    for branch in branches:
        several = _of_sequence(list(branch), before=before, after=after)
        if not several:
            return ()
        found |= max(several, key=_choosy)
    return (frozenset(found),)


def _begins_apart(items: list[Any], after: bool) -> bool:  # the value beyond the last
    """Whether these always begin with a space or the edge of a word."""
    if not items:
        return after
    (op, given), rest = items[0], items[1:]
    return all(_begins_apart([*way, *rest], after) for way in _ways(op, given)) and (
        _is_apart(op, given) or bool(_ways(op, given))
    )


def _ends_apart(items: list[Any], before: bool) -> bool:  # the value before the first
    """Whether these always end with a space or the edge of a word."""
    if not items:
        return before
    (op, given), rest = items[-1], items[:-1]
    return all(_ends_apart([*rest, *way], before) for way in _ways(op, given)) and (
        _is_apart(op, given) or bool(_ways(op, given))
    )


def _ways(op: Any, given: Any) -> list[list[Any]]:
    """What may stand in an item's place: its branches, what it holds, or nothing."""
    name = _name(op)
    if name == "BRANCH":
        return [list(branch) for branch in given[1]]
    if name == "SUBPATTERN":
        return [list(given[3])]
    if name in _REPEATS:
        return [list(given[2]), *([[]] if given[0] == 0 else [])]
    return []


def _is_apart(op: Any, given: Any) -> bool:
    name = _name(op)
    return (name == "LITERAL" and chr(given) == " ") or (name == "AT" and _name(given) in _EDGES)


def _name(op: Any) -> str:
    return str(getattr(op, "name", op))


def _of_run(run: str, *, before: bool, after: bool) -> list[Needs]:
    """Each part between spaces stands within a single word, or is one."""
    parts = run.split(" ")
    last = len(parts) - 1
    return [
        frozenset({Need(part, part.isalnum() and (at > 0 or before) and (at < last or after))})
        for at, part in enumerate(parts)
        if part and not part.isspace()
    ]


def _choosy(needs: AbstractSet[Need]) -> tuple[int, int]:
    """The fewer ordinary sentences have any of these, the more."""
    return min(map(_rare, needs)), -len(needs)


def _rare(need: Need) -> int:
    if need.letters in _COMMON:
        return int(need.whole)
    return len(need.letters) + need.whole


class Letters:
    """The letters that several patterns need, and which of them a text has, as bits."""

    def __init__(self, wanted: Iterable[tuple[Needs, ...]]) -> None:
        every = sorted({one for several in wanted for needs in several for one in needs})
        self._bits = {one: 1 << at for at, one in enumerate(every)}
        self._parts = [(one.letters, bit) for one, bit in self._bits.items() if not one.whole]
        self._words = {one.letters: bit for one, bit in self._bits.items() if one.whole}
        self._all = 1 << len(self._bits)  # a bit that every text has
        self._of_word = lru_cache(_WORDS_KEPT)(self._look)

    def bits_of(self, several: tuple[Needs, ...]) -> tuple[int, ...]:
        """A text that has none of the bits of one of these is not found."""
        return tuple(sum(self._bits[one] for one in needs) for needs in several)

    def choosiest(self, several: tuple[Needs, ...]) -> int:
        """The bits of the one that fewest texts have; all bits where nothing is known."""
        return max(self.bits_of((max(several, key=_choosy),))) if several else self._all

    def in_text(self, text: str) -> int:
        """Each is without spaces, so it is in the text when it is in one of its words."""
        found = self._all
        for word in text.split(" "):
            found |= self._of_word(word)
        return found

    def _look(self, word: str) -> int:
        found = sum(bit for one, bit in self._parts if one in word)
        for part in set(_APART.split(word)):
            found |= self._words.get(part, 0)
        return found
