"""What was heard before is heard again as it was: nothing that hearing looks at is left out."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lotline.core.base.recent import Recent, fingerprint
from lotline.core.consent.hearing import hear, remembered
from lotline.core.consent.hearing.normalise import clauses, fold, tidy
from lotline.core.consent.hearing.phrases import load_frames
from lotline.core.consent.hearing.remembered import hear_again
from tests.core.hearing.test_spared import ROWS

FOOTER = "Reply STOP to opt out of these texts."
OURS = ("Your truck is ready. Please stop texting while you drive.", FOOTER)
SAID = st.sampled_from(
    ["yes", "STOP", "ok thanks", FOOTER, "Please stop texting while you drive.", "Start", "👍"]
)


def test_labelled_rows_are_heard_as_they_are_each_time() -> None:
    dice = random.Random(5)  # dice, no secret
    for text in dice.sample(ROWS, 150):
        for ours in ((), OURS):
            for out in (False, True):
                anew = hear(text, ours=ours, out=out)
                assert hear_again(text, ours=ours, out=out) == anew, text
                assert hear_again(text, ours=ours, out=out) == anew, text


def test_what_was_looked_for_in_a_clause_is_found_again() -> None:
    frames = load_frames()
    for text in random.Random(7).sample(ROWS, 150):  # dice, no secret
        spans = [frames.span(" ".join(words)) for words in clauses(fold(tidy(text)))]
        for group, several in frames.by_group.items():
            anew = [one for one in several if any(one.finds(span) for span in spans)]
            for _ in range(2):
                assert frames.first(group, spans) == next(iter(anew), None), text


@given(st.lists(st.tuples(SAID, st.lists(SAID, max_size=2), st.booleans(), st.booleans())))
def test_one_case_is_never_taken_for_another(
    cases: list[tuple[str, list[str], bool, bool]],
) -> None:
    for text, ours, out, asked in cases:
        anew = hear(text, ours=ours, out=out, asked_to_return=asked)
        assert hear_again(text, ours=ours, out=out, asked_to_return=asked) == anew


@pytest.mark.parametrize(
    "text, decision", [("Please stop texting while you drive.", "none"), ("yes", "none")]
)
def test_an_echo_of_ours_is_none_of_theirs(text: str, decision: str) -> None:
    hear_again(text)  # as their own words
    assert hear_again(text, ours=OURS).decision == decision


def test_half_a_letter_is_heard_too() -> None:
    assert hear_again("ok \ud83d", ours=("\ud83d",)) == hear("ok \ud83d", ours=("\ud83d",))


def test_memory_is_bounded_and_holds_no_words(monkeypatch: pytest.MonkeyPatch) -> None:
    memory: Recent[Any] = Recent(8)
    monkeypatch.setattr(remembered, "_known", memory)
    for n in range(40):
        hear_again(f"blue wagon {n}", ours=(f"ours {n}",))
        hear_again("ok")
    for n in range(20):
        hear_again("ok thanks a lot friend", ours=(f"ours number {n} of many",))
    assert len(memory) <= 16
    kept = [*memory._young.values(), *memory._old.values()]
    assert all(len(one.answers) <= 8 for one in kept)
    said = repr([memory._young, memory._old])
    assert "wagon" not in said
    assert "friend" not in said
    assert "ours" not in said


def test_long_words_are_heard_and_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    memory: Recent[Any] = Recent(8)
    monkeypatch.setattr(remembered, "_known", memory)
    assert hear_again("wagon " * 40) == hear("wagon " * 40)
    assert not len(memory)


def test_what_is_asked_for_stays() -> None:
    recent: Recent[int] = Recent(3)
    for n in range(1, 50):
        recent.keep(fingerprint(str(n)), n)
        if n == 1:
            continue
        assert recent.get(fingerprint("1")) == 1
    assert recent.get(fingerprint("2")) is None
    assert fingerprint("ab", "c") != fingerprint("a", "bc")
