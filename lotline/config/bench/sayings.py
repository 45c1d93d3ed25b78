"""What people of a long past said: sentences of a few hundred common words and many rare ones.

How often a word is used falls as in any language, so that a search for one may meet every second
text or a handful.

Not here: who said it, and when (`past`).
"""

from __future__ import annotations

import random
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

from lotline.config.bench.dice import throw
from lotline.core.base.words import words_in

if TYPE_CHECKING:
    from lotline.core.base.sealing import GroupKeys


def _listed(words: str) -> list[str]:
    return words.split()


_FIRST = _listed(
    "Ada Ben Bea Casey Dale Eli Fay Gus Hal Ida Joy Kit Lou Mia Ned Ola Pam Quin Ray Sue Tom Una"
)
_LAST = _listed(
    "Abbot Brook Carver Dunn Ellery Frost Grove Hale Irving Jarvis Keene Lund Marsh Nolan Orr"
)
_COMMON = _listed("""
the you to is it we can for your have and a on at today tomorrow car truck price still there when
come by thanks see back call ready service time lease trade appointment morning afternoon white blue
payment down test drive keys hold order oil brakes tires warranty picture color leather miles monday
tuesday friday saturday help great sure deal paper sign credit window visit lot model year
""")
RARE = 40_000
SENTENCES = 4096


class Saying(NamedTuple):
    """A text's words and their hashes, as COPY takes them."""

    body: bytes
    hashes: str


class Sayings:
    """Prepared once: a text is a sentence and one word that is rarer."""

    def __init__(self) -> None:
        self._sentences: list[Saying] = []
        self._rare: list[Saying] = []
        self._weights: list[float] = []

    @staticmethod
    def rare(rank: int) -> str:
        """The rare word of a rank: the lower, the more often it is said."""
        letters = "bcdfgklmnprtvz"
        word = ""
        for _ in range(3):
            word += letters[rank % 14] + "aeiou"[rank % 5]
            rank = rank // 14 + rank % 5 * 977
        return f"{word}{rank % 9973 if rank > 13 else ''}q"

    @staticmethod
    def name(dice: random.Random) -> str:
        return f"{dice.choice(_FIRST)} {dice.choice(_LAST)}{dice.choice(_LAST).lower()}"

    def prepare(self, keys: GroupKeys) -> None:
        """Their hashes are the company's own."""
        dice = throw(11)
        weights = list(accumulate(1 / (n + 1) for n in range(len(_COMMON))))

        def saying(text: str) -> Saying:
            return Saying(
                text.encode(),
                ",".join(str(keys.word(word)) for word in dict.fromkeys(words_in(text))),
            )

        for _ in range(SENTENCES):
            words = dice.choices(_COMMON, cum_weights=weights, k=dice.randrange(4, 14))
            self._sentences.append(saying(" ".join(words).capitalize()))
        self._rare = [saying(self.rare(rank)) for rank in range(RARE)]
        self._weights = list(accumulate(1 / (n + 3) for n in range(RARE)))

    def several(self, dice: random.Random, count: int) -> list[Saying]:
        sentences = dice.choices(self._sentences, k=count)
        rare = dice.choices(self._rare, cum_weights=self._weights, k=count)
        return [
            Saying(one.body + b" " + two.body + b".", f"{one.hashes},{two.hashes}")
            for one, two in zip(sentences, rare, strict=True)
        ]
