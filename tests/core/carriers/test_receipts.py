"""Receipts in any order, doubled or late, always add up to the same fate."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lotline.core.carriers.port import Receipt, ReceiptWord
from lotline.core.carriers.receipts import (
    ARRIVED,
    LOST,
    RANKS,
    Fate,
    Progress,
    applies,
    fate_of,
    fold,
    merge,
    progress_at,
)

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
words = st.sampled_from(ReceiptWord)
codes = st.sampled_from(["", "30003", "30006"])
receipts = st.builds(
    Receipt,
    carrier=st.just("twilio"),
    account=st.just("AC1"),
    carrier_id=st.just("SM1"),
    word=words,
    at=st.just(NOON),
    code=codes,
)
fates = st.lists(receipts, max_size=6).map(fold)


def _fold(*said: ReceiptWord) -> Fate:
    return fold([Receipt("twilio", "AC1", "SM1", word, NOON) for word in said])


def test_every_word_has_a_rank_of_its_own() -> None:
    assert set(RANKS) == set(ReceiptWord)
    assert len(set(RANKS.values())) == len(RANKS)


@pytest.mark.parametrize(
    "said, word, progress",
    [
        ([], None, Progress.NOTHING_HEARD),
        (["queued"], "queued", Progress.UNDER_WAY),
        (["queued", "sending", "sent"], "sent", Progress.UNDER_WAY),
        (["sent", "delivered"], "delivered", Progress.ARRIVED),
        (["delivered", "read"], "read", Progress.ARRIVED),
        (["sent", "undelivered"], "undelivered", Progress.LOST),
        (["queued", "failed"], "failed", Progress.LOST),
        (["queued", "canceled"], "canceled", Progress.LOST),
        (["failed", "delivered"], "delivered", Progress.CONFLICTING),
        (["undelivered", "read"], "read", Progress.CONFLICTING),
        (["canceled", "delivered"], "delivered", Progress.CONFLICTING),
    ],
)
def test_named_specimens_in_every_order(
    said: list[str], word: str | None, progress: Progress
) -> None:
    for order in permutations(said):
        fate = _fold(*(ReceiptWord(one) for one in order))

        assert fate.word == word
        assert fate.progress is progress


@given(st.lists(receipts, max_size=8), st.randoms())
def test_order_and_repetition_change_nothing(heard: list[Receipt], dice: object) -> None:
    """However they come, however often, the same receipts give the same fate."""
    shuffled = [*heard, *heard]
    dice.shuffle(shuffled)  # type: ignore[attr-defined]  # Hypothesis's own Random

    assert fold(shuffled) == fold(heard)


@given(fates, fates, fates)
def test_merging_is_a_join(one: Fate, other: Fate, third: Fate) -> None:
    assert merge(one, other) == merge(other, one)
    assert merge(merge(one, other), third) == merge(one, merge(other, third))
    assert merge(one, one) == one
    assert merge(one, Fate()) == one


@given(fates, words, codes)
def test_a_fate_never_goes_back(fate: Fate, word: ReceiptWord, code: str) -> None:
    """What arrived stays arrived or becomes conflicting; what was lost likewise."""
    after = merge(fate, fate_of(word, code))

    if fate.progress is Progress.CONFLICTING:
        assert after.progress is Progress.CONFLICTING
    if fate.progress is Progress.ARRIVED:
        assert after.progress is (Progress.CONFLICTING if word in LOST else Progress.ARRIVED)
    if fate.progress is Progress.LOST:
        assert after.progress is (Progress.CONFLICTING if word in ARRIVED else Progress.LOST)
    assert applies(fate, word, code) == (after != fate)


def test_a_late_lower_word_is_stored_but_not_applied() -> None:
    delivered = _fold(ReceiptWord.DELIVERED)

    assert not applies(delivered, ReceiptWord.SENT)
    assert applies(delivered, ReceiptWord.READ)
    assert applies(delivered, ReceiptWord.FAILED)


def test_silence_becomes_unconfirmed_at_the_horizon_and_not_before() -> None:
    horizon = timedelta(hours=72)
    sent = _fold(ReceiptWord.SENT)

    just_before = NOON + horizon - timedelta(microseconds=1)
    assert progress_at(sent, NOON, just_before, horizon) is Progress.UNDER_WAY
    assert progress_at(sent, NOON, NOON + horizon, horizon) is Progress.UNCONFIRMED
    assert progress_at(Fate(), NOON, NOON + horizon, horizon) is Progress.UNCONFIRMED
    delivered = _fold(ReceiptWord.DELIVERED)
    assert progress_at(delivered, NOON, NOON + horizon * 9, horizon) is Progress.ARRIVED
