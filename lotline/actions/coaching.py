"""A coach's note comes with three questions; the first answer to each counts.

It takes no right away: the note and its answers are there for the next talk.

Not here: writing the note (`review`), the pool of questions (`core.policy.course`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lotline.actions.allowed import must_be_here
from lotline.actions.errors import NotYours, Refused
from lotline.core.policy.course import load_course, refresh
from lotline.store.access import record_act
from lotline.store.coaching import CoachNote, load_notes, record_answer, record_refresher
from lotline.store.training import lock_learner

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from lotline.actions.context import Context
    from lotline.store.database import Tx
    from lotline.store.shown import Viewer


def ask_again(tx: Tx, refresher_id: UUID, member_id: UUID, at: datetime) -> None:
    """Three questions by lot, other than those of the notes before."""
    course = load_course()
    before = {one for note in load_notes(tx, member_id, 3) for one in note.questions}
    asked = refresh(course, refresher_id.bytes, before)
    record_refresher(tx, refresher_id, member_id, course=course.version, questions=asked, at=at)


def answer_refresher(
    ctx: Context, viewer: Viewer, refresher_id: UUID, question_id: str, choice: int
) -> CoachNote:
    """The note with this answer in it."""
    must_be_here(viewer)
    question = load_course().question(question_id)
    with ctx.db.transaction(viewer.group_id) as tx:
        lock_learner(tx, viewer.member_id)
        note = _mine(tx, viewer, refresher_id)
        if question is None or question_id not in note.questions:
            raise NotYours
        if not 0 <= choice < len(question.choices):
            raise Refused("Choose one of the answers.")
        now = ctx.now()
        is_right = choice == question.right
        kept = record_answer(
            tx, refresher_id, question_id, choice=choice, is_right=is_right, at=now
        )
        note = _mine(tx, viewer, refresher_id)
        if kept and note.next_question is None:
            record_act(
                tx,
                ctx.new_id(),
                "refreshed",
                actor_id=viewer.member_id,
                about_id=viewer.member_id,
                at=now,
                detail={"review": str(refresher_id), "score": note.score},
            )
        return note


def _mine(tx: Tx, viewer: Viewer, refresher_id: UUID) -> CoachNote:
    notes = load_notes(tx, viewer.member_id, 200)
    found = next((one for one in notes if one.id == refresher_id), None)
    if found is None:
        raise NotYours
    return found
