"""What hearing spares itself changes nothing: whoever asks for less hears the same."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lotline.actions.hearing import PIECES, PIECES_LONG, Before, hear_arrival, last_pieces
from lotline.core.base.scorer import bucket, features_of
from lotline.core.carriers.port import Arrival
from lotline.core.consent.hearing import hear
from lotline.core.consent.hearing.keywords import _known, _match, match_words
from lotline.core.consent.hearing.names import _HINTS, _PATTERNS
from lotline.core.consent.hearing.normalise import clauses, fold, tidy, words_of
from lotline.core.consent.hearing.phrases import Span, load_frames
from training.rows import HERE, read_rows

ROWS = [row.text for path in sorted((HERE / "hearings").glob("*.tsv")) for row in read_rows(path)]
AT = datetime(2026, 11, 18, 15, 0, tzinfo=UTC)
EVERYTHING = (1 << 4096) - 1
WORDS = st.sampled_from([*sorted(_known())[::7], "zebra", "wagon", "5", "\U0001f44d", "sotp", "ñu"])


def rows() -> list[str]:
    """Each labelled row, and as many with their words in disorder."""
    dice = random.Random(3)  # dice, no secret
    several = dice.sample(ROWS, 1200)
    return several + [" ".join(dice.sample(text.split(), len(text.split()))) for text in several]


def test_a_frame_finds_the_same_when_all_its_patterns_are_asked() -> None:
    frames = load_frames()
    for text in rows():
        for words in clauses(fold(tidy(text))):
            span = frames.span(" ".join(words))
            asked = Span(span.text, EVERYTHING, {})
            for several in frames.by_group.values():
                for frame in several:
                    if frame.needs & span.letters:
                        assert frame.finds(span) == frame.finds(asked), (frame.name, text)
                    else:
                        assert not frame.any.search(span.text), (frame.name, text)


def test_a_keyword_is_the_same_when_strange_words_are_not_passed_over() -> None:
    for text in rows():
        for words in [*clauses(fold(tidy(text))), words_of(fold(tidy(text)))]:
            for alone in (True, False):
                assert match_words(words, alone=alone) == _match(words, alone=alone), text


@given(st.lists(WORDS, max_size=5), st.booleans())
def test_of_any_words_too(words: list[str], alone: bool) -> None:  # drawn
    assert match_words(words, alone=alone) == _match(words, alone=alone)


def test_whoever_says_to_be_somebody_else_has_said_one_of_the_hints() -> None:
    for text in rows():
        assert _HINTS.search(tidy(text)) or not _PATTERNS.search(tidy(text)), text


@given(st.from_regex(_PATTERNS))
def test_of_any_such_sentence_too(text: str) -> None:
    assert not text.isascii() or _HINTS.search(text)


@given(st.lists(st.text(min_size=1, max_size=9), max_size=12), st.lists(st.text(max_size=3)))
def test_runs_of_words_are_hashed_as_they_are_written(words: list[str], marks: list[str]) -> None:
    said = ["^", *words, "$"]
    written = [*words, *(f"*{mark}" for mark in marks), *map(" ".join, pairwise(said))]
    written += [" ".join(said[at : at + 3]) for at in range(len(said) - 2)]
    written += [f"{one} _ {three}" for one, three in zip(said, said[2:], strict=False)]
    assert set(features_of(words, marks).words) == {bucket(one) for one in written}


@pytest.mark.parametrize("text", ["n't", "N\u2019t you stop", "it n't", "' n't n't", "@", "$ # &"])
def test_a_word_that_is_only_an_ending_is_heard_like_any_other(text: str) -> None:
    assert hear(text).decision in {"none", "hold", "block"}


def arrival(body: str) -> Arrival:
    return Arrival("twilio", "AC1", "SM1", "+12025550101", "+12025550102", body, AT)


def test_a_flood_of_words_is_no_longer_a_sentence() -> None:
    """Pieces are put together; whoever floods us is heard text by text."""
    assert (
        hear_arrival(arrival("texting me"), Before(theirs=("hi", "please stop"))).decision != "none"
    )
    many = tuple(f"text number {n} about a car" for n in range(500))
    assert len(last_pieces(many)) == PIECES
    assert sum(map(len, last_pieces(["x" * 200] * 9))) <= PIECES_LONG
    assert last_pieces(["x" * 1600]) == []
    assert list(last_pieces(["a", "b"])) == ["a", "b"]
    assert hear_arrival(arrival("STOP"), Before(theirs=many)).decision == "block"
