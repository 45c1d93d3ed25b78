"""The switch screen of a shared tablet: type a PIN, tap a name; and the pages that share one.

What makes a browser a shared tablet is a signed cookie that no script reads. Switching ends the
session before it, starts another under a new key, and lets the browser forget what it kept.

Not here: whether a PIN is right (`actions.tablets`), the idle lock (`lock`, `store.viewer`).
"""

from __future__ import annotations

import secrets
from contextlib import suppress
from uuid import UUID

from django.conf import settings
from django.contrib.auth import get_user_model, login, logout
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_http_methods, require_POST

from lotline.actions import devices as device_acts
from lotline.actions import tablets as acts
from lotline.actions.devices import OnTablet
from lotline.actions.errors import Refused
from lotline.store import tablets as store
from lotline.store.tablets import Key
from lotline.web.doors import TABLET_COOKIE, context_of, members, viewer_of
from lotline.web.team import house_clock

_SALT = "lotline.tablet"
_YEAR_S = 366 * 24 * 3600


def key_of(request: HttpRequest) -> Key | None:
    """What this browser holds, if it is a shared tablet's."""
    held = request.COOKIES.get(TABLET_COOKIE, "")
    if not held:
        return None
    try:
        group, tablet, secret = signing.loads(held, salt=_SALT)
        return Key(UUID(group), UUID(tablet), str(secret))
    except (signing.BadSignature, ValueError, TypeError):
        return None


def on_tablet(request: HttpRequest) -> tuple[OnTablet | None, str]:
    """The shared tablet that a session begins on, for whoever opens one, and what it is called."""
    key = key_of(request)
    known = store.find_tablet(context_of(request).db, key) if key else None
    if key is None or known is None:
        return None, ""
    by_pin = bool(getattr(request, "switched_in", False))
    return OnTablet(key.group_id, known.id, by_pin), known.label


@require_http_methods(["GET", "POST"])
def switch(request: HttpRequest) -> HttpResponse:
    """Whose turn is it? Shows the names of those with a PIN here, and nothing of anybody's work."""
    ctx, key = context_of(request), key_of(request)
    known = store.find_tablet(ctx.db, key) if key else None
    if key is None or known is None:
        return redirect("/sign-in/")
    viewer = getattr(request, "viewer", None)
    if request.user.is_authenticated and (viewer is None or viewer.locked):
        _leave(request)  # left alone too long: nobody knows who stands here now
    problem = ""
    if request.method == "POST":
        try:
            member_id = UUID(request.POST.get("member", ""))
        except ValueError:
            member_id = UUID(int=0)
        done = acts.check_pin(ctx, key, member_id, request.POST.get("pin", ""))
        problem = done.problem
        if done.account_id is not None and _begin(request, done.account_id):
            return _forgetting(redirect("/inbox/"))
    shown = {
        "people": store.load_people(ctx.db, key),
        "tablet": known.label,
        "problem": problem,
    }
    return render(request, "tablets/switch.html", shown, status=422 if problem else 200)


def _begin(request: HttpRequest, account_id: UUID) -> bool:
    account = get_user_model().objects.filter(pk=account_id, is_active=True).first()
    if account is None:
        return False
    _leave(request)
    request.switched_in = True  # type: ignore[attr-defined]  # for the device that opens now
    login(request, account, backend=settings.AUTHENTICATION_BACKENDS[0])
    return True


@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    """Whoever is here goes; the switch screen stands in their place."""
    _leave(request)
    return _forgetting(redirect("/switch/"))


def _leave(request: HttpRequest) -> None:
    viewer = getattr(request, "viewer", None)
    if viewer is not None:
        with suppress(Refused):  # it ended meanwhile
            device_acts.end_device(context_of(request), viewer, viewer.device_id, why="switched")
    logout(request)


def _forgetting(answer: HttpResponse) -> HttpResponse:
    answer["Clear-Site-Data"] = '"cache", "storage"'
    return answer


@members("all")
@require_http_methods(["GET", "POST"])
def pin(request: HttpRequest) -> HttpResponse:
    """One's own PIN on this tablet, after a full sign-in here."""
    ctx, viewer = context_of(request), viewer_of(request)
    problem = ""
    if request.method == "POST":
        try:
            acts.set_pin(ctx, viewer, request.POST.get("pin", ""))
        except Refused as refused:
            problem = str(refused)
        else:
            return redirect("/inbox/")
    can = viewer.tablet_id is not None and not viewer.by_pin
    shown = {"problem": problem, "can": can}
    return render(request, "tablets/pin.html", shown, status=422 if problem else 200)


@members("manager+")
@require_http_methods(["GET", "POST"])
def tablets(request: HttpRequest) -> HttpResponse:
    """Which tablets are shared; and this browser can become one."""
    ctx, viewer = context_of(request), viewer_of(request)
    problem = ""
    if request.method == "POST":
        secret = secrets.token_urlsafe(32)
        try:
            tablet_id = acts.share(ctx, viewer, request.POST.get("label", ""), secret)
        except Refused as refused:
            problem = str(refused)
        else:
            return _shared(request, (str(viewer.group_id), str(tablet_id), secret))
    with ctx.db.transaction(viewer.group_id) as tx:
        found = store.load_tablets(tx, viewer)
    shown = {
        "tablets": found,
        "problem": problem,
        "here": viewer.tablet_id,
        "clock": house_clock(request),
    }
    return render(request, "tablets/index.html", shown, status=422 if problem else 200)


def _shared(request: HttpRequest, held: tuple[str, str, str]) -> HttpResponse:
    """Whoever shared it is signed out: from now on everybody begins at the switch screen."""
    _leave(request)
    answer = redirect("/switch/")
    answer.set_cookie(
        TABLET_COOKIE,
        signing.dumps(held, salt=_SALT),
        max_age=_YEAR_S,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )
    return answer


@members("manager+")
@require_POST
def unshare(request: HttpRequest, tablet_id: UUID) -> HttpResponse:
    acts.unshare(context_of(request), viewer_of(request), tablet_id)
    return redirect("/team/tablets/")


urlpatterns = [
    path("switch/", switch, name="switch"),
    path("switch/leave/", leave),
    path("me/pin/", pin),
    path("team/tablets/", tablets, name="tablets"),
    path("team/tablets/<uuid:tablet_id>/end/", unshare),
]
