"""A few letters are asked for first, and never spare a pattern that would have matched."""

from __future__ import annotations

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lotline.core.consent.hearing.needed import Letters, Need, needed
from lotline.core.consent.hearing.phrases import Frame, load_frames

FRAMES = [frame for frames in load_frames().by_group.values() for frame in frames]


def needs(*several: str) -> tuple[frozenset[Need], ...]:
    """Each a choice of letters; those between slashes are whole words."""
    return tuple(
        frozenset(Need(one.strip("/"), one.startswith("/")) for one in choice.split())
        for choice in several
    )


@pytest.mark.parametrize(
    "pattern, wanted",
    [
        ("stop", needs("stop")),
        (r"\bstop\b", needs("/stop/")),
        (r"\bstop", needs("stop")),
        (r"^stop$", needs("/stop/")),
        (r"\bstop texting", needs("/stop/", "texting")),
        (r"\b(?:stop|quit) it\b", needs("/stop/ /quit/", "/it/")),
        (r"\b(?:stop|quit)it\b", needs("stop quit", "it")),
        (r"\b(?:st|qu)op me", needs("st qu", "op", "me")),
        ("(?:stop)? it", needs("it")),
        (r"\bgo(?: on)? now\b", needs("/go/", "/now/")),
        (r"\bgo(?:ing)? now\b", needs("go", "/now/")),
        (r"\bmy (?:\w+ )?phone\b", needs("/my/", "/phone/")),
        (r"\bmy (?:\w+)?phone\b", needs("/my/", "phone")),
        (r"\bno(?: (?:to|for)){1,2} me\b", needs("/no/", "to for", "/me/")),
        ("(?:stop)?", ()),
        ("(?:stop|.)", ()),
        ("(?:stop|quit)+", needs("stop quit")),
        ("(?:stop){0,2}", ()),
        (r"\bno\w* more\b", needs("no", "/more/")),
        ("(?=stop).", ()),  # what only looks is not relied on
        (r"\b(?!stop)go\b", needs("go")),
        ("(?<!do not )stop", needs("stop")),
        ("(?i)stop", ()),
        ("(?i:stop) it", needs("it")),
        ("[st]op", needs("op")),
        (r"st\wp|go", needs("st go")),
        (r"\bn'ecrivez\b", needs("n'ecrivez")),  # no word of its own: it has an edge inside
        (" ", ()),
    ],
)
def test_what_a_pattern_needs(pattern: str, wanted: tuple[frozenset[Need], ...]) -> None:
    assert needed(pattern) == wanted


def test_letters_are_found_in_any_word_of_a_text() -> None:
    wanted = [needs("stop quit", "/me/"), needs("me"), ()]
    letters = Letters(wanted)
    of_stop, of_me = letters.bits_of(wanted[0])
    (anywhere,) = letters.bits_of(wanted[1])
    assert anywhere & letters.in_text("tell some more")
    assert not anywhere & letters.in_text("st op")
    assert not of_me & letters.in_text("tell some more")
    assert of_me & letters.in_text("tell me more")
    assert of_me & letters.in_text("m'a dit: me, me")
    assert of_stop & letters.in_text("unstoppable")
    assert letters.bits_of(()) == ()
    assert letters.choosiest(()) & letters.in_text("anything")


@pytest.mark.parametrize("frame", FRAMES, ids=lambda frame: frame.name)
@settings(max_examples=8, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_whatever_a_frame_matches_has_its_letters(frame: Frame, data: st.DataObject) -> None:
    """The patterns themselves say what they match; the letters must be in all of it."""
    pattern = data.draw(st.sampled_from(frame.several))
    text = data.draw(st.from_regex(pattern.alone))
    assert re.search(frame.any, text)
    span = load_frames().span(text)
    assert frame.needs & span.letters
    assert pattern.may_be_in(span.letters)


def test_most_frames_are_spared_an_ordinary_sentence() -> None:
    """Else all of this would be for nothing."""
    span = load_frames().span("does the red wagon have heated seats")
    asked = [one for one in FRAMES if one.needs & span.letters]
    assert len(asked) * 6 < len(FRAMES)
