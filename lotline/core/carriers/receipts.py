"""Receipts: what a carrier's words on one text add up to.

Receipts come late, doubled and in any order, so a text's fate is folded from all of them by
rank and never assigned. The fold does not depend on their order: the same receipts always give
the same fate, and a late lower word is kept as a row without changing it.

Not here: a carrier's own words (`adapters`), the text's whole life (`messaging.text`).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import reduce
from typing import TYPE_CHECKING

from lotline.core.carriers.port import ReceiptWord

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime, timedelta

    from lotline.core.carriers.port import Receipt

RANKS: dict[ReceiptWord, int] = {
    ReceiptWord.SCHEDULED: 1,
    ReceiptWord.ACCEPTED: 2,
    ReceiptWord.QUEUED: 3,
    ReceiptWord.SENDING: 4,
    ReceiptWord.SENT: 5,
    ReceiptWord.CANCELED: 6,
    ReceiptWord.FAILED: 7,
    ReceiptWord.UNDELIVERED: 8,
    ReceiptWord.DELIVERED: 9,
    ReceiptWord.READ: 10,
}
ARRIVED = frozenset({ReceiptWord.DELIVERED, ReceiptWord.READ})
LOST = frozenset({ReceiptWord.FAILED, ReceiptWord.UNDELIVERED, ReceiptWord.CANCELED})
FINAL = ARRIVED | LOST


class Progress(StrEnum):
    """How far a text came with its carrier, for a person to read."""

    NOTHING_HEARD = "nothing_heard"
    UNDER_WAY = "under_way"
    ARRIVED = "arrived"
    LOST = "lost"
    CONFLICTING = "conflicting"  # told both that it arrived and that it did not: a person looks
    UNCONFIRMED = "unconfirmed"  # the carrier never said, and will not any more


@dataclass(frozen=True, slots=True)
class Fate:
    """The highest word on each side. Two fates merge in any order to the same fate."""

    ahead: ReceiptWord | None = None  # the furthest word on the way to the phone
    lost: ReceiptWord | None = None  # the strongest word that it will not arrive
    code: str = ""  # the code that came with `lost`

    @property
    def conflicting(self) -> bool:
        """Told both that it arrived and that it did not."""
        return self.lost is not None and self.ahead in ARRIVED

    @property
    def word(self) -> ReceiptWord | None:
        """The word to show; what says it arrived and what says it did not, both in `progress`."""
        return self.lost if self.lost is not None and not self.conflicting else self.ahead

    @property
    def progress(self) -> Progress:
        """The fate in one word, without regard to time."""
        if self.conflicting:
            return Progress.CONFLICTING
        if self.lost is not None:
            return Progress.LOST
        if self.ahead in ARRIVED:
            return Progress.ARRIVED
        return Progress.NOTHING_HEARD if self.ahead is None else Progress.UNDER_WAY


def merge(one: Fate, other: Fate) -> Fate:
    """Both fates together. Commutative, associative and idempotent: a join."""
    lost, code = max(
        (_rank(one.lost), one.lost, one.code),
        (_rank(other.lost), other.lost, other.code),
        key=lambda side: (side[0], side[2]),
    )[1:]
    ahead = one.ahead if _rank(one.ahead) >= _rank(other.ahead) else other.ahead
    return Fate(ahead, lost, code)


def fate_of(word: ReceiptWord, code: str = "") -> Fate:
    """What one word says alone."""
    return Fate(lost=word, code=code) if word in LOST else Fate(ahead=word)


def fold(receipts: Iterable[Receipt]) -> Fate:
    """All words heard of one text, in whatever order they were heard."""
    return reduce(merge, (fate_of(receipt.word, receipt.code) for receipt in receipts), Fate())


def applies(fate: Fate, word: ReceiptWord, code: str = "") -> bool:
    """Whether a word changes the fate; if not, it is stored and nothing else happens."""
    return merge(fate, fate_of(word, code)) != fate


def progress_at(fate: Fate, sent_at: datetime, now: datetime, horizon: timedelta) -> Progress:
    """The progress, with silence turned into `unconfirmed` once the carrier's horizon passed."""
    assert sent_at.tzinfo is not None, "an instant carries its zone"
    assert now.tzinfo is not None, "an instant carries its zone"
    waiting = fate.progress in {Progress.NOTHING_HEARD, Progress.UNDER_WAY}
    return Progress.UNCONFIRMED if waiting and now - sent_at >= horizon else fate.progress


def _rank(word: ReceiptWord | None) -> int:
    return 0 if word is None else RANKS[word]
