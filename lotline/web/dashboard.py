"""The dashboard: what the lines in reach add up to, and the rows behind each number.

Everything asked for is in the address: `range` (days up to today, or two dates), `line` or `store`,
`by` (a member). The same address with `as=csv` is a spreadsheet of the same rows.

Not here: numbers (`store.dashboard`), how they are said and drawn (`dashboard_page`).
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_GET

from lotline.actions.dashboard import see, see_newest, see_rows
from lotline.actions.errors import NotYours
from lotline.store.dashboard import LineOf, Scope
from lotline.store.dashboard_rows import Wanted
from lotline.web.clock import Clock
from lotline.web.current import plain_cell
from lotline.web.dashboard_page import days_said, newest_shown, page_of, sheet_of
from lotline.web.dashboard_query import Query, read_query
from lotline.web.dashboard_rows import KINDS, PAGE, rows_of
from lotline.web.doors import context_of, members, viewer_of

RANGES = (("today", "Today", 1), ("7", "7 days", 7), ("30", "30 days", 30))
SHEET = 5000


def _clock(request: HttpRequest, scope: Scope) -> Clock:
    return Clock(context_of(request).now(), scope.zone)


@members("leads")
@require_GET
def board(request: HttpRequest) -> HttpResponse:
    """The page, or all its numbers as a spreadsheet."""
    ctx, viewer, query = context_of(request), viewer_of(request), read_query(request)
    try:
        seen = see(ctx, viewer, query.asked)
        if request.GET.get("as") == "csv":
            return _sheet("dashboard", sheet_of(seen))
        _, newest = see_newest(ctx, viewer, query.asked)
    except NotYours as error:
        raise Http404 from error
    clock = _clock(request, seen.scope)
    page = page_of(request, seen, query, clock)
    chosen = query.given.get("range", "7")
    ranges = [
        (word, query.address("/dashboard/", range=key), key == chosen) for key, word, _ in RANGES
    ]
    return render(
        request,
        "dashboard/page.html",
        {**page, "ranges": ranges, **_now(request, query, newest, clock), "query": query},
    )


@members("leads")
@require_GET
def now(request: HttpRequest) -> HttpResponse:
    """The newest texts, for a page that stays open."""
    query = read_query(request)
    try:
        scope, newest = see_newest(context_of(request), viewer_of(request), query.asked)
    except NotYours as error:
        raise Http404 from error
    return render(
        request, "dashboard/_now.html", _now(request, query, newest, _clock(request, scope))
    )


def _now(request: HttpRequest, query: Query, newest: Any, clock: Clock) -> dict[str, Any]:
    paused = request.GET.get("live") == "off"
    return {
        "newest": newest_shown(newest, clock),
        "clock": clock,
        "paused": paused,
        "again": query.address("/dashboard/now/"),
        "switch": query.address("/dashboard/", live=None if paused else "off") + "#now",
    }


@members("leads")
@require_GET
def rows(request: HttpRequest, what: str) -> HttpResponse:
    """The rows behind one number."""
    ctx, viewer, query = context_of(request), viewer_of(request), read_query(request)
    what = "held" if what == "blocked" and request.GET.get("what") == "held" else what
    sheet = request.GET.get("as") == "csv"
    try:
        wanted = _wanted(request, what, SHEET if sheet else PAGE + 1)
    except ValueError as error:
        raise Http404 from error
    try:
        scope, found, people, lines = see_rows(ctx, viewer, query.asked, wanted)
    except NotYours as error:
        raise Http404 from error
    clock = _clock(request, scope)
    names = {one.id: one.name for one in people}
    shown = rows_of(what, found, names, {line.id: line.label for line in lines}, clock)
    if sheet:
        return _sheet(KINDS[what].slug, [KINDS[what].heads, *(one.cells for one in shown)])
    by = request.GET.get("by") or None
    extra = {"by": by, "hour": request.GET.get("hour"), "what": request.GET.get("what")}
    older = None
    if len(shown) > PAGE:
        older = query.address(request.path, **extra, skip=str(wanted.skip + PAGE))
    who = names.get(wanted.author_id) if wanted.author_id else None
    return render(
        request,
        "dashboard/rows.html",
        {
            "kind": KINDS[what],
            "rows": [
                (one, list(zip(KINDS[what].heads, one.cells, strict=True))) for one in shown[:PAGE]
            ],
            "older": older,
            "who": who,
            "days": days_said(scope, clock),
            "clock": clock,
            "back": query.address("/dashboard/"),
            "sheet": query.address(request.path, **extra, **{"as": "csv"}),
            "search": _search(what, scope, lines, who, clock),
        },
    )


def _wanted(request: HttpRequest, what: str, limit: int) -> Wanted:
    asked = request.GET
    hour = asked.get("hour")
    return Wanted(
        what,
        UUID(asked["by"]) if asked.get("by") else None,
        int(hour) if hour else None,
        limit,
        max(0, int(asked.get("skip") or 0)),
    )


def _search(what: str, scope: Scope, lines: Sequence[LineOf], who: str | None, clock: Clock) -> str:
    """The same texts, as a search that can be kept."""
    if what != "without":
        return ""
    words = ["consent:none"]
    if who:
        words.append(f'from:"{who}"')
    if len(scope.lines) < len(lines):
        words += [f'line:"{line.label}"' for line in scope.lines]
    words.append(f"after:{scope.first}")
    if scope.last < clock.today:
        words.append(f"before:{scope.last + timedelta(days=1)}")
    return "/search/?" + urlencode({"q": " ".join(words)})


def _sheet(name: str, lines: Iterable[Iterable[object]]) -> HttpResponse:
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    out = csv.writer(answer)
    for line in lines:
        out.writerow([plain_cell(cell) if isinstance(cell, str) else cell for cell in line])
    return answer


urlpatterns = [
    path("dashboard/", board, name="dashboard"),
    path("dashboard/now/", now),
    *(
        path(f"dashboard/{kind.slug}/", rows, {"what": what}, name=f"dashboard_{kind.slug}")
        for what, kind in KINDS.items()
        if what != "held"
    ),
]
