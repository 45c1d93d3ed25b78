"""One's own page: how long undo waits, shortcuts, density, sign-in, one's own devices.

Not here: the theme's switch (it stands in the account menu), notices (`push`), anybody else's
page (`team`).
"""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_POST

from lotline.actions import devices as device_acts
from lotline.actions import members as member_acts
from lotline.store.devices import load_devices
from lotline.web import push
from lotline.web.doors import context_of, members, viewer_of
from lotline.web.team import house_clock

UNDO_S = (10, 30, 60)


@members("all")
def me(request: HttpRequest) -> HttpResponse:
    ctx, viewer = context_of(request), viewer_of(request)
    with ctx.db.transaction(viewer.group_id) as tx:
        sessions = load_devices(tx, viewer, viewer.member_id, ctx.now())
    return render(
        request,
        "me/me.html",
        {
            "sessions": sessions,
            "clock": house_clock(request),
            "undo_choices": UNDO_S,
            "saved": "saved" in request.GET,
            "push": push.shown(request),
            "tried": "tried" in request.GET,
        },
    )


@members("all")
@require_POST
def choose(request: HttpRequest) -> HttpResponse:
    """Keep one's choices; what is not among the choices is not kept."""
    asked = request.POST.get("undo_s", "")
    undo_s = int(asked) if asked.isdigit() and int(asked) in UNDO_S else UNDO_S[0]
    member_acts.choose(
        context_of(request),
        viewer_of(request),
        undo_s=undo_s,
        shortcuts=bool(request.POST.get("shortcuts")),
        enter_sends=bool(request.POST.get("enter_sends")),
    )
    return redirect("/me/?saved")


@members("all")
@require_POST
def end_own(request: HttpRequest, device_id: UUID) -> HttpResponse:
    """Sign out one of one's own devices; anybody else's is not there."""
    ctx, viewer = context_of(request), viewer_of(request)
    with ctx.db.transaction(viewer.group_id) as tx:
        own = {one.id for one in load_devices(tx, viewer, viewer.member_id, ctx.now())}
    if device_id not in own:
        return render(request, "404.html", status=404)
    device_acts.end_device(ctx, viewer, device_id)
    return redirect("/me/")


urlpatterns = [
    path("me/", me, name="me"),
    path("me/choices/", choose, name="me_choices"),
    path("me/devices/<uuid:device_id>/end/", end_own, name="me_device_end"),
]
