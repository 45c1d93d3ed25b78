"""A text as patterns read it: lower case, without accents, every character where it was.

Invariant: as long as the text itself, so that a place in one is the same place in the other.

Not here: the patterns (`screens`), words to be found again (`base.words`).
"""

from __future__ import annotations

import unicodedata
from functools import cache

_PLAIN = {"’": "'", "‘": "'", "`": "'", "“": '"', "”": '"', "–": "-", "—": "-", "‑": "-"}
_PLAIN |= {"…": ".", "\u00a0": " ", "\u2009": " ", "\u202f": " ", "\n": " ", "\t": " "}


def flat(text: str) -> str:
    """Nearly every text is plain already, and costs nothing."""
    if text.isascii():
        return text.lower().replace("\n", " ")
    return "".join([_base(char) for char in text])


@cache
def _base(char: str) -> str:
    known = _PLAIN.get(char)
    if known is not None:
        return known
    bare = unicodedata.normalize("NFKD", char)[:1].lower()
    return bare if len(bare) == 1 else " "
