"""The review: flagged texts by age, why each is, what stands round it, and one key to judge.

Every decision is a plain form; without script the queue is a list of links.

Not here: what a decision does (`actions.review`), what a store watches for (`web.watch`), the notes
that senders get (`web.coaching`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import quote
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lotline.actions import review as acts
from lotline.actions.errors import Refused
from lotline.core.people.rights import Role
from lotline.core.people.roles import may_approve
from lotline.store.review import (
    Beside,
    Judged,
    Sender,
    Waiting,
    load_around,
    load_beside,
    load_cleared,
    load_judged,
    load_queue,
    load_revealed,
    load_sender,
)
from lotline.web.clock import Clock, ago
from lotline.web.doors import context_of, members, viewer_of
from lotline.web.handling import back
from lotline.web.ids import read_id
from lotline.web.team import house_clock

SENDER_DAYS = timedelta(days=30)
_SAID = {
    "ok": "Marked OK.",
    "released": "Let go. It sends as soon as every rule allows.",
    "refused": "Refused. It won’t be sent.",
    "coached": "Note sent, with three questions.",
    "escalated": "Escalated to the owner.",
    "stopped": "Their texting is stopped.",
}


@dataclass(frozen=True, slots=True)
class Item:
    """One row of the queue."""

    it: Waiting
    age: str
    open: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """The flag that is open: the text among its neighbours, and who wrote it."""

    it: Waiting
    when: str
    around: list[Beside]
    sender: Sender | None
    judged: list[Judged]
    may_ok: bool
    may_escalate: bool
    may_coach: bool  # somebody who works here wrote it, and somebody else looks


@members("review")
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """The oldest first; the one that is asked for is open, else the first."""
    return _page(request)


def _page(request: HttpRequest, *, problem: str = "", flag: str = "") -> HttpResponse:
    ctx, viewer, clock = context_of(request), viewer_of(request), house_clock(request)
    asked = flag or request.GET.get("f", "")
    with ctx.db.transaction(viewer.group_id) as tx:
        queue = load_queue(tx, viewer)
        chosen = next((one for one in queue if str(one.id) == asked), None)
        one = chosen or next(iter(queue), None)
        shown = None
        if one is not None:
            sender = None
            if one.author_name and one.author_id is not None:
                sender = load_sender(tx, one.author_id, ctx.now() - SENDER_DAYS)
            others = one.author_id != viewer.member_id
            shown = Shown(
                one,
                clock.full(one.flagged_at),
                load_around(tx, viewer, one),
                sender,
                load_judged(tx, viewer, one.id),
                may_ok=not one.held or may_approve(viewer.role),
                may_escalate=viewer.role != Role.OWNER.value,
                may_coach=sender is not None and others,
            )
        cleared = load_cleared(tx, viewer)
    page = {
        "queue": [Item(each, ago(clock.now, each.flagged_at), each is one) for each in queue],
        "shown": shown,
        "chosen": chosen is not None,
        "cleared": cleared,
        "clock": clock,
        "problem": problem,
        "done": _SAID.get(request.GET.get("done", ""), ""),
        "here": _here(request),
    }
    return render(request, "review/index.html", page, status=422 if problem else 200)


def _here(request: HttpRequest) -> str:
    return request.get_full_path() if request.method == "GET" else "/review/"


@members("review")
@require_POST
def judge(request: HttpRequest, flag_id: UUID) -> HttpResponse:
    """One press. The next one of the queue is open then."""
    word = acts.Word(request.POST.get("act", ""), request.POST.get("said", ""))
    try:
        outcome = acts.judge(context_of(request), viewer_of(request), flag_id, word)
    except Refused as refused:
        return _page(request, problem=refused.says, flag=str(flag_id))
    return redirect(f"/review/?done={quote(outcome)}")


@members("staff+")
@require_http_methods(["GET", "POST"])
def flag(request: HttpRequest, text_id: UUID) -> HttpResponse:
    """Somebody asks a manager to read a text: this one, or one of those round it."""
    ctx, viewer = context_of(request), viewer_of(request)
    done = ""
    if request.method == "POST":
        text_id = read_id(request.POST.get("text", "")) or text_id
        fresh = acts.flag_text(ctx, viewer, text_id, request.POST.get("said", ""))
        done = "A manager will read it." if fresh else "It waits for a manager already."
    with ctx.db.transaction(viewer.group_id) as tx:
        name, beside = load_beside(tx, viewer, text_id)
        seen = load_revealed(tx, viewer, text_id)
    if seen is None or not any(one.is_it for one in beside):
        raise Http404
    shown = {"name": name, "beside": beside, "conversation_id": seen[0].conversation_id}
    shown |= {"text_id": text_id, "done": done, "clock": house_clock(request)}
    return render(request, "review/flag.html", shown)


@members("reveal")
@require_http_methods(["GET", "POST"])
def reveal(request: HttpRequest, text_id: UUID) -> HttpResponse:
    """Asked first, and recorded before it is shown; shown on this page alone, once."""
    ctx, viewer = context_of(request), viewer_of(request)
    if request.method == "POST":
        found = acts.reveal(ctx, viewer, text_id)
        return render(request, "review/reveal.html", {"revealed": found, "name": found.name})
    with ctx.db.transaction(viewer.group_id) as tx:
        seen = load_revealed(tx, viewer, text_id)
    if seen is None:
        raise Http404
    row, name, _ = seen
    clock: Clock = house_clock(request)
    shown = {
        "name": name,
        "conversation_id": row.conversation_id,
        "when": clock.full(row.created_at),
    }
    return render(request, "review/reveal.html", shown)


@members("review")
@require_POST
def texting(request: HttpRequest, member_id: UUID) -> HttpResponse:
    """They send nothing from now on, or may text again."""
    ctx, viewer = context_of(request), viewer_of(request)
    if request.POST.get("act") == "stop":
        acts.stop_sender(ctx, viewer, member_id, request.POST.get("said", ""))
    else:
        acts.lift(ctx, viewer, member_id)
    return back(request, f"/team/{member_id}/")


urlpatterns = [
    path("review/", index, name="review"),
    path("review/<uuid:flag_id>/", judge),
    path("review/flag/<uuid:text_id>/", flag),
    path("review/reveal/<uuid:text_id>/", reveal, name="reveal"),
    path("team/<uuid:member_id>/texting/", texting),
]
