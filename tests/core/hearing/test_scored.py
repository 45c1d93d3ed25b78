"""Scores only add caution: they start nobody, soften nothing, and are what was learned."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lotline.core.base.scorer import BUCKETS, features_of, parse_scorer, render_scorer
from lotline.core.consent.hearing import hear
from lotline.core.consent.hearing.hear import Heard, weigh
from lotline.core.consent.hearing.scored import LABELS, Scored, load_limits, load_scores
from training.fit import Lesson, Pace, fit
from training.report import wilson
from training.rows import HERE, read_rows

LIKELY = st.lists(st.floats(0.0, 1.0), min_size=len(LABELS), max_size=len(LABELS))
LABEL_OF = {"block": "revoke", "wrong_number": "wrong_number", "start": "reopt_in"}


def scored(parts: list[float]) -> Scored:
    whole = dict(zip(LABELS, parts, strict=True))
    return Scored(whole, whole["stop"], whole["wrong"])


@given(LIKELY, st.sampled_from(["none", "hold", "help"]))
def test_no_score_starts_anyone(parts: list[float], decision: str) -> None:
    tables = Heard(decision, "none", "-", "none", 0.0, "")

    assert weigh(tables, scored(parts), load_limits()).decision != "start"


@given(LIKELY, st.sampled_from(["block", "wrong_number", "partial"]))
def test_no_score_drops_what_a_table_heard(parts: list[float], decision: str) -> None:
    tables = Heard(decision, LABEL_OF.get(decision, "revoke_partial"), "-", "phrase", 0.9, "x")

    assert weigh(tables, scored(parts), load_limits()).decision in {decision, "partial", "hold"}


@given(LIKELY)
def test_who_wants_texts_again_waits_for_a_person(parts: list[float]) -> None:
    tables = Heard("hold", "reopt_in", "-", "phrase", 0.5, "wants texts again")

    assert weigh(tables, scored(parts), load_limits()) is tables


@given(st.text(max_size=200))
def test_likelihoods_add_up_to_one(text: str) -> None:
    likely = load_scores().score(features_of(text.split()))

    assert sum(likely.values()) == pytest.approx(1)


def test_weights_that_are_not_those_of_their_digest_are_refused() -> None:
    columns = [[0.0] * BUCKETS, [1.0] * BUCKETS]
    book = render_scorer(["a", "b"], [0.0, 0.5], columns)
    digest = parse_scorer(book).digest

    assert parse_scorer(book).score(features_of(["x"]))["b"] > 0.5
    with pytest.raises(ValueError, match="digest"):
        parse_scorer(book.replace(digest, digest[::-1]))


def test_the_same_lessons_give_the_same_weights_to_the_byte() -> None:
    lessons = [
        Lesson(features_of(text.split()), label)
        for text, label in [("stop it now", 0), ("see you then", 1), ("no more texts", 0)]
    ]
    books = {render_scorer(["a", "b"], *fit(lessons, 2, Pace(rounds=2))) for _ in range(2)}

    assert len(books) == 1


def test_the_rows_kept_aside_are_in_nothing_that_is_learned_from() -> None:
    learned = {
        line.split("\t")[0].casefold().strip()
        for path in [*HERE.glob("hearings/*"), Path(__file__).with_name("sentences.tsv")]
        for line in path.read_text(encoding="utf-8").splitlines()
    }
    aside = read_rows(HERE / "aside" / "hearing.tsv")
    shared = [row.text for row in aside if row.text.casefold() in learned]

    assert len(shared) <= 0.08 * len(aside), "short everyday words only"
    assert all(len(row.split()) <= 5 for row in shared), shared


def test_the_rows_kept_aside_are_heard_as_well_as_they_were() -> None:
    rows = [row for row in read_rows(HERE / "aside" / "hearing.tsv") if row.label == "revoke"]
    caught = sum(hear(row.text).decision in {"block", "hold", "partial"} for row in rows)

    assert caught >= 0.96 * len(rows)


def test_an_interval_holds_its_share() -> None:
    low, high = wilson(99, 100)

    assert 0.94 < low < 0.99 < high < 1
