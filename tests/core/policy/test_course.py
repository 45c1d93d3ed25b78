"""The course is whole: every question can be answered, every rule it names exists."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lotline.core.gate.rulebook import load_rulebook
from lotline.core.policy.course import ASKED, Card, Question, draw, load_course, shuffled
from lotline.core.policy.wording import changes_between, parts_of, ready_policy

COURSE = load_course()


def test_six_cards_and_three_quizzes_worth_of_questions() -> None:
    assert len(COURSE.cards) == 6
    assert len(COURSE.pool) >= 3 * ASKED
    assert len({one.id for one in COURSE.pool}) == len(COURSE.pool)


@pytest.mark.parametrize("asked", COURSE.pool, ids=lambda one: one.id)
def test_a_question_has_one_answer_and_a_reason(asked: Question) -> None:
    assert 0 <= asked.right < len(asked.choices)
    assert len(set(asked.choices)) == len(asked.choices) >= 3
    assert bool(asked.rule) != bool(asked.why)
    assert not asked.rule or asked.rule in load_rulebook().rules


@pytest.mark.parametrize("card", COURSE.cards, ids=lambda one: one.id)
def test_a_card_can_be_tried(card: Card) -> None:
    assert card.wanted in {"allow", "hold", "block"}
    assert card.example
    assert len(card.says) >= 3


@given(st.binary(min_size=16, max_size=16), st.sets(st.sampled_from([q.id for q in COURSE.pool])))
def test_a_lot_draws_eight_and_what_is_fresh_first(lot: bytes, before: set[str]) -> None:
    asked = draw(COURSE, lot, before)
    assert len(set(asked)) == ASKED
    fresh = len(COURSE.pool) - len(before)
    assert sum(one in before for one in asked) == max(0, ASKED - fresh)
    assert asked == draw(COURSE, lot, before)


@given(st.binary(min_size=16, max_size=16), st.sampled_from(COURSE.pool))
def test_every_choice_is_shown_once(lot: bytes, asked: Question) -> None:
    assert sorted(shuffled(asked, lot)) == list(range(len(asked.choices)))


def test_the_ready_policy_has_its_parts() -> None:
    titles = [part.title for part in parts_of(ready_policy()) if part.title]
    assert len(titles) >= 19


def test_what_changed_is_said_part_by_part() -> None:
    old = "1. One\nFirst.\n\n2. Two\nSecond.\n\n3. Three\nThird."
    new = "1. One\nFirst.\n\n2. Two\nSecond, and more.\n\n4. Four\nFourth."
    said = [
        (one.kind, (one.after or one.before).title)  # type: ignore[union-attr]  # one of them is there
        for one in changes_between(old, new)
    ]
    assert said == [("changed", "2. Two"), ("added", "4. Four"), ("removed", "3. Three")]
    assert changes_between(new, new) == []
