"""The ledger, to look through: what is in it, by whom and when, and when all of it was checked.

Not here: what an entry says in full (`oversight`, an export), the check (`actions.check`).
"""

from __future__ import annotations

from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_GET, require_POST

from lotline.actions import check
from lotline.actions.errors import Refused
from lotline.core.ledger.leaf import LeafKind
from lotline.store.audit import PAGE, Wanted, load_check, load_doers, load_entries
from lotline.store.walk import load_extent
from lotline.web.clock import Clock
from lotline.web.doors import context_of, members, viewer_of
from lotline.web.oversight import midnight
from lotline.web.rooms import rooms_of
from lotline.web.team import house_clock

KINDS = [(kind.value, kind.value.replace("_", " ").capitalize()) for kind in LeafKind]


def _wanted(request: HttpRequest, clock: Clock) -> Wanted:
    asked = request.GET
    kind, who, before = asked.get("kind", ""), asked.get("who", ""), asked.get("before", "")
    try:
        return Wanted(
            kind=LeafKind(kind) if kind else None,
            member_id=UUID(who) if who else None,
            since=midnight(asked.get("since", ""), clock),
            until=midnight(asked.get("until", ""), clock, days=1),
            before=int(before) if before.isdecimal() and len(before) < 18 else None,
        )
    except ValueError as error:
        raise Refused("There is no such kind or member.") from error


@members("records")
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """The newest first, fifty at a time."""
    ctx, viewer, clock = context_of(request), viewer_of(request), house_clock(request)
    problem, wanted = "", Wanted()
    try:
        wanted = _wanted(request, clock)
    except Refused as refused:
        problem = str(refused)
    with ctx.db.transaction(viewer.group_id) as tx:
        found = load_entries(tx, viewer, wanted)
        said = {
            "size": f"{load_extent(tx).size:,}",
            "check": load_check(tx),
            "doers": [(str(member), name) for member, name in load_doers(tx, viewer)],
        }
    asked = {
        name: request.GET[name]
        for name in ("kind", "who", "since", "until")
        if request.GET.get(name)
    }
    older = ""
    if len(found) > PAGE:
        older = "?" + urlencode({**asked, "before": found[PAGE - 1].place})
    page = {"entries": found[:PAGE], "kinds": KINDS, "asked": asked, "older": older}
    return render(
        request,
        "oversight/audit.html",
        {
            **said,
            **page,
            "clock": clock,
            "problem": problem,
            "owner": viewer.role == "owner",
            "rooms": rooms_of(viewer),
        },
        status=422 if problem else 200,
    )


@members("owner")
@require_POST
def check_now(request: HttpRequest) -> HttpResponse:
    """All of it, now."""
    check.check_by_hand(context_of(request), viewer_of(request))
    return HttpResponseRedirect("/audit/")


urlpatterns = [
    path("audit/", index, name="audit"),
    path("audit/check/", check_now),
]
