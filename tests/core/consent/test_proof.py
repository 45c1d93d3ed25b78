"""A yes is never stronger than what can be shown of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lotline.core.consent.entry import Kind, Source
from lotline.core.consent.proof import WRITTEN_NEEDS, Element, Proof, kind_of

WHOLE = frozenset(WRITTEN_NEEDS)


@pytest.mark.parametrize(
    "source,kind",
    [
        (Source.WEB_FORM, Kind.WRITTEN),
        (Source.PAPER_FORM, Kind.WRITTEN),
        (Source.TEXT, Kind.WRITTEN),
        (Source.IN_PERSON, Kind.EXPRESS),
        (Source.PHONE, Kind.EXPRESS),
        (Source.IMPORT, Kind.EXPRESS),
    ],
)
def test_what_was_never_written_is_no_written_yes(source: Source, kind: Kind) -> None:
    assert kind_of(Proof(source, WHOLE)) is kind


@pytest.mark.parametrize("missing", WRITTEN_NEEDS)
def test_a_written_yes_needs_every_element(missing: Element) -> None:
    proof = Proof(Source.WEB_FORM, WHOLE - {missing})

    assert proof.missing == (missing,)
    assert kind_of(proof) is Kind.EXPRESS


def test_to_have_written_to_us_is_an_inquiry() -> None:
    assert kind_of(Proof(Source.TEXT, frozenset()), asked_us_first=True) is Kind.INQUIRY


@given(st.sampled_from(Source), st.frozensets(st.sampled_from(Element)))
def test_less_proof_never_makes_a_stronger_yes(source: Source, shown: frozenset[Element]) -> None:
    strength = list(Kind).index

    for element in shown:
        less = kind_of(Proof(source, shown - {element}))
        assert strength(less) <= strength(kind_of(Proof(source, shown)))
