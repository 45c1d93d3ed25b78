"""What words do to one another: other words of the same classes have the same shape."""

from __future__ import annotations

import tomllib
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lotline.core.base.scorer import bucket
from lotline.core.consent import hearing
from lotline.core.consent.hearing.shapes import load_classes, shape_buckets, shapes_of

FILE = Path(hearing.__path__[0]) / "classes.toml"


def test_no_word_stands_in_two_classes() -> None:
    table = tomllib.loads(FILE.read_text(encoding="utf-8"))
    counts = Counter(word for words in table.values() for word in words.split())

    assert [word for word, count in counts.items() if count > 1] == []


@pytest.mark.parametrize(
    "one,other,same",
    [
        ("quit pestering my grandmother", "cease messaging our uncle", True),
        ("quit pestering my grandmother", "my grandmother likes it", False),
        ("stop texting me", "stop the car", False),
        ("my zebra is purple", "my giraffe is yellow", True),  # words of no class
    ],
)
def test_a_shape_is_of_classes_not_of_words(one: str, other: str, *, same: bool) -> None:
    assert (shapes_of(one.split()) == shapes_of(other.split())) is same


def test_who_asks_whom_is_in_the_order() -> None:
    assert shapes_of(["you", "stop"]) != shapes_of(["stop", "you"])
    assert "stop!" in shapes_of(["stop"])


@given(st.lists(st.sampled_from([*sorted(load_classes()), "@name", "@number", "zebra"])))
def test_any_words_have_shapes_and_a_long_text_is_no_slower_than_a_short(words: list[str]) -> None:
    assert shapes_of(words) == shapes_of(words)
    assert len(shapes_of(words * 40)) < 700


@given(st.lists(st.sampled_from([*sorted(load_classes()), "@name", "@number", "zebra"])))
def test_shapes_are_hashed_as_they_are_written(words: list[str]) -> None:
    assert shape_buckets(words) == {bucket(f"={shape}") for shape in shapes_of(words)}
