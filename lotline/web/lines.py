"""The lines' page: our numbers, how they do, and a switch that stops one at once.

Not here: sending from a line (the worker), what a carrier approved (its registration).
"""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_POST

from lotline.actions import lines as line_acts
from lotline.core.carriers.errors import meaning_of
from lotline.core.people.roles import may_pause_lines
from lotline.store.lines import load_lines
from lotline.store.turned_away import load_turned_away
from lotline.web.doors import context_of, members, viewer_of
from lotline.web.team import house_clock

REGISTRATIONS = {
    "approved": "Approved by the carrier",
    "waiting": "Waiting on the carrier. Nothing sends until it is approved",
    "refused": "Refused by the carrier. Nothing sends",
    "none": "Not registered. Nothing sends",
    "simulated": "Simulator line",
}


@members("manager+")
def lines(request: HttpRequest) -> HttpResponse:
    """A card for each number in reach; for owners also what was turned away."""
    ctx, viewer = context_of(request), viewer_of(request)
    with ctx.db.transaction(viewer.group_id) as tx:
        cards = load_lines(tx, viewer, ctx.now(), news=True)
        refused = load_turned_away(tx, viewer, 20)
    shown = [
        {
            "line": card,
            "registration": REGISTRATIONS[card.registration],
            "failure": meaning_of(card.carrier, card.top_failure).says if card.top_failure else "",
        }
        for card in cards
    ]
    return render(
        request,
        "lines/lines.html",
        {
            "lines": shown,
            "turned_away": refused,
            "clock": house_clock(request),
            "pauses": may_pause_lines(viewer.role),
        },
    )


@members("manager+")
@require_POST
def pause(request: HttpRequest, line_id: UUID) -> HttpResponse:
    ctx, viewer = context_of(request), viewer_of(request)
    if request.POST.get("resume"):
        line_acts.resume(ctx, viewer, line_id)
    else:
        line_acts.pause(ctx, viewer, line_id, request.POST.get("reason", ""))
    return redirect("/lines/")


urlpatterns = [
    path("lines/", lines, name="lines"),
    path("lines/<uuid:line_id>/pause/", pause, name="line_pause"),
]
