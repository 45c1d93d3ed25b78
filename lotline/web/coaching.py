"""What a coach wrote to the member who looks, and the three questions that come with it.

Not here: coaching (`web.review`), the course (`web.training`).
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_GET, require_POST

from lotline.actions.coaching import answer_refresher
from lotline.actions.errors import Refused
from lotline.core.policy.course import Question, load_course, shuffled
from lotline.store.coaching import CoachNote, load_notes
from lotline.web.doors import context_of, members, viewer_of
from lotline.web.team import house_clock

_DIGITS = 3


@dataclass(frozen=True, slots=True)
class Asked:
    """One of the three, with its answer once there is one."""

    it: Question
    choices: list[tuple[int, str]]
    given: int | None
    was_right: bool
    why: str


@dataclass(frozen=True, slots=True)
class Note:
    """A note, ready to print."""

    it: CoachNote
    rule_name: str
    asked: list[Asked]


def _show(request: HttpRequest, note: CoachNote) -> Note:
    book, course = context_of(request).book, load_course()
    rule = book.rules.get(note.rule)
    asked = []
    for name in note.questions:
        found = course.question(name)
        if found is None:  # a question of an older course
            continue
        given = note.answers.get(name)
        said = book.rules.get(found.rule) if found.rule else None
        asked.append(
            Asked(
                found,
                [(n, found.choices[n]) for n in shuffled(found, note.id.bytes)],
                given[0] if given else None,
                bool(given and given[1]),
                said.summary if said is not None else found.why,
            )
        )
    return Note(note, rule.title if rule is not None else "", asked)


@members("staff+")
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """The newest first."""
    ctx, viewer = context_of(request), viewer_of(request)
    with ctx.db.transaction(viewer.group_id) as tx:
        notes = load_notes(tx, viewer.member_id)
    shown = [_show(request, note) for note in notes]
    return render(request, "coaching/index.html", {"notes": shown, "clock": house_clock(request)})


@members("staff+")
@require_POST
def answer(request: HttpRequest, refresher_id: UUID) -> HttpResponse:
    """One answer; the first counts."""
    choice, asked = request.POST.get("choice", ""), request.POST.get("question", "")
    chosen = int(choice) if choice.isdecimal() and len(choice) < _DIGITS else -1
    with suppress(Refused):  # nothing was chosen: the question is there again
        answer_refresher(context_of(request), viewer_of(request), refresher_id, asked, chosen)
    return redirect(f"/coaching/#n{refresher_id}")


urlpatterns = [
    path("coaching/", index, name="coaching"),
    path("coaching/<uuid:refresher_id>/", answer),
]
