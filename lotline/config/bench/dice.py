"""Dice: what a bench draws is drawn alike each time, so that two runs are asked the same.

Not here: what is secret, which is never thrown.
"""

from __future__ import annotations

import random


def throw(seed: int | None = None) -> random.Random:
    """Dice of this seed; without one they fall differently each time."""
    return random.Random(seed)  # noqa: S311  # dice, no secret
