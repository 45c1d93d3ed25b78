"""Hearing: what a person asks of us in the words of a text.

A stop must be heard in any words and a start only in exact ones, because a missed stop harms the
person and a wrong start would send them what they refused.

Not here: what follows from it (the consent entries, the confirmation), which are actions.
"""

from __future__ import annotations

from lotline.core.consent.hearing.hear import Heard, hear

__all__ = ["Heard", "hear", "warm"]


def warm() -> None:
    """Read every table and the weights now, so that the first text waits for none of them."""
    hear("Good morning, could you look at the order, please?")
    hear("sotp")  # slips are listed when the first word alone is strange
