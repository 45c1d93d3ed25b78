"""What coaches wrote to a member after a text of theirs, and the three questions that come with it.

Not here: coaching (`actions.review`), the questions (`core.policy.course`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lotline.core.oversight.flagged import told
from lotline.store.sealed import contact_key, open_words
from lotline.store.watch import show_body

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from lotline.store.database import Tx


@dataclass(frozen=True, slots=True)
class CoachNote:
    """One note with its questions. `answers`: the choice and whether it was right, by question."""

    id: UUID
    by_name: str
    at: datetime
    said: str
    rule: str
    why: tuple[str, ...]
    body: str
    written_at: datetime
    questions: tuple[str, ...]
    answers: dict[str, tuple[int, bool]]

    @property
    def next_question(self) -> str | None:
        return next((one for one in self.questions if one not in self.answers), None)

    @property
    def score(self) -> int:
        return sum(right for _, right in self.answers.values())


def record_refresher(
    tx: Tx,
    refresher_id: UUID,
    member_id: UUID,
    *,
    course: str,
    questions: Sequence[str],
    at: datetime,
) -> None:
    tx.run(
        "review.record_refresher",
        id=refresher_id,
        member_id=member_id,
        course=course,
        questions=list(questions),
        at=at,
    )


def load_notes(tx: Tx, member_id: UUID, limit: int = 20) -> list[CoachNote]:
    """The newest first."""
    rows = tx.all("review.notes", member_id=member_id, limit=limit)
    return [_note(tx, row) for row in rows]


def count_open_notes(tx: Tx, member_id: UUID) -> int:
    """How many have questions still to answer."""
    found: int = tx.only("review.open_notes", member_id=member_id).waiting
    return found


def record_answer(
    tx: Tx, refresher_id: UUID, question: str, *, choice: int, is_right: bool, at: datetime
) -> bool:
    """False when the question had its answer already."""
    kept = tx.run(
        "review.answer",
        id=refresher_id,
        question=question,
        choice=choice,
        is_right=is_right,
        at=at,
    )
    return kept == 1


def _note(tx: Tx, row: Any) -> CoachNote:
    group = tx.group_id
    key = contact_key(tx, row.contact_id, row.key_wrapped, row.erased_at)
    body = open_words(key, row.body_ct, "texts", "body_ct", group, row.text_id)
    by = ""
    if row.by_id is not None:
        by = open_words(tx.keys, row.by_ct, "members", "name_ct", group, row.by_id)
    return CoachNote(
        id=row.id,
        by_name=by,
        at=row.asked_at,
        said=open_words(key, row.said_ct, "flag_reviews", "said_ct", group, row.id),
        rule=row.rule or "",
        why=told(row.reasons, body, detail=row.detail),
        body=show_body(tx, body),
        written_at=row.created_at,
        questions=tuple(row.questions),
        answers={name: (choice, right) for name, (choice, right) in row.answers.items()},
    )
