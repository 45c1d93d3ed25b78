"""The life of a text: the states it can be in, and how it may pass from one to the next.

Invariant: a text that may have left is never again one that will be sent. Whatever the carrier
says later only moves it among the states of having left.

Not here: the carrier's words and their ranks (`carriers.receipts`), storing any of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from lotline.core.carriers.port import Receipt, ReceiptWord
from lotline.core.carriers.receipts import Fate, Progress
from lotline.core.carriers.receipts import fold as fold_receipts


class TextState(StrEnum):
    """Where a text stands. The words on screen are the interface's own."""

    HELD = "held"  # waits for an instant or a person
    QUEUED = "queued"  # due, or in its seconds of undo
    SENDING = "sending"  # being handed over: it may have left
    ACCEPTED = "accepted"  # the carrier took it
    SENT = "sent"  # the carrier handed it on
    DELIVERED = "delivered"
    FAILED = "failed"
    UNKNOWN = "unknown"  # it may have left; looked for, never sent again blindly
    BLOCKED = "blocked"  # the gate said no
    CANCELLED = "cancelled"  # a person or a stop took it back before it left
    CONFLICTING = "conflicting"  # told both that it arrived and that it did not
    RECEIVED = "received"  # from the customer


WAITING = frozenset({TextState.HELD, TextState.QUEUED})
MAY_HAVE_LEFT = frozenset(
    {
        TextState.SENDING,
        TextState.ACCEPTED,
        TextState.SENT,
        TextState.DELIVERED,
        TextState.FAILED,
        TextState.UNKNOWN,
        TextState.CONFLICTING,
    }
)
ENDED = frozenset({TextState.BLOCKED, TextState.CANCELLED, TextState.RECEIVED})

_HEARD = MAY_HAVE_LEFT - {TextState.SENDING}

_NEXT: dict[TextState, frozenset[TextState]] = {
    TextState.HELD: frozenset({TextState.QUEUED, TextState.BLOCKED, TextState.CANCELLED}),
    TextState.QUEUED: frozenset(
        {TextState.HELD, TextState.SENDING, TextState.BLOCKED, TextState.CANCELLED}
    ),
    # Back to QUEUED only when the carrier's answer proves that nothing was handed over.
    TextState.SENDING: _HEARD | {TextState.QUEUED},
    TextState.UNKNOWN: _HEARD - {TextState.UNKNOWN},
    TextState.ACCEPTED: _HEARD - {TextState.UNKNOWN, TextState.ACCEPTED},
    TextState.SENT: _HEARD - {TextState.UNKNOWN, TextState.ACCEPTED, TextState.SENT},
    TextState.DELIVERED: frozenset({TextState.CONFLICTING}),
    TextState.FAILED: frozenset({TextState.CONFLICTING}),
    TextState.CONFLICTING: frozenset(),
    TextState.BLOCKED: frozenset(),
    TextState.CANCELLED: frozenset(),
    TextState.RECEIVED: frozenset(),
}


def may_become(now: TextState, then: TextState) -> bool:
    """Whether a text may pass from one state to the other in one step."""
    return then in _NEXT[now]


def state_of(fate: Fate, now: TextState = TextState.ACCEPTED) -> TextState:
    """The state that a text has by all receipts; `now` while they say nothing new."""
    by_progress = {
        Progress.CONFLICTING: TextState.CONFLICTING,
        Progress.LOST: TextState.FAILED,
        Progress.ARRIVED: TextState.DELIVERED,
    }
    heard = by_progress.get(fate.progress)
    if heard is None and fate.ahead is not None:
        heard = TextState.SENT if fate.ahead is ReceiptWord.SENT else TextState.ACCEPTED
    return heard if heard is not None and may_become(now, heard) else now


def fold(receipts: Iterable[Receipt], now: TextState = TextState.ACCEPTED) -> TextState:
    """As `state_of`, from the receipts themselves, in whatever order they came."""
    return state_of(fold_receipts(receipts), now)
