"""What counts as the same word, and what does not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lotline.core.base.words import LONGEST, words_in

ALIKE = [
    ("Is the RAV4 still there?", "is the rav4 still there"),
    ("Don't wait", "dont wait"),
    ("Don\u2019t wait", "DONT WAIT"),
    ("¿Cuánto cuesta?", "cuanto cuesta"),
    ("two cars", "two car"),
    ("$27,450 out the door", "27450 out the door"),
    ("Straße", "STRASSE"),
    ("cafe\u0301", "café"),
    ("\ufb01nance", "finance"),
    ("tires, please!", "tire please"),
]
APART = [
    ("gas", "ga"),
    ("bus", "bu"),
    ("class", "clas"),
    ("bonus", "bonu"),
    ("this", "thi"),
    ("F150s", "F150"),
    ("lease", "leasing"),
    ("1,50", "150"),
    ("truck", "trucking"),
]


@pytest.mark.parametrize("one, other", ALIKE)
def test_alike(one: str, other: str) -> None:
    assert words_in(one) == words_in(other)


@pytest.mark.parametrize("one, other", APART)
def test_apart(one: str, other: str) -> None:
    assert words_in(one) != words_in(other)


@given(st.text(max_size=200))
def test_words_are_short_plain_and_never_empty(text: str) -> None:
    for word in words_in(text):
        assert 0 < len(word) <= LONGEST
        assert " " not in word


@given(st.lists(st.from_regex(r"[a-z]{1,9}", fullmatch=True), max_size=8))
def test_case_and_signs_between_words_change_nothing(words: list[str]) -> None:
    assert words_in(" ".join(words)) == words_in("... ".join(words).upper() + "!")
