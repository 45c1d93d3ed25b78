"""Hiding: numbers that stand in a text and are shown to nobody who did not ask to see them.

Invariant: the text stays as long as it is, and nothing but the find changes. Of a card the last
four digits stay, as on a receipt.

Not here: finding them (`screened_numbers`), who may see them and that it is recorded (`actions`).
"""

from __future__ import annotations

from collections.abc import Collection

from lotline.core.oversight.flat import flat
from lotline.core.oversight.screened_numbers import Span, has_long_number, numbers_in

_LAST = 4
_DOT = "•"


def hidden_in(text: str) -> list[Span]:
    """What may have to be hidden; nothing for nearly every text, and at once."""
    if not has_long_number(text):
        return []
    return numbers_in(flat(text))


def masked(text: str, spans: Collection[Span], screens: Collection[str]) -> str:
    """The text with these screens' finds hidden."""
    shown = list(text)
    for one in spans:
        if one.screen not in screens:
            continue
        places = [n for n in range(one.start, one.end) if text[n].isalnum()]
        kept = _LAST if one.screen == "card_number" else 0
        for n in places[: len(places) - kept]:
            shown[n] = _DOT
    return "".join(shown)
