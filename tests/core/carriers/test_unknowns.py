"""An unknown text is settled only where the carrier's list leaves no doubt."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from lotline.core.carriers.port import Found, Outgoing, ReceiptWord, Seen
from lotline.core.carriers.unknowns import Absent, Ambiguous, Matched, decide_match

TEXT = Outgoing(
    reference="ref",
    account="AC1",
    to="+16145550142",
    body="Your car is ready",
    callback_url="https://lotline.example/hooks",
    from_number="+16145550100",
)
SEEN = Seen(
    carrier_id="SM1",
    word=ReceiptWord.QUEUED,
    to="+16145550142",
    from_number="+16145550100",
    messaging_service=None,
    body="Your car is ready",
    created_at=datetime(2026, 11, 22, 12, tzinfo=UTC),
)


def test_the_one_that_agrees_is_ours() -> None:
    other = replace(SEEN, carrier_id="SM2", body="Another text")

    assert decide_match(TEXT, Found((other, SEEN))) == Matched(SEEN)


@pytest.mark.parametrize(
    "changed",
    [
        {"body": "Your car is not ready"},
        {"to": "+16145550143"},
        {"from_number": "+16145550101"},
        {"body": ""},
    ],
)
def test_one_that_differs_is_not(changed: dict[str, str]) -> None:
    found = Found((replace(SEEN, **changed),))  # type: ignore[arg-type]  # a table of single fields

    assert decide_match(TEXT, found) == Absent()


def test_two_that_agree_are_for_a_person() -> None:
    twin = replace(SEEN, carrier_id="SM2")

    assert decide_match(TEXT, Found((SEEN, twin))) == Ambiguous((SEEN, twin))
    assert decide_match(TEXT, Found((SEEN, twin)), taken={"SM1"}) == Matched(twin)


def test_a_list_that_was_cut_settles_nothing() -> None:
    """Not seen is not absent: sending again on that word could send twice."""
    assert decide_match(TEXT, Found((), complete=False)) == Ambiguous(())
    assert decide_match(TEXT, Found((SEEN,), complete=False)) == Ambiguous((SEEN,))


def test_what_a_carrier_does_to_words_is_forgiven() -> None:
    trial = replace(SEEN, body="Sent from your trial account - Your car is ready")
    trimmed = replace(SEEN, body=" Your car  is ready\n")

    assert decide_match(TEXT, Found((trial,))) == Matched(trial)
    assert decide_match(TEXT, Found((trimmed,))) == Matched(trimmed)


def test_a_pool_that_has_not_chosen_its_number_yet_matches() -> None:
    pooled = replace(TEXT, messaging_service="MG1")
    waiting = replace(SEEN, from_number=None, messaging_service="MG1")

    assert decide_match(pooled, Found((waiting,))) == Matched(waiting)
    elsewhere = replace(waiting, messaging_service="MG2")
    assert decide_match(pooled, Found((elsewhere,))) == Absent()
