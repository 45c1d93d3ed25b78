"""Erasing a customer, as a page: what goes and what must stay is shown before anything is done.

Not here: the erasing (`actions.erase`), what may not go (`actions.holds`).
"""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_http_methods

from lotline.actions.contacts import erase
from lotline.actions.erase import foresee
from lotline.actions.errors import NotYours, Refused
from lotline.core.oversight.retention import load_records
from lotline.store.contacts import load_card
from lotline.web.doors import context_of, members, viewer_of


@members("owner")
@require_http_methods(["GET", "POST"])
def page(request: HttpRequest, contact_id: UUID) -> HttpResponse:
    """Shown first; done when the box is ticked. Under a hold it waits: the holds' page says so."""
    ctx, viewer = context_of(request), viewer_of(request)
    with ctx.db.transaction(viewer.group_id) as tx:
        card = load_card(tx, viewer, contact_id, ctx.now())
    if card is None or card.erased:
        raise NotYours
    problem = ""
    if request.method == "POST":
        try:
            done = _asked(request, contact_id)
        except Refused as refused:
            problem = str(refused)
        else:
            return HttpResponseRedirect(
                "/audit/holds/" if done == "waits" else f"/customers/{contact_id}/"
            )
    kept = [one for one in load_records()[1] if one.name in {"optouts", "consent", "decisions"}]
    said = {"card": card, "found": foresee(ctx, viewer, contact_id), "kept": kept}
    return render(
        request,
        "oversight/erase.html",
        {**said, "problem": problem},
        status=422 if problem else 200,
    )


def _asked(request: HttpRequest, contact_id: UUID) -> str:
    if request.POST.get("sure") != "yes":
        raise Refused("Tick the box: it can't be undone.")
    reason = request.POST.get("reason", "")
    return erase(context_of(request), viewer_of(request), contact_id, reason)


urlpatterns = [path("customers/<uuid:contact_id>/erase/", page)]
