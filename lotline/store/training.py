"""Training on record: cards a member went through, quizzes, answers, passes, and who is current.

Append-only: the first answer to a question is the only one, and a pass is never taken back.

Not here: the course itself (`core.policy.course`), whether a quiz passes (`actions.training`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from lotline.store.members import member_name
from lotline.store.reach import reach_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lotline.store.database import Tx
    from lotline.store.shown import Viewer


@dataclass(frozen=True, slots=True)
class Quiz:
    """A member's quiz and what was answered so far, by question."""

    id: UUID
    course: str
    questions: tuple[str, ...]
    answers: dict[str, tuple[int, bool]]

    @property
    def is_over(self) -> bool:
        return len(self.answers) == len(self.questions)

    @property
    def score(self) -> int:
        return sum(right for _, right in self.answers.values())

    @property
    def next_question(self) -> int | None:
        """The place of the first one that has no answer."""
        open_ones = (n for n, one in enumerate(self.questions) if one not in self.answers)
        return next(open_ones, None)


@dataclass(frozen=True, slots=True)
class Learner:
    """What a member's own record of policy and training says."""

    trained_until: datetime | None
    signed_version: int | None
    policy_version: int | None
    sign_by: datetime | None


@dataclass(frozen=True, slots=True)
class Learned:
    """A row of the matrix: one member, their signature, their pass."""

    id: UUID
    name: str
    role: str
    hue: int
    active: bool
    stopped: bool  # a manager stopped their texting
    signed_version: int | None
    signed_at: datetime | None
    score: int | None
    passed_at: datetime | None
    trained_until: datetime | None


def load_steps(tx: Tx, member_id: UUID, course: str) -> set[str]:
    """The ids of the cards that were tried."""
    rows = tx.all("training.steps", member_id=member_id, course=course)
    return {row.card for row in rows}


def record_step(tx: Tx, member_id: UUID, course: str, card: str, at: datetime) -> None:
    tx.run("training.record_step", member_id=member_id, course=course, card=card, at=at)


def lock_learner(tx: Tx, member_id: UUID) -> None:
    """Two presses of a button come one after the other."""
    tx.only("training.lock_member", member_id=member_id)


def load_quiz(tx: Tx, member_id: UUID) -> Quiz | None:
    """The newest."""
    row = tx.one("training.newest_quiz", member_id=member_id)
    if row is None:
        return None
    answers = {
        one.question: (one.choice, one.is_right)
        for one in tx.all("training.answers", quiz_id=row.id)
    }
    return Quiz(row.id, row.course, tuple(row.questions), answers)


def record_quiz(
    tx: Tx, quiz_id: UUID, member_id: UUID, *, course: str, questions: Sequence[str], at: datetime
) -> None:
    tx.run(
        "training.record_quiz",
        id=quiz_id,
        member_id=member_id,
        course=course,
        questions=list(questions),
        at=at,
    )


def record_answer(
    tx: Tx, quiz_id: UUID, question: str, *, choice: int, is_right: bool, at: datetime
) -> bool:
    """False when the question had its answer already."""
    kept = tx.run(
        "training.record_answer",
        quiz_id=quiz_id,
        question=question,
        choice=choice,
        is_right=is_right,
        at=at,
    )
    return kept == 1


def record_pass(
    tx: Tx,
    pass_id: UUID,
    member_id: UUID,
    *,
    score: int,
    course: str,
    quiz_id: UUID,
    at: datetime,
    valid_until: datetime,
) -> None:
    tx.run(
        "training.record_pass",
        id=pass_id,
        member_id=member_id,
        score=score,
        course=course,
        quiz_id=quiz_id,
        at=at,
        valid_until=valid_until,
    )


def load_learner(tx: Tx, member_id: UUID, now: datetime) -> Learner:
    """A member's own standing."""
    row = tx.only("training.standing", member_id=member_id, now=now)
    return Learner(row.trained_until, row.signed_version, row.policy_version, row.sign_by)


def load_matrix(tx: Tx, viewer: Viewer) -> list[Learned]:
    """Everybody the viewer leads, by name."""
    reach = reach_of(viewer)
    rows = tx.all(
        "training.matrix",
        member_id=reach.member_id,
        line_ids=reach.line_ids,
        sees_all=reach.sees_all,
    )
    found = [
        Learned(
            id=row.id,
            name=member_name(tx, row),
            role=row.role,
            hue=row.hue,
            active=not row.suspended,
            stopped=row.stopped,
            signed_version=row.signed_version,
            signed_at=row.signed_at,
            score=row.score,
            passed_at=row.passed_at,
            trained_until=row.valid_until,
        )
        for row in rows
    ]
    return sorted(found, key=lambda one: one.name.casefold())
