"""What an outsider is handed, and what only a person can settle.

Evidence leaves by an act that is itself an entry of the ledger; a text whose fate the carrier could
not tell is settled by somebody who asked.

Not here: what is in a bundle (`lotline.core.oversight`), checking one (`lotline verify`).
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_http_methods, require_POST

from lotline.actions import evidence, reconcile
from lotline.actions.errors import NotYours, Refused
from lotline.core.oversight.package import pack_evidence
from lotline.core.oversight.paper import Size
from lotline.store.contacts import load_card
from lotline.web.clock import Clock, zone_named
from lotline.web.doors import context_of, members, viewer_of
from lotline.web.handling import back
from lotline.web.team import house_clock


@members("evidence")
@require_http_methods(["GET", "POST"])
def export(request: HttpRequest, contact_id: UUID) -> HttpResponse:
    """Everything on record about one customer, in a file that anybody can check offline."""
    ctx, viewer = context_of(request), viewer_of(request)
    with ctx.db.transaction(viewer.group_id) as tx:
        card = load_card(tx, viewer, contact_id, ctx.now())
    if card is None:
        raise NotYours
    problem, status = "", 200
    clock = house_clock(request)
    if request.method == "POST":
        asked = request.POST
        try:
            made = evidence.export_evidence(
                ctx,
                viewer,
                contact_id,
                purpose=asked.get("purpose", ""),
                texts=asked.get("what") != "consent",
                since=midnight(asked.get("since", ""), clock),
                until=midnight(asked.get("until", ""), clock, days=1),
            )
        except Refused as refused:
            problem, status = str(refused), 422
        else:
            size: Size = "a4" if asked.get("size") == "a4" else "letter"
            packed = pack_evidence(made.data, made_at=made.made_at, size=size)
            answer = HttpResponse(packed, content_type="application/zip")
            name = f"evidence-{made.export_id}.zip"
            answer["Content-Disposition"] = f'attachment; filename="{name}"'
            return answer
    said = {"card": card, "problem": problem, "clock": clock, "asked": request.POST}
    return render(request, "oversight/export.html", said, status=status)


def midnight(said: str, clock: Clock, days: int = 0) -> datetime | None:
    """The start of a day on the company's clock; the end of it is the start of the next."""
    if not said.strip():
        return None
    try:
        day = date.fromisoformat(said.strip()) + timedelta(days=days)
        return datetime.combine(day, time(), zone_named(clock.zone)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise Refused("Give the day as a date, or leave it empty.") from error


@members("staff+")
@require_POST
def settle(request: HttpRequest, text_id: UUID) -> HttpResponse:
    """Somebody looked, or asked the customer: it arrived, or it never left."""
    sent = request.POST.get("sent") == "yes"
    reconcile.settle_by_hand(context_of(request), viewer_of(request), text_id, sent=sent)
    if request.headers.get("X-Lotline") or request.headers.get("HX-Request"):
        return HttpResponse(status=204)
    return back(request)


urlpatterns = [
    path("customers/<uuid:contact_id>/evidence/", export, name="evidence"),
    path("out/<uuid:text_id>/settle/", settle, name="settle"),
]
