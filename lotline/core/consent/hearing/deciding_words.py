"""Which words of a text decided what was heard: "lose my number", not the whole message.

Where a keyword or a sentence of the tables decided, it is the shortest run of the customer's own
words of which the tables still say the same; where scores decided, the sentence that asks most.

Invariant: what is handed back stands in the text as it is, letter for letter.

Not here: hearing (`hear`). Words are found again when somebody looks, so that none is kept twice.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lotline.core.consent.hearing.hear import by_tables
from lotline.core.consent.hearing.normalise import fold, tidy
from lotline.core.consent.hearing.quotes import own_words
from lotline.core.consent.hearing.scored import score_text

if TYPE_CHECKING:
    from collections.abc import Callable

_WORD = re.compile(r"\S+")
_SENTENCE = re.compile(r"[^.!?;\n]+[.!?;]*")
_EDGES = " \t\n.,;:!?"
_BY_TABLES = frozenset({"keyword", "clause", "phrase", "context"})
_MOST = 80  # words; in a longer text the sentence is enough


def deciding_words(text: str, *, layer: str, because: str) -> str:
    """The words of `text` that decided; all of it where it is not known better."""
    if layer == "score":
        return _sentence(text, _asks)
    if layer not in _BY_TABLES or not because:
        return text.strip()

    whole = by_tables(text)[0]

    def decides(part: str) -> bool:
        heard = by_tables(part)[0]
        bare = heard.layer == "keyword" and heard.decision == whole.decision
        return heard.because == because or (bare and layer != "keyword")

    # What was heard in several texts together is in none of them alone.
    return _shortest(text, decides) if decides(text) else text.strip()


def _shortest(text: str, decides: Callable[[str], bool]) -> str:
    for found in _SENTENCE.finditer(text):
        if decides(found[0]):
            text = found[0]
            break
    words = [found.span() for found in _WORD.finditer(text)]
    if len(words) > _MOST:
        return text.strip()
    first, last = 0, len(words)
    # The end first: what begins a request ("take me off") says more than what ends it.
    while last - first > 1 and decides(text[words[first][0] : words[last - 2][1]]):
        last -= 1
    while last - first > 1 and decides(text[words[first + 1][0] : words[last - 1][1]]):
        first += 1
    return text[words[first][0] : words[last - 1][1]].strip(_EDGES) if words else ""


def _sentence(text: str, asks: Callable[[str], float]) -> str:
    parts = [found[0].strip() for found in _SENTENCE.finditer(text)]
    parts = [part for part in parts if part.strip(_EDGES)]
    return max(parts, key=asks).strip() if len(parts) > 1 else text.strip()


def _asks(part: str) -> float:
    clean = tidy(part)
    scored = score_text(own_words(fold(clean)).words, clean)
    return scored.asks + scored.whole["unclear"]
