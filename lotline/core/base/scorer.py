"""Scores of labels for a text, from weights of its words and of the letters inside them.

A scorer is plain numbers: one signed byte for each label and bucket, a scale and a bias for each
label. The same words give the same scores on every machine, and the numbers name their digest.

Not here: what a score leads to, how words are brought to one spelling, how weights are learned.
"""

from __future__ import annotations

import base64
import hashlib
import tomllib
from array import array
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain
from math import exp, sqrt
from typing import TYPE_CHECKING, NamedTuple
from zlib import crc32

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

BUCKETS = 1 << 16
_BUCKET = BUCKETS - 1
_LETTERS = (2, 3, 4, 5)  # how many letters stand together in a piece of a word
_FIELD, _LIFT = 24, 128  # bits of a label's sum; a signed byte is then never below zero
_MASK = (1 << _FIELD) - 1
_WORDS_KEPT = 20_000
_WORDS_MAX = 160  # three segments of words; who has said nothing by then is read in clauses


@dataclass(frozen=True, slots=True)
class Features:
    """The buckets of a text: of its words, of the letters in them, and of the shape they make."""

    words: tuple[int, ...]
    letters: tuple[int, ...]
    shapes: tuple[int, ...] = ()


class _OfWord(NamedTuple):
    """The buckets of a word's letters, and their rows summed."""

    pieces: frozenset[int]
    total: int


@dataclass(frozen=True, slots=True)
class Scorer:
    """`columns` holds a label's weights, to be multiplied with its `scales`."""

    labels: tuple[str, ...]
    digest: str
    biases: tuple[float, ...]
    scales: tuple[float, ...]
    columns: tuple[array[int], ...]
    _rows: tuple[int, ...] = field(default=(), repr=False, compare=False)
    _known: dict[str, _OfWord] = field(default_factory=dict, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Each bucket's weights side by side in one number, so that all labels are summed at once:
        whole numbers, each lifted above zero, in fields too wide for any sum to leave.
        """
        lifted = (
            sum((weight + _LIFT) << (_FIELD * at) for at, weight in enumerate(weights))
            for weights in zip(*self.columns, strict=True)
        )
        object.__setattr__(self, "_rows", tuple(lifted))

    def _sum(self, buckets: Collection[int]) -> int:
        """The rows of these buckets, summed as they are."""
        return sum(map(self._rows.__getitem__, buckets))

    def score(self, features: Features) -> dict[str, float]:
        """How likely each label is; the likelihoods add up to one."""
        return self._weigh(
            (self._sum(features.words), len(features.words)),
            (self._sum(features.letters), len(features.letters)),
            (self._sum(features.shapes), len(features.shapes)),
        )

    def score_words(
        self, words: Sequence[str], marks: Sequence[str] = (), shapes: Collection[int] = ()
    ) -> dict[str, float]:
        """The score of `features_of` these, without gathering all letters: those of a word are
        summed once while it is known, and only what two words share is taken off again.
        """
        words = words[:_WORDS_MAX]
        runs = _runs(words, marks)
        letters, seen = 0, set[int]()
        for word in words:
            of_word = self._of_word(word)
            twice = seen & of_word.pieces
            letters += of_word.total - (self._sum(twice) if twice else 0)
            seen |= of_word.pieces
        return self._weigh(
            (self._sum(runs), len(runs)), (letters, len(seen)), (self._sum(shapes), len(shapes))
        )

    def _of_word(self, word: str) -> _OfWord:
        known = self._known.get(word)
        if known is None:
            if len(self._known) >= _WORDS_KEPT:
                self._known.clear()
            pieces = _spelled(word).pieces
            known = self._known[word] = _OfWord(pieces, self._sum(pieces))
        return known

    def _weigh(self, *summed: tuple[int, int]) -> dict[str, float]:
        """From the sums over words, letters and shapes, and how many of each there are. What one
        of them weighs is so that long weighs as much as short.
        """
        of_words, of_letters, of_shapes = (self._fields(*one) for one in summed)
        by_word, by_letter, by_shape = (1 / sqrt(count or 1) for _, count in summed)
        sums = [
            bias + scale * (by_word * of_word + by_letter * of_letter + by_shape * of_shape)
            for bias, scale, of_word, of_letter, of_shape in zip(
                self.biases, self.scales, of_words, of_letters, of_shapes, strict=True
            )
        ]
        return dict(zip(self.labels, likelihoods(sums), strict=True))

    def _fields(self, total: int, count: int) -> list[int]:
        """For each label the sum of its weights."""
        assert count << 8 < 1 << _FIELD, "a field holds the sum"
        lift = _LIFT * count
        return [(total >> at & _MASK) - lift for at in range(0, _FIELD * len(self.labels), _FIELD)]


def shares(features: Features) -> tuple[float, float, float]:
    """What one word, one piece of letters and one shape weigh: long weighs as much as short."""
    return (
        1 / sqrt(len(features.words) or 1),
        1 / sqrt(len(features.letters) or 1),
        1 / sqrt(len(features.shapes) or 1),
    )


def likelihoods(sums: Sequence[float]) -> list[float]:
    """Sums turned into parts of one."""
    top = max(sums)
    parts = [exp(each - top) for each in sums]
    whole = sum(parts)
    return [part / whole for part in parts]


def features_of(
    words: Sequence[str], marks: Sequence[str] = (), shapes: Iterable[int] = ()
) -> Features:
    """The buckets of these words in this order; `marks` are facts that stand beside the text,
    `shapes` are the buckets of what its words do to one another.
    """
    words = words[:_WORDS_MAX]
    letters: set[int] = set().union(*(_spelled(word).pieces for word in words))
    return Features(tuple(_runs(words, marks)), tuple(letters), tuple(shapes))


def _runs(words: Sequence[str], marks: Sequence[str]) -> set[int]:
    """The buckets of the words, of two and three that follow each other, and of the marks."""
    said = ("^", *words, "$")
    spelled = [_spelled(word) for word in said]
    heads = [one.head for one in spelled]
    nexts = [one.next for one in spelled]
    skips = [one.skipped for one in spelled[2:]]
    # The hash of "one two" goes on from that of "one": nothing is written out to be hashed.
    pairs = list(map(crc32, nexts[1:], heads))
    triples = map(crc32, nexts[2:], pairs)
    runs = {
        digest & _BUCKET for digest in chain(heads[1:-1], pairs, triples, map(crc32, skips, heads))
    }
    runs.update(bucket(f"*{mark}") for mark in marks)
    return runs


def ordered(features: Features) -> Features:
    """The same, in one order: sums of fractions, as learning makes them, depend on it."""
    return Features(
        tuple(sorted(features.words)),
        tuple(sorted(features.letters)),
        tuple(sorted(features.shapes)),
    )


def bucket(text: str) -> int:
    """Where the weight of a text stands."""
    return crc32(text.encode()) & _BUCKET


def runs_of(nexts: Sequence[bytes], heads: Sequence[int]) -> set[int]:
    """The buckets of all runs of two, three and four, of which `heads` are the hashes of the first
    and `nexts` what follows in each.
    """
    pairs = list(map(crc32, nexts[1:], heads))
    triples = list(map(crc32, nexts[2:], pairs))
    fours = map(crc32, nexts[3:], triples)
    return {digest & _BUCKET for digest in chain(pairs, triples, fours)}


class _Spelled(NamedTuple):
    """A word as it is hashed: alone, as the next in a run, as the next but one."""

    head: int
    next: bytes
    skipped: bytes
    pieces: frozenset[int]  # buckets of the letters in it


@lru_cache(_WORDS_KEPT)
def _spelled(word: str) -> _Spelled:
    plain = word.encode()
    edged = f"<{word[:24]}>"
    pieces = frozenset(
        bucket(f"~{edged[at : at + size]}")
        for size in _LETTERS
        for at in range(max(1, len(edged) - size + 1))
    )
    return _Spelled(crc32(plain), b" " + plain, b" _ " + plain, pieces)


def parse_scorer(book: str) -> Scorer:
    """A scorer from its file; weights that do not have their digest are refused."""
    table = tomllib.loads(book)
    return scorer_of(table, base64.b64decode("".join(table["weights"].split())))


def scorer_of(table: Mapping[str, object], packed: bytes) -> Scorer:
    """The columns stand one after another, each with a byte for every bucket."""
    digest = hashlib.sha256(packed).hexdigest()
    if digest != table["digest"]:
        raise ValueError(f"the weights have the digest {digest}, not {table['digest']}")
    labels, biases, scales = table["labels"], table["biases"], table["scales"]
    assert isinstance(labels, list), "a file of ours"
    assert isinstance(biases, list), "a file of ours"
    assert isinstance(scales, list), "a file of ours"
    if len(packed) != BUCKETS * len(labels):
        raise ValueError(f"{len(packed)} weights for {len(labels)} labels")
    columns = [array("b", packed[at : at + BUCKETS]) for at in range(0, len(packed), BUCKETS)]
    return Scorer(tuple(labels), digest, tuple(biases), tuple(scales), tuple(columns))


def render_scorer(
    labels: Sequence[str], biases: Sequence[float], columns: Sequence[Sequence[float]]
) -> str:
    """The file of a scorer, each column scaled to its own largest weight."""
    scales = [max(map(abs, column)) / 127 or 1.0 for column in columns]
    packed = b"".join(
        array("b", [round(weight / scale) for weight in column]).tobytes()
        for column, scale in zip(columns, scales, strict=True)
    )
    text = base64.b64encode(packed).decode()
    lines = "\n".join(text[at : at + 100] for at in range(0, len(text), 100))
    return (
        "# Learned from the labelled texts in training/; made by a command, not by hand.\n"
        f"digest = '{hashlib.sha256(packed).hexdigest()}'\n"
        f"labels = {list(labels)}\n"
        f"biases = {[round(bias, 6) for bias in biases]}\n"
        f"scales = {[float(f'{scale:.8e}') for scale in scales]}\n"
        f"weights = '''\n{lines}'''\n"
    )
