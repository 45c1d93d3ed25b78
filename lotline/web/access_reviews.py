"""The access review: everybody's access on one page, a decision a row, one name under it; a file.

Not here: what signing does (`actions.access_reviews`), changing one member (`team`).
"""

from __future__ import annotations

import csv
from datetime import datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_GET, require_http_methods

from lotline.actions import access_reviews as acts
from lotline.actions.errors import Refused
from lotline.store.access_reviews import Access, load_access, load_past
from lotline.web.doors import context_of, members, viewer_of
from lotline.web.team import house_clock

_HEAD = (
    *("name", "role", "access", "stores", "lines", "rights", "devices", "last_seen", "passkeys"),
    *("second_step", "tokens", "tablet_pins", "last_review", "due"),
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@members("manager+")
@require_http_methods(["GET", "POST"])
def review(request: HttpRequest) -> HttpResponse:
    """Look, decide, sign."""
    ctx, viewer = context_of(request), viewer_of(request)
    problem = ""
    if request.method == "POST":
        try:
            acts.sign_off(ctx, viewer, request.POST.get("name", ""), _decided(request))
        except Refused as refused:
            problem = str(refused)
        else:
            return redirect("/team/access/?signed")
    now = ctx.now()
    with ctx.db.transaction(viewer.group_id) as tx:
        people, past = load_access(tx, viewer, now), load_past(tx, viewer)
    shown = {
        "rows": [(one, request.POST.get(f"do_{one.id}", ""), one.due_at <= now) for one in people],
        "overdue": sum(one.due_at <= now for one in people),
        "next_at": min((one.due_at for one in people), default=None),
        "past": past,
        "signed": "signed" in request.GET,
        "problem": problem,
        "typed": request.POST.get("name", ""),
        "clock": house_clock(request),
    }
    return render(request, "access_reviews/page.html", shown, status=422 if problem else 200)


def _decided(request: HttpRequest) -> dict[UUID, tuple[str, str]]:
    found = {}
    for name, value in request.POST.items():
        if name.startswith("do_"):
            try:
                member_id = UUID(name.removeprefix("do_"))
            except ValueError:
                raise Refused("Decide about people from the list.") from None
            found[member_id] = (str(value), request.POST.get(f"mark_{member_id}", ""))
    return found


@members("manager+")
@require_GET
def review_file(request: HttpRequest) -> HttpResponse:
    """The same rows for a spreadsheet."""
    ctx, viewer = context_of(request), viewer_of(request)
    with ctx.db.transaction(viewer.group_id) as tx:
        people = load_access(tx, viewer, ctx.now())
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="access.csv"'
    out = csv.writer(answer)
    out.writerow(_HEAD)
    for one in people:
        out.writerow([_plain(str(value)) for value in _cells(one)])
    return answer


def _cells(one: Access) -> tuple[object, ...]:
    every = one.role in {"owner", "auditor"}
    return (
        one.name,
        one.role,
        "yes" if one.active else "paused",
        "all" if every else "; ".join(one.stores),
        "all" if every else "; ".join(one.lines),
        "; ".join(one.rights),
        one.devices,
        _iso(one.seen_at),
        "yes" if "webauthn" in one.steps else "no",
        "yes" if one.steps else "no",
        one.tokens,
        one.pins,
        _iso(one.reviewed_at),
        _iso(one.due_at),
    )


def _iso(at: datetime | None) -> str:
    return at.isoformat() if at else ""


def _plain(said: str) -> str:
    """A spreadsheet must not take a name for a formula."""
    return f"'{said}" if said.startswith(_FORMULA) else said


urlpatterns = [
    path("team/access/", review, name="access_review"),
    path("team/access.csv", review_file, name="access_review_file"),
]
