"""Nobody hands in a score: a pass is what first answers to a drawn quiz add up to."""

from __future__ import annotations

import threading
from datetime import timedelta
from uuid import UUID

import pytest

from lotline.actions.errors import NotAllowed, NotYours, Refused
from lotline.actions.training import Answered, answer_question, open_quiz, show_choices, try_card
from lotline.core.policy.course import ASKED, PASS_MARK, load_course
from lotline.store.shown import Viewer
from lotline.store.training import Quiz, load_matrix
from tests.town import Town

COURSE = load_course()


def through(town: Town, viewer: Viewer) -> Quiz:
    for card in COURSE.cards:
        try_card(town.ctx, viewer, card.id, card.example)
    return open_quiz(town.ctx, viewer)


def answer_all(town: Town, viewer: Viewer, quiz: Quiz, right: int) -> Answered:
    for n, name in enumerate(quiz.questions):
        asked = COURSE.question(name)
        assert asked is not None
        choice = asked.right if n < right else (asked.right + 1) % len(asked.choices)
        last = answer_question(town.ctx, viewer, quiz.id, name, choice)
    return last


def ask_for_training(town: Town) -> None:
    with town.ctx.db.transaction(town.group_id) as tx:
        tx._conn.execute("update groups set settings = settings || '{\"training_required\": true}'")


@pytest.mark.parametrize(
    "right, passes", [(PASS_MARK - 1, False), (PASS_MARK, True), (ASKED, True)]
)
def test_seven_of_eight_pass(town: Town, right: int, passes: bool) -> None:
    ask_for_training(town)
    ben = town.sign_in("ben")
    assert not ben.trained
    last = answer_all(town, ben, through(town, ben), right)
    assert last.quiz.score == right
    assert (last.trained_until is not None) is passes
    assert town.sign_in("ben").trained is passes


def test_a_pass_counts_for_a_year_and_is_in_the_ledger(town: Town) -> None:
    ask_for_training(town)
    ben = town.sign_in("ben")
    answer_all(town, ben, through(town, ben), ASKED)
    assert town.sign_in("ben").trained_until == town.clock() + timedelta(days=365)
    with town.ctx.db.transaction(town.group_id) as tx:
        acts = tx._conn.execute("select detail from access_acts where what = 'training_passed'")
        assert [row.detail["score"] for row in acts.fetchall()] == [ASKED]
    town.clock.pass_by(days=365)
    assert not town.sign_in("ben", "later").trained


def test_the_first_answer_is_the_only_one(town: Town) -> None:
    ben = town.sign_in("ben")
    quiz = through(town, ben)
    asked = COURSE.question(quiz.questions[0])
    assert asked is not None
    wrong = (asked.right + 1) % len(asked.choices)
    assert not answer_question(town.ctx, ben, quiz.id, asked.id, wrong).is_right
    again = answer_question(town.ctx, ben, quiz.id, asked.id, asked.right)
    assert (again.choice, again.is_right, again.quiz.score) == (wrong, False, 0)


def test_two_presses_of_the_last_answer_are_one_pass(town: Town) -> None:
    ben = town.sign_in("ben")
    quiz = through(town, ben)
    for name in quiz.questions[:-1]:
        asked = COURSE.question(name)
        assert asked is not None
        answer_question(town.ctx, ben, quiz.id, name, asked.right)
    last = COURSE.question(quiz.questions[-1])
    assert last is not None
    name, choice = last.id, last.right
    together = threading.Barrier(2)

    def press() -> None:
        together.wait()
        answer_question(town.ctx, ben, quiz.id, name, choice)

    presses = [threading.Thread(target=press) for _ in range(2)]
    for one in presses:
        one.start()
    for one in presses:
        one.join()
    with town.ctx.db.transaction(town.group_id) as tx:
        passes = tx._conn.execute("select count(*) as n from training_passes").fetchone()
        assert passes is not None
        assert passes.n == 1


def test_the_next_quiz_prefers_what_was_not_asked(town: Town) -> None:
    ben = town.sign_in("ben")
    first = through(town, ben)
    assert open_quiz(town.ctx, ben).id == first.id, "one that runs goes on"
    answer_all(town, ben, first, 0)
    second = open_quiz(town.ctx, ben)
    assert not set(first.questions) & set(second.questions)


def test_the_cards_come_before_the_quiz(town: Town) -> None:
    ben = town.sign_in("ben")
    for card in COURSE.cards[:-1]:
        try_card(town.ctx, ben, card.id, card.example)
    with pytest.raises(Refused):
        open_quiz(town.ctx, ben)


def test_somebody_else_s_quiz_is_nobody_s(town: Town) -> None:
    ben, bea = town.sign_in("ben"), town.sign_in("bea")
    quiz = through(town, ben)
    for quiz_id, question in ((quiz.id, quiz.questions[0]), (UUID(int=7), quiz.questions[0])):
        with pytest.raises(NotYours):
            answer_question(town.ctx, bea, quiz_id, question, 0)
    with pytest.raises(NotYours):
        answer_question(town.ctx, ben, quiz.id, "no-such-question", 0)
    with pytest.raises(NotYours):
        answer_question(town.ctx, ben, quiz.id, quiz.questions[0], 99)
    with pytest.raises(NotAllowed):
        open_quiz(town.ctx, town.sign_in("noor"))


def test_each_card_s_own_example_shows_what_it_is_there_to_show(town: Town) -> None:
    ben = town.sign_in("ben")
    for card in COURSE.cards:
        tried = try_card(town.ctx, ben, card.id, card.example)
        assert tried.as_meant, (card.id, tried.decision.binding)
    with pytest.raises(Refused):
        try_card(town.ctx, ben, COURSE.cards[0].id, "  ")


def test_choices_stand_in_another_order_in_another_quiz(town: Town) -> None:
    asked = COURSE.pool[0]
    orders = {tuple(show_choices(Quiz(town.ctx.new_id(), "", (), {}), asked)) for _ in range(40)}
    assert len(orders) > 3
    assert {frozenset(one) for one in orders} == {frozenset(enumerate(asked.choices))}


def test_the_matrix_shows_a_manager_their_own_people(town: Town) -> None:
    with town.ctx.db.transaction(town.group_id) as tx:
        everybody = {one.name for one in load_matrix(tx, town.sign_in("ada"))}
        some = {one.name for one in load_matrix(tx, town.sign_in("mo"))}
    assert some < everybody
    assert "Ben Ostrander" in some
