"""Words: what a text, a note or a name is compared and found by.

The same words come out however something is written: capitals, accents, apostrophes, an English or
Spanish plural's s and the commas of a large number make no difference. Nothing else is guessed: no
stems, no synonyms, no beginnings.

Not here: the keyed hashes that are kept of them (`store.words`), operators (`messaging.search`).
"""

from __future__ import annotations

import re
import unicodedata

LONGEST = 40
_LONG_ENOUGH = 4  # shorter, an s at the end is the word's own: gas, bus
_KEEPS_ITS_S = ("ss", "us", "is")
_ASCII = re.compile(r"[a-z0-9]+")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3})")
_APOSTROPHES = re.compile("['\u2019\u02bc`]")


def plain(text: str) -> str:
    """Lower case, without accents; what is neither letter nor digit is a space."""
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return "".join(
        letter if letter.isalnum() else " "
        for letter in folded
        if not unicodedata.combining(letter)
    )


def words_in(text: str) -> list[str]:
    """In order, as often as they stand there."""
    bare = _THOUSANDS.sub("", _APOSTROPHES.sub("", text))
    found = _ASCII.findall(bare.lower()) if bare.isascii() else plain(bare).split()
    return [_singular(word[:LONGEST]) for word in found]


def _singular(word: str) -> str:
    if (
        len(word) < _LONG_ENOUGH
        or word[-1] != "s"
        or word.endswith(_KEEPS_ITS_S)
        or word[-2].isdigit()
    ):
        return word
    return word[:-1]
