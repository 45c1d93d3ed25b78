"""A whole message, or a whole clause, that is nothing but a keyword.

This layer cannot be switched off and is final: STOP is heard in every dress, and a sentence that
merely contains the word is never taken for it. A clause beside other words blocks only on words
that mean nothing else; on words like "cancel" it makes a person look.

Not here: sentences (`phrases`), the order of the layers (`hear`).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING

from lotline.core.consent.hearing.lexicon import load_lexicon, near
from lotline.core.consent.hearing.normalise import clauses, fold, words_of

if TYPE_CHECKING:
    from collections.abc import Sequence

_TYPO_TARGETS = ("stop", "unsubscribe", "cancel", "revoke", "remove", "optout", "stopall", "unsub")
_SWAPPED_ONLY = ("quit", "start", "help")  # near too many other words for any other slip
_TWO_SLIPS = "unsubscribe"  # so long that two slips still leave it alone


class Family(StrEnum):
    """What a keyword asks for."""

    STOP = "stop"
    WEAK = "weak"  # a stop when it is the whole message, a question when it is a clause
    START = "start"
    START_OUT = "start_out"
    START_ASKED = "start_asked"
    HELP = "help"
    WRONG_NUMBER = "wrong_number"
    UNCLEAR = "unclear"


_STOPS_BY_WIDTH = (Family.WRONG_NUMBER, Family.STOP, Family.WEAK)
_STOPS = frozenset(_STOPS_BY_WIDTH)


@dataclass(frozen=True, slots=True)
class Match:
    """`word` is the keyword as the table has it; `sure` is False for a slip or a joke."""

    family: Family
    word: str
    sure: bool = True


_Phrases = dict[tuple[str, ...], tuple[Family, str]]


@cache
def _phrases() -> _Phrases:
    lists = load_lexicon().lists
    found: _Phrases = {}
    for family in reversed(Family):  # earlier families win a word that two lists share
        names = [family.value, "stop_emoji"] if family is Family.STOP else [family.value]
        for phrase in (phrase for name in names for phrase in lists[name]):
            found[tuple(words_of(fold(phrase)))] = family, phrase
    polite = {tuple(_without_politeness(words)): hit for words, hit in found.items()}
    return {words: hit for words, hit in polite.items() if words} | found


@cache
def _longest() -> int:
    return max(map(len, _phrases()))


@cache
def _typos() -> dict[str, str]:
    lexicon = load_lexicon()
    real = (lexicon.vocabulary - lexicon.polite) | lexicon.not_typos | lexicon.respell.keys()
    slips = {slip: word for word in _TYPO_TARGETS for slip in near(word)}
    slips |= {slip: _TWO_SLIPS for once in set(near(_TWO_SLIPS)) for slip in near(once)}
    swapped = {
        word[:at] + word[at + 1] + word[at] + word[at + 2 :]: word
        for word in _SWAPPED_ONLY
        for at in range(len(word) - 1)
    }
    return {slip: word for slip, word in (slips | swapped).items() if slip not in real}


def match_message(folded: str) -> Match | None:
    """The keyword that the whole of `folded` is, or None when it says anything else."""
    return match_words([word for clause in clauses(folded) for word in clause], alone=True)


def match_clause(words: Sequence[str]) -> Match | None:
    """The keyword that one clause of a longer message is."""
    return match_words(words, alone=False)


def match_words(words: Sequence[str], *, alone: bool) -> Match | None:
    """Whole words only, politeness aside; repeated keywords count once."""
    strange = set(words) - _known()
    return None if strange and _says_more(strange, alone=alone) else _match(words, alone=alone)


def _match(words: Sequence[str], *, alone: bool) -> Match | None:
    lexicon = load_lexicon()
    laughing = any(word in lexicon.laughing for word in words)
    said = _undressed([word for word in words if word not in lexicon.laughing])
    whole = _phrases().get(tuple(said))
    if whole is not None:
        return _judged(*whole, laughing=laughing)
    meant = _without_politeness(said)
    families = _read(meant)
    if families is not None:
        return _judged(*families, laughing=laughing)
    strong = _read([word for word in meant if word not in lexicon.loose and not word.isdigit()])
    if strong is not None and strong[0] is Family.STOP:
        return _judged(*strong, laughing=laughing)
    if strong is not None and strong[0] is Family.WEAK and alone and not _has_digits(meant):
        return Match(Family.UNCLEAR, strong[1], sure=False)
    return _slipped(meant or said, laughing=laughing) if alone else None


@cache
def _known() -> frozenset[str]:
    """Every word that a keyword may be made of, or that may stand beside one."""
    lexicon = load_lexicon()
    of_phrases = {word for phrase in _phrases() for word in phrase}
    return lexicon.laughing | lexicon.polite | lexicon.loose | of_phrases | {"you"}


def _says_more(strange: set[str], *, alone: bool) -> bool:
    """Whether these words, that no keyword has, leave nothing to be found: neither a number nor an
    emoji is passed over, nor, in a whole message, a slip in one or two words.
    """
    plain = sum(word.isascii() and not word.isdigit() for word in strange)
    return plain > (len(("opt", "otu")) if alone else 0)


def _judged(family: Family, word: str, *, laughing: bool) -> Match:
    if laughing and family in {Family.STOP, Family.WEAK}:
        return Match(Family.UNCLEAR, word, sure=False)
    return Match(family, word, sure=not (laughing and family is Family.START))


def _read(words: Sequence[str]) -> tuple[Family, str] | None:
    """The family of a run of keywords with nothing between them; the widest one wins."""
    phrases, at, found = _phrases(), 0, list[tuple[Family, str]]()
    while at < len(words):
        for size in range(min(_longest(), len(words) - at), 0, -1):
            hit = phrases.get(tuple(words[at : at + size]))
            if hit is not None:
                found.append(hit)
                at += size
                break
        else:
            return None
    if not found:
        return None
    families = {family for family, _ in found}
    if not families <= _STOPS and len(families) > 1:
        return None  # "do not" and "unsubscribe" side by side are not two keywords
    widest = next((family for family in _STOPS_BY_WIDTH if family in families), None)
    return next(hit for hit in found if widest in (None, hit[0]))


def _slipped(words: Sequence[str], *, laughing: bool) -> Match | None:
    """A message that is one misspelt keyword. A slip of START never opts anyone in."""
    joined = "".join(words) if len(words) <= len(("opt", "otu")) else ""
    word = _typos().get(joined)
    if word is None:
        return None
    family = _phrases()[(word,)][0]
    if laughing:
        return Match(Family.UNCLEAR, word, sure=False)
    return Match(family, word, sure=family is not Family.START)


def _without_politeness(words: Sequence[str]) -> list[str]:
    """Without courtesies; "you" is one only after "thank"."""
    polite = load_lexicon().polite
    return [
        word
        for before, word in zip(("", *words), words, strict=False)
        if word not in polite and (before, word) != ("thank", "you")
    ]


def _undressed(words: Sequence[str]) -> list[str]:
    """Without the emoji that say nothing beside words; alone, they stay."""
    spoken = [word for word in words if not _is_emoji(word) or (word,) in _stop_signs()]
    return spoken or list(words)


@cache
def _stop_signs() -> frozenset[tuple[str, ...]]:
    return frozenset((sign,) for sign in load_lexicon().lists["stop_emoji"])


def _is_emoji(word: str) -> bool:
    return not word.isascii() and len(word) == 1 and not word.isalnum()


def _has_digits(words: Sequence[str]) -> bool:
    return any(word.isdigit() for word in words)
