"""Sentences that a reasonable person would take for a stop, a limit or a wrong number.

The patterns are data. What they find is judged together: a stop beside something that is kept is
a limit, a negated stop is nothing, and what is neither sure nor nothing is held for a person.

Not here: bare keywords (`keywords`), which come first and are final.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache, reduce
from importlib import resources
from operator import or_
from typing import TYPE_CHECKING, Any, NamedTuple

from lotline.core.base.recent import Recent, fingerprint
from lotline.core.consent.hearing.names import says_other_person
from lotline.core.consent.hearing.needed import Letters, needed
from lotline.core.consent.hearing.normalise import clauses
from lotline.core.consent.hearing.quotes import QUOTED

if TYPE_CHECKING:
    from collections.abc import Sequence

_GUARDS = ("asked", "not", "verb")  # each includes those before it
_JOINT = re.compile(r" (?:and|but|so|y|et|pero|mais) (?!driv)")
_PIECE = re.compile(r"\{(\w+)\}")
_NOWHERE = 1 << 16
_LONGEST_KEPT, _SPANS_KEPT = 80, 4096
_spans_known: Recent[tuple[int, dict[str, int]]] = Recent(_SPANS_KEPT)


@dataclass(frozen=True, slots=True)
class Phrase:
    """What a sentence was taken for; `final` overrules a keyword in another clause."""

    name: str
    decision: str
    label: str
    scope: str
    score: float
    final: bool = False


class Span(NamedTuple):
    """Some words of a text, and which of the letters that patterns need are in them.

    `firsts` is what is known by now: of each group, the place of the first frame found in it.
    """

    text: str
    letters: int
    firsts: dict[str, int]


@dataclass(frozen=True, slots=True)
class Pattern:
    """One pattern of a frame. `needs` are bits: without one of each it is nowhere."""

    alone: re.Pattern[str]
    first: int  # the choosiest of them
    needs: tuple[int, ...]

    def may_be_in(self, letters: int) -> bool:
        for bits in self.needs:  # noqa: SIM110  # a generator costs more than all of this
            if not bits & letters:
                return False
        return True


@dataclass(frozen=True, slots=True)
class Frame:
    """One group of patterns with one meaning."""

    name: str
    scope: str
    any: re.Pattern[str]
    several: tuple[Pattern, ...]  # the same, one by one
    unless: re.Pattern[str] | None
    guard: re.Pattern[str] | None  # what may stand right before and turn it round
    needs: int  # bits of the choosiest of each pattern: without any of them none is anywhere

    def finds(self, span: Span) -> bool:
        """Whether one of its patterns is in the clause and nothing there speaks against it."""
        letters = span.letters
        if not self.needs & letters:
            return False
        possible = [one for one in self.several if one.first & letters and one.may_be_in(letters)]
        if not possible:
            return False
        clause = span.text
        # Where a single one is possible it finds what all would find.
        pattern = possible[0].alone if len(possible) == 1 else self.any
        # Most clauses have none of the patterns, so what speaks against one is asked for last.
        for found in pattern.finditer(clause):
            if self.guard is None or not self.guard.search(clause[: found.start()]):
                return self.unless is None or not self.unless.search(clause)
        return False


@dataclass(frozen=True, slots=True)
class Frames:
    """Every frame by what it means."""

    by_group: dict[str, tuple[Frame, ...]]
    letters: Letters
    needs: dict[str, int]  # of any frame of a group

    def span(self, text: str) -> Span:
        """Clauses are said again and again, so what was looked for in one is remembered."""
        if len(text) > _LONGEST_KEPT:
            return Span(text, self.letters.in_text(text), {})
        name = fingerprint(text)
        known = _spans_known.get(name)
        if known is None:
            known = self.letters.in_text(text), {}
            _spans_known.keep(name, known)
        return Span(text, *known)

    def first(self, group: str, spans: Sequence[Span]) -> Frame | None:
        """The first frame of a group that is found in any of the spans."""
        needs = self.needs[group]
        first = _NOWHERE
        for span in spans:
            if needs & span.letters:
                at = span.firsts.get(group)
                if at is None:
                    at = span.firsts[group] = self._place(group, span)
                first = min(first, at)
        return None if first == _NOWHERE else self.by_group[group][first]

    def _place(self, group: str, span: Span) -> int:
        letters = span.letters
        for at, frame in enumerate(self.by_group[group]):
            if frame.needs & letters and frame.finds(span):
                return at
        return _NOWHERE


@cache
def load_frames() -> Frames:
    """`phrases.toml`, compiled."""
    book = resources.files(__package__).joinpath("phrases.toml").read_text(encoding="utf-8")
    table = tomllib.loads(book)
    pieces = table.pop("pieces")

    def compiled(pattern: str) -> re.Pattern[str]:
        for _ in range(2):  # a piece may hold another
            pattern = _PIECE.sub(lambda name: pieces.get(name[1], name[0]), pattern)
        return re.compile(pattern)

    before = table.pop("guards")
    guards = {
        name: compiled("|".join(f"(?:{before[weaker]})" for weaker in _GUARDS[: at + 1]))
        for at, name in enumerate(_GUARDS)
    }

    def framed(row: dict[str, Any]) -> Frame:
        unless = row.get("unless")
        alone = [compiled(pattern) for pattern in row["any"]]
        several = [
            Pattern(one, letters.choosiest(needs[one.pattern]), letters.bits_of(needs[one.pattern]))
            for one in alone
        ]
        return Frame(
            name=row["name"],
            scope=row.get("scope", "all"),
            any=compiled("|".join(f"(?:{pattern})" for pattern in row["any"])),
            several=tuple(several),
            unless=compiled(unless) if unless else None,
            guard=guards.get(row.get("guard", "")),
            needs=reduce(or_, (one.first for one in several)),
        )

    patterns = {
        compiled(one).pattern for rows in table.values() for row in rows for one in row["any"]
    }
    needs = {one: needed(one) for one in patterns}
    letters = Letters(needs.values())
    by_group = {group: tuple(framed(row) for row in rows) for group, rows in table.items()}
    of_group = {
        group: reduce(or_, (frame.needs for frame in frames)) for group, frames in by_group.items()
    }
    return Frames(by_group, letters, of_group)


def match_phrase(words: str, clean: str) -> Phrase | None:
    """What the sentences of `words` ask; `clean` is the text with its capitals, for names."""
    whole = [" ".join(clause) for clause in clauses(words)]
    if not whole:
        return None
    frames = load_frames()
    texts = _spans(whole, words)
    spans = [frames.span(text) for text in texts]
    # Some sentences need what a comma parts: "my number changed, stop using this one".
    wide = [*spans, frames.span(" ".join(texts))] if len(spans) > 1 else spans
    undo = frames.first("undo", wide)
    if undo is not None:
        return Phrase(undo.name, "hold", "reopt_in", "-", 0.5)
    wrong = frames.first("wrong", wide)
    if wrong is not None or says_other_person(clean):
        return Phrase("wrong number", "wrong_number", "wrong_number", "-", 0.9, final=True)
    limit = frames.first("limit", wide)
    stop = frames.first("stop", spans)
    if stop is not None or limit is not None:
        return _stop_or_limit(frames, stop, limit, wide)
    clauses_alone = spans[: len(whole)]
    asks = frames.first("help", clauses_alone)
    if asks is not None:
        return Phrase(asks.name, "help", "help", "-", 0.8)
    unclear = frames.first("unclear", clauses_alone)
    if unclear is not None:
        return Phrase(unclear.name, "hold", "ambiguous", "-", 0.4)
    return None


def wants_to_stay(words: str) -> bool:
    """A stop that is denied, or texts that are liked: where no more is asked, it is nothing."""
    quoted = QUOTED.strip()
    spans = [" ".join(clause) for clause in clauses(words) if quoted not in clause]
    frames = load_frames()
    # Beside another clause the contrary may be asked there, and the scores must see it.
    return len(spans) == 1 and frames.first("stay", [frames.span(spans[0])]) is not None


def _spans(whole: Sequence[str], words: str) -> list[str]:
    """Each clause, its halves around an "and", and the lines of a burst read as one."""
    halves = [half for clause in whole if _JOINT.search(clause) for half in _JOINT.split(clause)]
    burst = [" ".join(c) for c in clauses(words.replace("\n", " "))] if "\n" in words else []
    return [*whole, *halves, *burst]


def _stop_or_limit(
    frames: Frames, stop: Frame | None, limit: Frame | None, wide: Sequence[Span]
) -> Phrase:
    kept = {frame.name for frame in frames.by_group["keep"] if any(map(frame.finds, wide))}
    if stop is not None and "nothing is left" in kept:
        return Phrase(stop.name, "block", "revoke", "all", 0.9)
    if limit is not None:
        return Phrase(limit.name, "partial", "revoke_partial", limit.scope, 0.8)
    assert stop is not None, "one of the two was found"
    if "something is left" in kept:
        return Phrase(stop.name, "partial", "revoke_partial", "this_topic", 0.6)
    return Phrase(stop.name, "block", "revoke", "all", 0.9)
