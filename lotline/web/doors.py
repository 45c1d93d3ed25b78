"""Doors: who may open a page. Every view of a member is behind `members`, and is listed by it.

A door answers a stranger with the way to sign in (a fragment with a redirect the page follows),
a locked device with the lock, and a role that may not with 403. What a member may see within a
page is the loader's and the action's to decide.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast
from urllib.parse import quote

from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from lotline.core.people.rights import Right, may
from lotline.store.shown import Viewer

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]

ROLES: dict[str, frozenset[str]] = {
    "all": frozenset({"owner", "manager", "staff", "auditor"}),
    "staff+": frozenset({"owner", "manager", "staff"}),
    "manager+": frozenset({"owner", "manager"}),
    "leads": frozenset({"owner", "manager", "auditor"}),
    "owner": frozenset({"owner"}),
    "records": frozenset({"owner", "auditor"}),
}

TABLET_COOKIE = "lotline_tablet"  # what a shared tablet's browser holds
WAY_COOKIE = "lotline_way"  # by whom a browser's person came in; an id that nobody can guess
# What concerns signing in itself asks for more than a few digits.
NOT_BY_PIN = ("/me/security/", "/me/password/", "/me/pin/", "/me/bring/", "/sign-in/")
_BY_PIN = "You switched in by PIN. Sign in with your password or passkey for this page."


def viewer_of(request: HttpRequest) -> Viewer:
    """The member behind this request; only behind a door."""
    viewer: Viewer | None = getattr(request, "viewer", None)
    assert viewer is not None, "a view that asks who looks stands behind a door"
    return viewer


def context_of(request: HttpRequest) -> Any:
    """What this process acts with."""
    return cast("Any", request).lotline


def members(who: str) -> Callable[[View[P]], View[P]]:
    """Let in the members of `who`, send everybody else away.

    `who` names some roles, or one right: then whoever holds it, by role or by its being given.
    """
    allowed = ROLES.get(who)
    right = Right(who) if allowed is None else None

    def guard(view: View[P]) -> View[P]:
        @wraps(view)
        def door(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            viewer: Viewer | None = getattr(request, "viewer", None)
            if viewer is None or not viewer.active:
                return _ended(request) if request.user.is_authenticated else _stranger(request)
            if viewer.locked:
                return send_away(request, "/switch/" if viewer.tablet_id else "/locked/", 423)
            if viewer.by_pin and request.path.startswith(NOT_BY_PIN):
                return render(request, "403.html", {"says": _BY_PIN}, status=403)
            if not (may(viewer.role, right) if right else viewer.role in (allowed or ())):
                return render(request, "403.html", status=403)
            return view(request, *args, **kwargs)

        door.lotline_who = who  # type: ignore[attr-defined]  # the outsiders' test reads it
        return cast("View[P]", door)

    return guard


def _stranger(request: HttpRequest) -> HttpResponse:
    return send_away(request, "/sign-in/", 401)


def _ended(request: HttpRequest) -> HttpResponse:
    """The session outlived its device, or its member was paused: out, and the page says so."""
    logout(request)
    if request.headers.get("HX-Request") or request.headers.get("X-Lotline"):
        return send_away(request, "/sign-in/", 401)
    return render(request, "session/signed_out.html", {"why": "ended"}, status=401)


def send_away(request: HttpRequest, to: str, status: int) -> HttpResponse:
    """A redirect for a page; for a fragment or a script a status with the way in a header."""
    back = request.get_full_path() if request.method == "GET" else ""
    if request.headers.get("HX-Request") or request.headers.get("X-Lotline"):
        response = HttpResponse(status=status)
        response["HX-Redirect"] = "/signed-out/?why=ended" if to == "/sign-in/" else to
        return response
    response = HttpResponse(status=302)
    response["Location"] = f"{to}?next={quote(back)}" if back and back != "/" else to
    return response
