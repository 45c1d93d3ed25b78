"""Legal holds, as a page: what may not go and on whose word, and which erasures wait for it.

Not here: what a hold keeps (`actions.holds`), how long the rest is kept (`retention`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_http_methods, require_POST

from lotline.actions import holds
from lotline.actions.errors import Refused
from lotline.core.base.numbers import BadNumber, parse_number
from lotline.core.people.roles import may_erase
from lotline.store.audit import load_doers
from lotline.store.contacts import find_contact
from lotline.store.holds import load_holds, load_waiting
from lotline.store.lines import load_lines
from lotline.web.doors import context_of, members, viewer_of
from lotline.web.ids import need_id
from lotline.web.rooms import rooms_of
from lotline.web.team import house_clock

if TYPE_CHECKING:
    from lotline.store.database import Tx


@members("records")
@require_http_methods(["GET", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    """Those that stand, those that were lifted, and the form for a new one."""
    ctx, viewer = context_of(request), viewer_of(request)
    problem = ""
    if request.method == "POST":
        form = request.POST
        try:
            kind = form.get("kind", "")
            with ctx.db.transaction(viewer.group_id) as tx:
                subject = _subject(tx, request, kind)
            reason, counsel = form.get("reason", ""), form.get("counsel", "")
            holds.place_hold(ctx, viewer, kind, subject, reason=reason, counsel=counsel)
        except Refused as refused:
            problem = str(refused)
        else:
            return HttpResponseRedirect("/audit/holds/")
    with ctx.db.transaction(viewer.group_id) as tx:
        said = {
            "holds": load_holds(tx, viewer),
            "waiting": load_waiting(tx),
            "doers": [(str(one), name) for one, name in load_doers(tx, viewer)],
            "lines": load_lines(tx, viewer),
        }
    more = {"asked": request.POST, "problem": problem, "may": may_erase(viewer.role)}
    page = {**said, **more, "clock": house_clock(request), "rooms": rooms_of(viewer_of(request))}
    return render(request, "oversight/holds.html", page, status=422 if problem else 200)


def _subject(tx: Tx, request: HttpRequest, kind: str) -> UUID | None:
    form = request.POST
    if kind == "customer":
        try:
            number = parse_number(form.get("number", "")).e164
        except BadNumber as error:
            raise Refused(str(error)) from error
        found = find_contact(tx, number)
        if found is None:
            raise Refused("Nobody here has that number.")
        return found.contact_id
    if kind in {"member", "line"}:
        return need_id(form.get(kind, ""), f"Choose a {kind}.")
    return None


@members("owner")
@require_POST
def lift(request: HttpRequest, hold_id: UUID) -> HttpResponse:
    """It ends, and why is kept."""
    reason = request.POST.get("reason", "")
    holds.lift_hold(context_of(request), viewer_of(request), hold_id, reason=reason)
    return HttpResponseRedirect("/audit/holds/")


urlpatterns = [
    path("audit/holds/", index, name="holds"),
    path("audit/holds/<uuid:hold_id>/lift/", lift),
]
