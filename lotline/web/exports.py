"""Exports: evidence about a customer, a member or a line, asked for in one form; and what left.

Not here: what is in it (`actions.evidence`, `actions.evidence_many`), checking one
(`lotline verify`).
"""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING
from uuid import UUID

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_http_methods, require_POST

from lotline.actions.errors import NotYours, Refused
from lotline.actions.evidence import Asked, export_evidence
from lotline.actions.evidence_many import export_line, export_member
from lotline.actions.scheduled import choose
from lotline.core.base.numbers import BadNumber, parse_number
from lotline.core.oversight.package import pack_evidence
from lotline.core.people.roles import may_change_rules
from lotline.store.audit import load_check, load_doers
from lotline.store.contacts import find_contact
from lotline.store.exports import load_left
from lotline.store.lines import load_lines
from lotline.store.members import load_members
from lotline.store.scheduled import load_condition
from lotline.web.clock import Clock
from lotline.web.doors import context_of, members, viewer_of
from lotline.web.ids import need_id, read_id
from lotline.web.oversight import midnight
from lotline.web.rooms import rooms_of
from lotline.web.team import house_clock

if TYPE_CHECKING:
    from datetime import datetime

    from lotline.core.oversight.paper import Size
    from lotline.store.database import Tx
    from lotline.store.shown import Viewer

PAGE = 50
NOBODY = "Nobody here has that number."


@members("evidence")
@require_http_methods(["GET", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    """The form, and what left before, newest first."""
    clock = house_clock(request)
    if request.method == "POST":
        try:
            export_id, file = _made(request, clock)
        except Refused as refused:
            return _page(request, clock, str(refused))
        return _answer(export_id, file)
    return _page(request, clock)


def _page(request: HttpRequest, clock: Clock, problem: str = "") -> HttpResponse:
    ctx, viewer = context_of(request), viewer_of(request)
    last = read_id(request.GET.get("before", ""))
    with ctx.db.transaction(viewer.group_id) as tx:
        scheduled = load_condition(tx)
        left = load_left(tx, viewer, last, PAGE + 1)
        said = {
            "check": load_check(tx),
            "doers": _whom(tx, viewer, ctx.now()),
            "lines": load_lines(tx, viewer),
            "all": viewer.sees_all,
            "scheduled": scheduled,
            "folder": ctx.settings.exports,
            "may": may_change_rules(viewer.role),
        }
    older = f"?before={left[PAGE - 1].id}" if len(left) > PAGE else ""
    page = {"left": left[:PAGE], "older": older, "asked": request.POST, "problem": problem}
    return render(
        request,
        "oversight/exports.html",
        {**said, **page, "clock": clock, "rooms": rooms_of(viewer)},
        status=422 if problem else 200,
    )


def _whom(tx: Tx, viewer: Viewer, now: datetime) -> list[tuple[str, str]]:
    """Whose texts may be asked for: everybody's who ever worked here, or theirs who are within
    reach.
    """
    if viewer.sees_all:
        return [(str(one), name) for one, name in load_doers(tx, viewer)]
    return [(str(one.id), one.name) for one in load_members(tx, viewer, now)]


def _made(request: HttpRequest, clock: Clock) -> tuple[UUID, BytesIO]:
    ctx, viewer, form = context_of(request), viewer_of(request), request.POST
    size: Size = "a4" if form.get("size") == "a4" else "letter"
    asked = Asked(
        form.get("purpose", ""),
        texts=form.get("what") != "consent",
        since=midnight(form.get("since", ""), clock),
        until=midnight(form.get("until", ""), clock, days=1),
        paper=size,
    )
    kind = form.get("about", "")
    if kind == "customer":
        try:
            one = export_evidence(
                ctx,
                viewer,
                _customer(request, form.get("number", "")),
                purpose=asked.purpose,
                texts=asked.texts,
                since=asked.since,
                until=asked.until,
            )
        except NotYours:
            raise Refused(NOBODY) from None  # whose number it is elsewhere is not theirs to know
        packed = pack_evidence(one.data, made_at=one.made_at, size=size)
        return one.export_id, BytesIO(packed)
    if kind not in {"member", "line"}:
        raise Refused("Choose whom or what it is about.")
    chosen = need_id(
        form.get(kind, ""), "Choose a member." if kind == "member" else "Choose a line."
    )
    many = (export_member if kind == "member" else export_line)(ctx, viewer, chosen, asked)
    return many.export_id, many.file


def _customer(request: HttpRequest, typed: str) -> UUID:
    ctx, viewer = context_of(request), viewer_of(request)
    try:
        number = parse_number(typed).e164
    except BadNumber as error:
        raise Refused(str(error)) from error
    with ctx.db.transaction(viewer.group_id) as tx:
        found = find_contact(tx, number)
    if found is None:
        raise Refused(NOBODY)
    return found.contact_id


def _answer(export_id: UUID, file: BytesIO) -> HttpResponse:
    answer = FileResponse(file, content_type="application/zip")
    answer["Content-Disposition"] = f'attachment; filename="evidence-{export_id}.zip"'
    answer["Content-Length"] = str(file.getbuffer().nbytes)
    return answer  # type: ignore[return-value]  # a streaming answer, as Django's views may give


@members("owner")
@require_POST
def schedule(request: HttpRequest) -> HttpResponse:
    """How often evidence leaves by the clock."""
    form = request.POST
    choose(
        context_of(request),
        viewer_of(request),
        form.get("every", ""),
        texts=form.get("texts") == "yes",
    )
    return HttpResponseRedirect("/audit/exports/")


urlpatterns = [
    path("audit/exports/", index, name="exports"),
    path("audit/exports/schedule/", schedule),
]
