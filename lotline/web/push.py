"""Notices on this device: turned on and off and tried from one's own page; the owner sets the most.

The browser is asked only after a press there, and what it answers is kept for this session alone.

Not here: whom a notice is for (`actions.push`), what the browser does with it (`sw.js`).
"""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_http_methods, require_POST

from lotline.actions import push as acts
from lotline.actions.errors import Refused
from lotline.actions.members import choose
from lotline.core.people.push import Detail, detail_of
from lotline.web.doors import context_of, members, viewer_of

LONGEST = 4000
SAYS = {
    Detail.NONE: "Only that a text waits",
    Detail.LINE: "The line it came to",
    Detail.INITIALS: "The line and the customer’s initials",
}


def shown(request: HttpRequest) -> dict[str, Any]:
    """What one's own page says of notices; nothing for who takes none."""
    offer = acts.offer(context_of(request), viewer_of(request))
    if offer is None:
        return {}
    return {
        "key": offer.key,
        "on": offer.on,
        "chosen": offer.chosen,
        "choices": [(one, SAYS[one]) for one in offer.choices],
        "capped": len(offer.choices) < len(SAYS),
    }


@members("staff+")
@require_POST
def turn_on(request: HttpRequest) -> HttpResponse:
    """What the browser said of itself, sent by our script."""
    try:
        said = json.loads(request.POST.get("said", "")[:LONGEST])
    except ValueError:
        said = None
    try:
        acts.subscribe(
            context_of(request), viewer_of(request), said if isinstance(said, dict) else {}
        )
    except Refused as refused:
        return HttpResponse(refused.says, status=422, content_type="text/plain; charset=utf-8")
    return HttpResponse(status=204)


@members("staff+")
@require_POST
def turn_off(request: HttpRequest) -> HttpResponse:
    acts.unsubscribe(context_of(request), viewer_of(request))
    return redirect("/me/#push-h")


@members("staff+")
@require_POST
def try_it(request: HttpRequest) -> HttpResponse:
    """Sent by the worker within a second, on the way that every notice goes."""
    try:
        acts.try_own(context_of(request), viewer_of(request))
    except Refused:
        return redirect("/me/#push-h")
    return redirect("/me/?tried#push-h")


@members("staff+")
@require_POST
def choice(request: HttpRequest) -> HttpResponse:
    """What one's own notices say, up to what the owner allows."""
    asked = request.POST.get("notify", "")
    if asked in list(Detail):
        choose(context_of(request), viewer_of(request), notify=asked)
    return redirect("/me/?saved#push-h")


@members("owner")
@require_http_methods(["GET", "POST"])
def most(request: HttpRequest) -> HttpResponse:
    """The most that anybody's notices may say."""
    viewer, problem = viewer_of(request), ""
    if request.method == "POST":
        try:
            acts.limit(context_of(request), viewer, request.POST.get("most", ""))
            return redirect("/settings/push/?saved")
        except Refused as refused:
            problem = refused.says
    page = {
        "choices": SAYS.items(),
        "chosen": detail_of(Detail.INITIALS, viewer.group_settings.get("notify_most")),
        "problem": problem,
        "saved": "saved" in request.GET,
    }
    return render(request, "push/most.html", page, status=422 if problem else 200)


urlpatterns = [
    path("me/push/", turn_on, name="push_on"),
    path("me/push/off/", turn_off, name="push_off"),
    path("me/push/test/", try_it, name="push_test"),
    path("me/push/choice/", choice, name="push_choice"),
    path("settings/push/", most, name="push_most"),
]
