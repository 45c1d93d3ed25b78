"""What was heard in customers' words: the list of doubts, and one tap to answer each.

The words are the customer's; what they were taken for and when the clock takes it stands beside
them. A stop that was heard wrongly is undone here, with a reason, by a manager.

Not here: what an answer does (`actions.heard`).
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from lotline.actions.errors import Refused
from lotline.actions.heard import answer_heard
from lotline.core.consent.hearing.deciding_words import deciding_words
from lotline.core.people.roles import may_record_stop, may_undo_heard_stop
from lotline.store.heard import Asked, load_of_conversation, load_open
from lotline.store.shown import Viewer
from lotline.web.clock import Clock
from lotline.web.doors import context_of, members, viewer_of
from lotline.web.handling import back

_SAID = {
    "hold": "This may be a request to stop. Offers wait until somebody says what it means.",
    "partial": "Heard as no more offers. Updates still go.",
    "block": "Heard as a request to stop. No text goes to them.",
    "wrong_number": "Heard as somebody else’s number. No text goes there.",
}


@dataclass(frozen=True, slots=True)
class Heard:
    """One hearing, ready to print."""

    it: Asked
    quote: str  # the words that decided
    whole: bool  # they are all that the text says
    says: str
    when: str
    due: str
    asks: bool  # an answer is waited for
    may_answer: bool
    may_clear: bool  # may say that it is no stop
    needs_why: bool


def show_heard(asked: Asked, viewer: Viewer, clock: Clock) -> Heard:
    """In words, for this member."""
    doubted = asked.decision == "hold"
    quote = deciding_words(asked.words, layer=asked.layer, because=asked.because)
    return Heard(
        it=asked,
        quote=quote,
        whole=len(quote) >= len(asked.words.strip()) - 1,
        says=_SAID[asked.decision],
        when=clock.full(asked.asked_at),
        due=clock.full(asked.due_at) if asked.due_at else "",
        asks=asked.decision in {"hold", "partial"},
        may_answer=may_record_stop(viewer.role),
        may_clear=may_record_stop(viewer.role) if doubted else may_undo_heard_stop(viewer.role),
        needs_why=not doubted,
    )


def heard_in(request: HttpRequest, conversation_id: UUID) -> list[Heard]:
    """What was heard lately in this conversation and can be answered."""
    ctx, viewer = context_of(request), viewer_of(request)
    with ctx.db.transaction(viewer.group_id, by_key=True) as tx:
        found = load_of_conversation(tx, viewer, conversation_id)
    return [show_heard(one, viewer, Clock(ctx.now(), one.zone)) for one in found]


@members("all")
@require_GET
def doubts(request: HttpRequest) -> HttpResponse:
    """What waits for a person, soonest due first."""
    ctx, viewer = context_of(request), viewer_of(request)
    with ctx.db.transaction(viewer.group_id) as tx:
        found = load_open(tx, viewer)
    shown = [show_heard(one, viewer, Clock(ctx.now(), one.zone)) for one in found]
    return render(request, "heard/index.html", {"heard": shown})


@members("staff+")
@require_POST
def answer(request: HttpRequest, question_id: UUID) -> HttpResponse:
    """One tap. What was refused is said on the list, where it can be tried again."""
    ctx, viewer = context_of(request), viewer_of(request)
    try:
        conversation_id = answer_heard(
            ctx,
            viewer,
            question_id,
            request.POST.get("answer", ""),
            reason=request.POST.get("reason", ""),
        )
    except Refused as refused:
        with ctx.db.transaction(viewer.group_id) as tx:
            found = load_open(tx, viewer)
        shown = [show_heard(one, viewer, Clock(ctx.now(), one.zone)) for one in found]
        context = {"heard": shown, "problem": refused.says}
        return render(request, "heard/index.html", context, status=422)
    return back(request, f"/c/{conversation_id}/")
