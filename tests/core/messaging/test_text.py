"""A text that may have left is never again one that will be sent."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lotline.core.carriers.port import Receipt, ReceiptWord
from lotline.core.carriers.receipts import Fate
from lotline.core.messaging.text import (
    ENDED,
    MAY_HAVE_LEFT,
    WAITING,
    TextState,
    fold,
    may_become,
    state_of,
)

states = st.sampled_from(TextState)


def receipt(word: ReceiptWord) -> Receipt:
    return Receipt("twilio", "AC1", "SM1", word, datetime(2026, 11, 21, tzinfo=UTC))


def test_every_state_is_waiting_gone_or_ended() -> None:
    assert set(TextState) == WAITING | MAY_HAVE_LEFT | ENDED
    assert not (WAITING & MAY_HAVE_LEFT) | (WAITING & ENDED) | (MAY_HAVE_LEFT & ENDED)


@given(states, states)
def test_nothing_that_may_have_left_waits_again(now: TextState, then: TextState) -> None:
    if may_become(now, then) and now in MAY_HAVE_LEFT:
        proved_unsent = (now, then) == (TextState.SENDING, TextState.QUEUED)
        assert then in MAY_HAVE_LEFT or proved_unsent


@given(st.sampled_from(sorted(ENDED)), states)
def test_what_has_ended_stays_ended(now: TextState, then: TextState) -> None:
    assert not may_become(now, then)


@given(st.sampled_from(sorted(MAY_HAVE_LEFT)), st.lists(st.sampled_from(ReceiptWord), max_size=6))
def test_receipts_never_bring_a_text_back(now: TextState, words: list[ReceiptWord]) -> None:
    heard = fold([receipt(word) for word in words], now)

    assert heard in MAY_HAVE_LEFT
    assert heard is now or may_become(now, heard)


@pytest.mark.parametrize(
    "words,state",
    [
        ([], TextState.ACCEPTED),
        ([ReceiptWord.QUEUED], TextState.ACCEPTED),
        ([ReceiptWord.SENT], TextState.SENT),
        ([ReceiptWord.DELIVERED, ReceiptWord.SENT], TextState.DELIVERED),
        ([ReceiptWord.FAILED], TextState.FAILED),
        ([ReceiptWord.UNDELIVERED, ReceiptWord.SENT], TextState.FAILED),
        ([ReceiptWord.DELIVERED, ReceiptWord.UNDELIVERED], TextState.CONFLICTING),
    ],
)
def test_what_the_receipts_add_up_to(words: list[ReceiptWord], state: TextState) -> None:
    assert fold([receipt(word) for word in words]) is state
    assert fold([receipt(word) for word in reversed(words)]) is state


def test_silence_changes_nothing() -> None:
    assert state_of(Fate(), TextState.UNKNOWN) is TextState.UNKNOWN
