"""A few letters are asked for first, and never spare a pattern that would have matched."""

from __future__ import annotations

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lotline.core.consent.hearing.needed import Letters, needed
from lotline.core.consent.hearing.phrases import Frame, load_frames

FRAMES = [frame for frames in load_frames().by_group.values() for frame in frames]


@pytest.mark.parametrize(
    "pattern, letters",
    [
        ("stop", {"stop"}),
        ("stop texting", {"texting"}),  # one word of it is enough to ask for
        ("(?:stop|quit) it", {"stop", "quit"}),
        ("(?:stop)? it", {"it"}),
        ("(?:stop)?", None),
        ("(?:stop|.)", None),
        ("(?:stop|quit)+", {"stop", "quit"}),
        ("(?:stop){0,2}", None),
        (r"\bno\w* more", {"more"}),
        ("(?=stop).", None),  # what only looks is not relied on
        ("(?!stop)go", {"go"}),
        ("(?<!do not )stop", {"stop"}),
        ("(?i)stop", None),
        ("(?i:stop) it", {"it"}),
        ("[st]op", {"op"}),
        (r"st\wp|go", {"st", "go"}),
        (" ", None),
    ],
)
def test_what_a_pattern_needs(pattern: str, letters: set[str] | None) -> None:
    assert needed(pattern) == (None if letters is None else frozenset(letters))


def test_letters_are_found_in_any_word_of_a_text() -> None:
    letters = Letters([frozenset({"stop", "quit"}), frozenset({"me"}), None])
    assert letters.bits_of(frozenset({"me"})) & letters.in_text("tell some more")
    assert not letters.bits_of(frozenset({"me"})) & letters.in_text("st op")
    assert letters.bits_of(None) == 0


@pytest.mark.parametrize("frame", FRAMES, ids=lambda frame: frame.name)
@settings(max_examples=8, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_whatever_a_frame_matches_has_its_letters(frame: Frame, data: st.DataObject) -> None:
    """The patterns themselves say what they match; the letters must be in all of it."""
    text = data.draw(st.from_regex(frame.any))
    assert re.search(frame.any, text)
    assert frame.needs == 0 or frame.needs & load_frames().span(text).letters


def test_most_frames_are_spared_an_ordinary_sentence() -> None:
    """Else all of this would be for nothing."""
    span = load_frames().span("does the red wagon have heated seats")
    asked = [one for one in FRAMES if not one.needs or one.needs & span.letters]
    assert len(asked) * 3 < len(FRAMES)
