"""What keeps a text back says what would let it go, and what it promises holds.

Around year ends, leap days, both changes of the clock and the date line above all.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from lotline.core.base.places import Place
from lotline.core.consent.standing import Standing
from lotline.core.gate.decision import Remedy, Verdict
from lotline.core.gate.facts import Facts, MemberFacts, Sender
from lotline.core.gate.gate import decide
from lotline.core.messaging.purpose import Purpose
from tests.core.gate.test_decide import PLACES, any_facts
from tests.rules.specimens import BOOK, EXPRESS, WRITTEN, facts, word


def test_a_list_is_told_that_a_person_may() -> None:
    """An unwritten yes carries an offer by hand, and none by software."""
    by_list = facts(sender=Sender.BROADCAST, standing=EXPRESS)
    assert Remedy.BY_HAND in decide(by_list, BOOK).remedies
    listed = replace(by_list, national_dnc=True)
    assert Remedy.BY_HAND not in decide(listed, BOOK).remedies
    in_washington = facts("WA", sender=Sender.SOFTWARE)
    assert word(in_washington).startswith("allow")


@given(any_facts())
def test_what_is_promised_by_hand_goes_by_hand(given_facts: Facts) -> None:
    """Another sender is only ever named where a person's text would not be refused."""
    decision = decide(given_facts, BOOK)
    by_hand = replace(given_facts, sender=Sender.PERSON, member=MemberFacts())

    if Remedy.BY_HAND in decision.remedies:
        assert given_facts.sender is not Sender.PERSON
        assert decide(by_hand, BOOK).verdict is not Verdict.BLOCK


TURNS = [
    datetime(2026, 12, 31), datetime(2027, 12, 31), datetime(2028, 2, 28), datetime(2028, 2, 29),
    datetime(2026, 3, 7), datetime(2026, 3, 8), datetime(2026, 10, 31), datetime(2026, 11, 1),
    datetime(2027, 3, 14), datetime(2027, 11, 7), datetime(2028, 3, 12), datetime(2028, 11, 5),
]  # fmt: skip


@given(
    st.sampled_from(TURNS),
    st.integers(0, 3 * 86_400),
    st.sampled_from(PLACES),
    st.sampled_from([WRITTEN, EXPRESS]),
)
@settings(max_examples=300)
def test_turns_of_the_year_the_clock_and_the_date_line(
    day: datetime, second: int, place: Place, standing: Standing
) -> None:
    """Around year ends, leap days and both changes of the clock, on all sides of midnight: a
    hold ends in an instant that is open in every zone, and the second before it is not.
    """
    at = day.replace(tzinfo=UTC) + timedelta(seconds=second)
    offer = facts(at=at, place=place, standing=standing)
    decision = decide(offer, BOOK)
    if decision.hold_until is None:
        assert decision.verdict is not Verdict.HOLD
        return
    until = decision.hold_until
    assert at < until <= at + timedelta(days=5)
    assert decide(replace(offer, at=until), BOOK).verdict is Verdict.ALLOW
    early = decide(replace(offer, at=until - timedelta(seconds=1)), BOOK)
    assert early.verdict is Verdict.HOLD
    assert early.hold_until == until


@given(any_facts())
def test_what_keeps_a_text_back_says_what_would_let_it_go(given_facts: Facts) -> None:
    """Each hold says wait; each block that a person can mend says how."""
    decision = decide(given_facts, BOOK)
    if decision.verdict is Verdict.HOLD:
        assert Remedy.WAIT in decision.remedies
    if decision.verdict is Verdict.BLOCK and not decision.remedies:
        final = {"CARR-SHAFT", "CARR-REACH", "FED-REV-4", "CTIA-OPTIN"}
        assert decision.binding.rule in final
    if Remedy.DROP_OFFER in decision.remedies and given_facts.purpose is Purpose.OFFER:
        assert decision.without_offer is not None
