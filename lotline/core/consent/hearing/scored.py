"""What the learned scores make of a text that no table decided.

A score can block, hold or say that we have the wrong person; it can never start anyone, and it
never softens what a keyword or a sentence of the tables decided.

Not here: how weights are learned (a tool beside the product), the order of layers (`hear`).
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from lotline.core.base.recent import Recent, fingerprint
from lotline.core.base.scorer import Features, Scorer, features_of, parse_scorer
from lotline.core.consent.hearing.lexicon import load_lexicon, load_words
from lotline.core.consent.hearing.normalise import clauses, words_of
from lotline.core.consent.hearing.shapes import shape_buckets

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

LABELS = ("stop", "limit", "wrong", "return", "none", "unclear")
_CAPITAL = re.compile(r"(?<![.!?\n:] )(?<!^)\b[A-ZÁÉÍÓÚÑ][a-záéíóúñ]+\b")
_CLAUSES_KEPT = 4096
_CLAUSES_MAX = 10  # of each end of a long text
_clauses: Recent[float] = Recent(_CLAUSES_KEPT)
_NAME, _NUMBER, _PROPER = "@name", "@number", "@proper"


@dataclass(frozen=True, slots=True)
class Limits:
    """From which likelihood on what follows; chosen on rows that shaped nothing else."""

    stop_blocks: float
    stop_blocks_if_held: float  # the tables doubt, the scores are fairly sure
    wrong_blocks: float
    limit_limits: float
    agrees: float  # below this a sentence of the tables is put to a person
    limit_agrees: float
    holds: float
    clause_holds: float
    short_words: int
    anchors: str  # how a word begins without which a short text asks for nothing


@dataclass(frozen=True, slots=True)
class Scored:
    """The likelihoods of the whole, and the greatest of any stop in one of its clauses."""

    whole: Mapping[str, float]
    asks: float
    clause_asks: float


@cache
def load_scores() -> Scorer:
    """The learned weights, read when the first text needs them."""
    return parse_scorer(_book("weights.toml"))


@cache
def load_limits() -> Limits:
    """The thresholds."""
    return Limits(**tomllib.loads(_book("limits.toml")))


@cache
def _anchors() -> re.Pattern[str]:
    return re.compile(load_limits().anchors)


def is_small_talk(own: str) -> bool:
    """A few plain words, none of which a stop, a limit or a wrong number is ever made of."""
    few = len(own.split()) <= load_limits().short_words
    return few and own.isascii() and not _anchors().search(own)


@cache
def first_names() -> frozenset[str]:
    """First names that are nothing else: whoever they name, it is the same sentence."""
    return frozenset(tomllib.loads(_book("first_names.toml"))["names"].split())


def _book(name: str) -> str:
    return resources.files(__package__).joinpath(name).read_text(encoding="utf-8")


def score_text(own: str, clean: str, scorer: Scorer | None = None) -> Scored:
    """`own` is the person's own folded text, `clean` the same with its capitals, for names."""
    proper = proper_of(clean)
    scorer = scorer or load_scores()
    named = _named(words_of(own), proper)
    whole = scorer.score_words(named, _marks(own), shape_buckets(named))
    parts = clauses(own)
    if len(parts) > 2 * _CLAUSES_MAX:
        parts = parts[:_CLAUSES_MAX] + parts[-_CLAUSES_MAX:]
    by_clause = [_of_clause(words, proper, scorer) for words in parts] if len(parts) > 1 else []
    return Scored(whole, _asks(whole), max(by_clause, default=0.0))


def _of_clause(words: Sequence[str], proper: frozenset[str], scorer: Scorer) -> float:
    """How likely a clause asks for a stop of any kind."""
    named = _named(words, proper)
    if scorer is not load_scores():
        return _asks(scorer.score_words(named, (), shape_buckets(named)))
    # Hello, thank you, sounds good: said by everybody all day, so it is scored once.
    name = fingerprint(" ".join(named))
    known = _clauses.get(name)
    if known is None:
        known = _asks(scorer.score_words(named, (), shape_buckets(named)))
        _clauses.keep(name, known)
    return known


def _asks(likely: Mapping[str, float]) -> float:
    return likely["stop"] + likely["limit"] + likely["wrong"]


def features_of_text(own: str, proper: frozenset[str]) -> Features:
    """The features of a whole text; learning and hearing must see the same."""
    named = _named(words_of(own), proper)
    return features_of(named, _marks(own), shape_buckets(named))


def _marks(own: str) -> Sequence[str]:
    return ["?"] if "?" in own else []


def proper_of(clean: str) -> frozenset[str]:
    """The capitalised words inside sentences, in lower case: most of them are names."""
    if clean.isupper() or clean.istitle():
        return frozenset()
    return frozenset(found[0].casefold() for found in _CAPITAL.finditer(clean))


@cache
def _no_names() -> frozenset[str]:
    """Words that a capital does not make a name: days, makes, the words of the tables."""
    book = load_words()
    return load_lexicon().vocabulary | set(book["not_names"]["words"]) | set(book["makes"]["words"])


def _named(words: Sequence[str], proper: frozenset[str]) -> list[str]:
    names, known = first_names(), _no_names()
    return [
        _NAME
        if word in names or (word.endswith("'s") and word[:-2] in names)
        else _NUMBER
        if word.isdigit()
        else _PROPER
        if word in proper and word not in known
        else word
        for word in words
    ]
