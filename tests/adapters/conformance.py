"""What every carrier adapter must do, whichever carrier it speaks to.

One suite for all: a subclass gives `peer`, something real to talk to that can be told to
misbehave. What is asked here is what the promises stand on: an answer never hides that a text
may have left, and a text that left can be found.

Not here: a carrier's own forms and words; those are tested beside the adapter.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Protocol

import pytest

from lotline.core.carriers.port import (
    Arrival,
    Busy,
    CallRecord,
    Carrier,
    Found,
    Outgoing,
    Receipt,
    RefusalKind,
    Refused,
    Search,
    Sent,
    Unknown,
)
from lotline.core.carriers.unknowns import Absent, Matched, decide_match


class Peer(Protocol):
    """A real peer and the adapter that speaks to it."""

    carrier: Carrier
    records: list[CallRecord]
    refusal: RefusalKind  # what the trouble "refused" is refused for

    def text(self) -> Outgoing:
        """A text to a number of its own."""

    def trouble(self, name: str) -> None:
        """What is to go wrong with the next text: see the tests for the names."""

    def accepted(self, text: Outgoing) -> int:
        """How many texts to this number the peer took."""

    def away(self) -> Carrier:
        """The same adapter, pointed where nobody listens."""

    def hooks(self) -> list[tuple[str, dict[str, str], bytes]]:
        """Every hook that was called so far, as (path and query, headers, body)."""

    def customer_writes(self, text: Outgoing, words: str) -> None:
        """The one texted answers."""

    def settle(self, text: Outgoing) -> None:
        """Wait until the peer has said all it will about this text."""


def _search(text: Outgoing) -> Search:
    return Search(
        account=text.account,
        to=text.to,
        since=datetime.now(UTC) - timedelta(minutes=1),
        from_number=text.from_number,
        messaging_service=text.messaging_service,
    )


def _find(peer: Peer, text: Outgoing) -> Found:
    found = peer.carrier.find(_search(text))
    assert isinstance(found, Found)
    return found


class CarrierConformance:
    """Inherit, give a `peer` fixture, and every adapter is asked the same."""

    def test_a_text_is_taken_once_named_and_found(self, peer: Peer) -> None:
        text = peer.text()

        outcome = peer.carrier.send(text)

        assert isinstance(outcome, Sent)
        assert peer.accepted(text) == 1
        match = decide_match(text, _find(peer, text))
        assert isinstance(match, Matched)
        assert match.text.carrier_id == outcome.carrier_id

    def test_a_refusal_is_final_and_takes_nothing(self, peer: Peer) -> None:
        text = peer.text()
        peer.trouble("refused")

        outcome = peer.carrier.send(text)

        assert isinstance(outcome, Refused)
        assert outcome.kind is peer.refusal
        assert outcome.says.endswith(".")
        assert peer.accepted(text) == 0

    def test_busy_means_that_the_same_text_may_be_offered_again(self, peer: Peer) -> None:
        text = peer.text()
        peer.trouble("busy")

        outcome = peer.carrier.send(text)

        assert isinstance(outcome, Busy)
        assert outcome.retry_after_s > 0
        assert peer.accepted(text) == 0
        assert isinstance(peer.carrier.send(text), Sent)
        assert peer.accepted(text) == 1

    def test_where_nobody_listens_nothing_left(self, peer: Peer) -> None:
        assert isinstance(peer.away().send(peer.text()), Busy)

    @pytest.mark.parametrize("trouble", ["breaks_after_accept", "silent_after_accept"])
    def test_a_text_that_may_have_left_is_unknown_and_can_be_found(
        self, peer: Peer, trouble: str
    ) -> None:
        text = peer.text()
        peer.trouble(trouble)

        outcome = peer.carrier.send(text)

        assert isinstance(outcome, Unknown)
        assert peer.accepted(text) == 1, "offered once, whatever was answered"
        assert isinstance(decide_match(text, _find(peer, text)), Matched)

    @pytest.mark.parametrize("trouble", ["breaks_before_accept", "silent_before_accept"])
    def test_a_text_that_did_not_leave_is_unknown_and_absent(
        self, peer: Peer, trouble: str
    ) -> None:
        text = peer.text()
        peer.trouble(trouble)

        assert isinstance(peer.carrier.send(text), Unknown)
        assert peer.accepted(text) == 0
        assert isinstance(decide_match(text, _find(peer, text)), Absent)

    def test_the_peers_receipts_are_believed_and_carry_our_reference(self, peer: Peer) -> None:
        text = peer.text()
        peer.carrier.send(text)
        peer.settle(text)

        words = []
        for path, headers, body in peer.hooks():
            assert peer.carrier.verify_hook(path, headers, body) is None
            call = peer.carrier.parse_hook(path, headers, body, datetime.now(UTC))
            if isinstance(call, Receipt) and call.reference == text.reference:
                words.append(call.word)
        assert words[-1] == "delivered"

    def test_a_customers_text_is_believed_and_a_changed_one_is_not(self, peer: Peer) -> None:
        text = peer.text()
        peer.customer_writes(text, "STOP, por favor 🙏")
        path, headers, body = peer.hooks()[-1]

        assert peer.carrier.verify_hook(path, headers, body) is None
        call = peer.carrier.parse_hook(path, headers, body, datetime.now(UTC))
        assert isinstance(call, Arrival)
        assert (call.from_number, call.body) == (text.to, "STOP, por favor 🙏")
        changed = body.replace(b"STOP", b"STAY")
        assert peer.carrier.verify_hook(path, headers, changed) is not None
        assert peer.carrier.verify_hook(path + "&x=1", headers, body) is not None

    def test_call_records_hold_no_words_numbers_or_secrets(self, peer: Peer) -> None:
        text = peer.text()
        peer.carrier.send(text)
        _find(peer, text)

        assert peer.records
        shown = repr(peer.records)
        for hidden in (text.body, text.to, text.to.removeprefix("+"), text.reference):
            assert hidden not in shown
