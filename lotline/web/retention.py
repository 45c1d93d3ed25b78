"""Retention, as a page: how long each class of records is kept, why, and what would go now.

Not here: the periods and their sources (`core.oversight.retention`), the retiring (`actions`).
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_http_methods

from lotline.actions.errors import Refused
from lotline.actions.retention import choose, foresee
from lotline.core.oversight.retention import load_along, load_records
from lotline.core.people.roles import may_change_rules
from lotline.store.holds import count_holds
from lotline.web.doors import context_of, members, viewer_of
from lotline.web.rooms import rooms_of
from lotline.web.team import house_clock


@members("records")
@require_http_methods(["GET", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    """What would go at the worker's next round stands beside each class: nothing here removes."""
    ctx, viewer = context_of(request), viewer_of(request)
    problem = ""
    if request.method == "POST":
        try:
            choose(ctx, viewer, request.POST.get("class", ""), _months(request))
        except Refused as refused:
            problem = str(refused)
        else:
            return HttpResponseRedirect("/audit/retention/")
    with ctx.db.transaction(viewer.group_id) as tx:
        holds = count_holds(tx)
    page = {
        "classes": foresee(ctx, viewer.group_id),
        "along": load_along(),
        "kept": load_records()[1],
        "holds": holds,
        "problem": problem,
        "may": may_change_rules(viewer.role),
        "clock": house_clock(request),
        "rooms": rooms_of(viewer),
    }
    return render(request, "oversight/retention.html", page, status=422 if problem else 200)


def _months(request: HttpRequest) -> int | None:
    """None is for ever: an empty field."""
    said = request.POST.get("months", "").strip()
    if not said:
        return None
    if not said.isdecimal() or len(said) > 6:
        raise Refused("Give months as a number, or leave it empty to keep it for ever.")
    return int(said)


urlpatterns = [path("audit/retention/", index, name="retention")]
