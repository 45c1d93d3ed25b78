"""Training: a member goes through the cards, answers the quiz, and may text once they passed.

The first answer to a question counts, and a score is what the answers add up to: nobody can hand
one in. A pass is a row and a leaf of the ledger.

Not here: the course (`core.policy.course`), what an untrained member may not do (`core.gate`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID
from zoneinfo import ZoneInfo

from lotline.actions.allowed import must
from lotline.actions.errors import NotYours, Refused
from lotline.core.base.places import Place
from lotline.core.consent.entry import Kind, Scope
from lotline.core.consent.standing import Standing
from lotline.core.gate.facts import Facts, LineFacts, MemberFacts, Sender
from lotline.core.gate.gate import decide
from lotline.core.messaging.purpose import Purpose, guess_purpose
from lotline.core.people.roles import may_text
from lotline.core.policy.course import (
    LASTS,
    PASS_MARK,
    Card,
    Question,
    Scene,
    draw,
    load_course,
    shuffled,
)
from lotline.store.access import record_act
from lotline.store.events import record_event
from lotline.store.training import (
    Quiz,
    load_quiz,
    load_steps,
    lock_learner,
    record_answer,
    record_pass,
    record_quiz,
    record_step,
)

if TYPE_CHECKING:
    from lotline.actions.context import Context
    from lotline.core.gate.decision import Decision
    from lotline.store.database import Tx
    from lotline.store.shown import Viewer

LONGEST_TRY = 1600
_LINE = UUID(int=1)
_ZONE = "America/New_York"  # where the invented customers of the cards are


@dataclass(frozen=True, slots=True)
class Tried:
    """What the gate said to what was typed into a card's composer."""

    decision: Decision
    purpose: Purpose
    reasons: tuple[str, ...]
    as_meant: bool  # the verdict that the card is there to show


@dataclass(frozen=True, slots=True)
class Answered:
    """One answer. `quiz` as it stands with it; `trained_until` once that made a pass."""

    question: Question
    choice: int
    is_right: bool
    quiz: Quiz
    trained_until: datetime | None = None


def try_card(ctx: Context, viewer: Viewer, card_id: str, words: str) -> Tried:
    """The real gate answers to an invented customer; the card counts as done."""
    must(viewer, may_text)
    card = _card(card_id)
    body = words.strip()
    if not body:
        raise Refused("Type a text first.")
    if len(body) > LONGEST_TRY:
        raise Refused("That is longer than a text can be. Try a shorter one.")
    given = card.given
    guess = guess_purpose(body, last_in=given.they_wrote, minutes_since=given.wrote_minutes_ago)
    decision = decide(_facts(given, _moment(given), guess.purpose), ctx.book)
    with ctx.db.transaction(viewer.group_id) as tx:
        record_step(tx, viewer.member_id, load_course().version, card.id, ctx.now())
    meant = decision.verdict.value == card.wanted
    return Tried(decision, guess.purpose, guess.reasons, meant)


def open_quiz(ctx: Context, viewer: Viewer) -> Quiz:
    """The quiz the member is in, or a new one when there is none or the last one is over."""
    must(viewer, may_text)
    course = load_course()
    with ctx.db.transaction(viewer.group_id) as tx:
        lock_learner(tx, viewer.member_id)
        missing = {card.id for card in course.cards} - load_steps(
            tx, viewer.member_id, course.version
        )
        if missing:
            raise Refused("Go through the cards first; each takes about a minute.")
        last = load_quiz(tx, viewer.member_id)
        if last is not None and last.course == course.version and not last.is_over:
            return last
        quiz_id = ctx.new_id()
        asked = draw(course, quiz_id.bytes, last.questions if last else ())
        record_quiz(
            tx, quiz_id, viewer.member_id, course=course.version, questions=asked, at=ctx.now()
        )
        return Quiz(quiz_id, course.version, asked, {})


def answer_question(
    ctx: Context, viewer: Viewer, quiz_id: UUID, question_id: str, choice: int
) -> Answered:
    """The first answer counts; the last question's answer settles whether the member passed."""
    must(viewer, may_text)
    course = load_course()
    with ctx.db.transaction(viewer.group_id) as tx:
        lock_learner(tx, viewer.member_id)
        quiz = load_quiz(tx, viewer.member_id)
        question = course.question(question_id)
        if quiz is None or quiz.id != quiz_id or question is None:
            raise NotYours
        if question_id not in quiz.questions or not 0 <= choice < len(question.choices):
            raise NotYours
        at = ctx.now()
        is_right = choice == question.right
        was_over = quiz.is_over
        record_answer(tx, quiz_id, question_id, choice=choice, is_right=is_right, at=at)
        kept, was_right = quiz.answers.get(question_id, (choice, is_right))
        answers = {**quiz.answers, question_id: (kept, was_right)}
        quiz = Quiz(quiz.id, quiz.course, quiz.questions, answers)
        until = None
        if quiz.is_over and not was_over and quiz.score >= PASS_MARK:
            until = _pass(ctx, tx, viewer, quiz, at)
        return Answered(question, kept, was_right, quiz, until)


def show_choices(quiz: Quiz, question: Question) -> list[tuple[int, str]]:
    """A question's choices in this quiz's order, each with the number it is answered by."""
    return [(n, question.choices[n]) for n in shuffled(question, quiz.id.bytes)]


def _pass(ctx: Context, tx: Tx, viewer: Viewer, quiz: Quiz, at: datetime) -> datetime:
    until = at + LASTS
    pass_id = ctx.new_id()
    record_pass(
        tx,
        pass_id,
        viewer.member_id,
        score=quiz.score,
        course=quiz.course,
        quiz_id=quiz.id,
        at=at,
        valid_until=until,
    )
    record_act(
        tx,
        ctx.new_id(),
        "training_passed",
        actor_id=viewer.member_id,
        about_id=viewer.member_id,
        at=at,
        detail={"course": quiz.course, "score": quiz.score, "of": len(quiz.questions)},
    )
    record_event(tx, "member", at=at, member_id=viewer.member_id)
    return until


def _card(card_id: str) -> Card:
    card = load_course().card(card_id)
    if card is None:
        raise NotYours
    return card


def _moment(given: Scene) -> datetime:
    return datetime.fromisoformat(given.local).replace(tzinfo=ZoneInfo(_ZONE))


def _facts(given: Scene, at: datetime, purpose: Purpose) -> Facts:
    """The scene as the gate is told it."""
    standing = {
        "offers": Standing(updates=Kind.WRITTEN, offers=Kind.WRITTEN, offers_at=at - LASTS),
        "replies": Standing(updates=Kind.EXPRESS, updates_at=at - timedelta(days=30)),
        "none": Standing(),
        "stopped": Standing(stopped=Scope.ALL, stopped_at=at - timedelta(days=180)),
        "wrong_number": Standing(wrong_number_at=at - timedelta(hours=2)),
    }[given.consent]
    wrote = given.wrote_minutes_ago
    return Facts(
        at=at,
        purpose=purpose,
        sender=Sender.PERSON,
        place=Place((given.state,), (_ZONE,), "stated"),
        standing=standing,
        line=LineFacts(_LINE),
        member=MemberFacts(),
        last_in_at=at - timedelta(minutes=wrote) if wrote is not None else None,
    )
