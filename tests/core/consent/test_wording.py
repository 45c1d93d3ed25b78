"""No wording of a written yes can lose an element, and what is missing is named."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lotline.core.consent.entry import Kind, Source
from lotline.core.consent.proof import Element, Proof, kind_of
from lotline.core.consent.wording import elements_of, first_wording, missing_from

COMPANY = "Elm & Dock Motor Group"
WHOLE = first_wording(COMPANY)


def test_the_first_wording_has_every_element_and_makes_a_written_yes() -> None:
    assert missing_from(WHOLE, COMPANY) == {}
    proof = Proof(Source.WEB_FORM, elements_of(WHOLE, COMPANY))
    assert proof.missing == ()
    assert kind_of(proof) is Kind.WRITTEN


@pytest.mark.parametrize(
    "element, words",
    [
        ("seller", COMPANY),
        ("automated", "automated means such as an autodialer"),
        ("number", "at the mobile number I enter here"),
        ("offers", "advertising and marketing"),
        ("free_choice", "I don't have to agree in order to buy anything."),
        ("frequency", "How often we text varies."),
        ("rates", "Message and data rates may apply."),
        ("stop", "STOP"),
        ("help", "HELP for help"),
    ],
)
def test_without_its_words_an_element_is_missing_and_named(element: str, words: str) -> None:
    assert words in WHOLE
    lacking = missing_from(WHOLE.replace(words, ""), COMPANY)
    assert element in lacking
    assert lacking[element].endswith(".")


@pytest.mark.parametrize("element", ["seller", "automated", "number", "offers", "free_choice"])
def test_a_yes_under_words_that_lack_an_element_is_not_a_written_one(element: str) -> None:
    words = {
        "seller": COMPANY,
        "automated": "automated means such as an autodialer",
        "number": "at the mobile number I enter here",
        "offers": "advertising and marketing",
        "free_choice": "I don't have to agree in order to buy anything.",
    }[element]
    elements = elements_of(WHOLE.replace(words, ""), COMPANY)
    assert Element(element) not in elements
    assert kind_of(Proof(Source.WEB_FORM, elements)) is not Kind.WRITTEN


@given(st.text(max_size=300), st.text(max_size=300))
def test_more_words_never_take_an_element_away(before: str, after: str) -> None:
    assert missing_from(f"{before} {WHOLE} {after}", COMPANY) == {}


def test_another_companys_name_does_not_name_the_seller() -> None:
    assert "seller" in missing_from(first_wording("Somebody Else"), COMPANY)


def test_curly_quotes_and_line_ends_are_no_other_words() -> None:
    assert missing_from(WHOLE.replace("'", "’").replace(" ", "\n"), COMPANY) == {}
