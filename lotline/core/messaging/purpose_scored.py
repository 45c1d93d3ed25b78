"""How likely a text is a reply, an update or an offer, by learned weights.

The tables' own finding is one of the facts that are weighed, beside the words of the text, the
words it answers and how long ago those came.

Not here: the tables and the decision (`purpose`), how weights are learned.
"""

from __future__ import annotations

import re
from functools import cache
from importlib import resources
from itertools import pairwise
from typing import TYPE_CHECKING

from lotline.core.base.scorer import Features, Scorer, features_of, parse_scorer

if TYPE_CHECKING:
    from collections.abc import Sequence

LABELS = ("reply", "update", "offer")
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?|\d[\d,.:]*|[%$#?!]")
_ANSWERED_MAX = 24  # words of the customer's text that are looked at


@cache
def load_scores() -> Scorer:
    """The learned weights, read when the first text needs them."""
    book = resources.files(__package__).joinpath("purpose_weights.toml")
    return parse_scorer(book.read_text(encoding="utf-8"))


def features_of_text(plain: str, asked: str, marks: Sequence[str]) -> Features:
    """`plain` and `asked` are in lower case and without accents; `marks` are the tables' facts."""
    answered = _words(asked)[:_ANSWERED_MAX]
    beside = [f"in {word}" for word in answered]
    beside += [f"in {one} {two}" for one, two in pairwise(answered)]
    return features_of(_words(plain), [*beside, *marks])


def score_text(plain: str, asked: str, marks: Sequence[str]) -> dict[str, float]:
    """How likely each purpose is."""
    return load_scores().score(features_of_text(plain, asked, marks))


def _words(plain: str) -> list[str]:
    return ["@number" if word[0].isdigit() else word for word in _WORD.findall(plain)]
