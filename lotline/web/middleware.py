"""What every request passes through: an id, who is looking, nothing kept, and no in words.

Who looks is asked anew at every request, so an ended device is nobody at once (P6). Each view
says itself whom it lets in (`doors.members`); this only finds out who is there.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.cache import patch_vary_headers

from lotline.actions import devices
from lotline.actions.errors import NotAllowed, NotYours, Refused
from lotline.store.shown import Viewer
from lotline.store.viewer import load_viewer
from lotline.web.context import the_context
from lotline.web.doors import members

Next = Callable[[HttpRequest], HttpResponse]
log = logging.getLogger("lotline.web")
_SELDOM = timedelta(seconds=30)
_MOST = 10_000
_touched: dict[UUID, datetime] = {}
_ID = re.compile(r"^[A-Za-z0-9-]{8,64}$")


def request_id(following: Next) -> Next:
    """The proxy's id when it gave a plain one, else ours; in the answer, for people to quote."""

    def answer(request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-Id", "")
        request.lotline = context = the_context()  # type: ignore[attr-defined]  # our one addition
        request.request_id = given if _ID.match(given) else context.new_id().hex  # type: ignore[attr-defined]  # ditto
        response = following(request)
        response["X-Request-Id"] = request.request_id  # type: ignore[attr-defined]  # set above
        return response

    return answer


def no_nul(following: Next) -> Next:
    """No database keeps a NUL, whichever field it came in, so it is replaced before any view.

    The carriers' hooks do the same. Nobody types one; a paste from a broken file may hold one,
    and its other words are kept.
    """

    def answer(request: HttpRequest) -> HttpResponse:
        return following(request)

    def process_view(request: HttpRequest, *view: Any) -> None:
        del view
        for name in ("GET", "POST"):
            given: QueryDict = getattr(request, name)
            if any("\0" in one for field in given.lists() for one in (field[0], *field[1])):
                setattr(request, name, _without_nul(given))

    answer.process_view = process_view  # type: ignore[attr-defined]  # Django's hook
    return answer


def _without_nul(given: QueryDict) -> QueryDict:
    kept = QueryDict(mutable=True)
    for name, values in given.lists():
        kept.setlist(name.replace("\0", "\ufffd"), [one.replace("\0", "\ufffd") for one in values])
    kept._mutable = False  # noqa: SLF001 - Django's own way to close a QueryDict
    return kept


def no_store(following: Next) -> Next:
    """Nothing of a page is kept by the browser or on the way; static files say otherwise."""

    def answer(request: HttpRequest) -> HttpResponse:
        response = following(request)
        if "Cache-Control" not in response:
            response["Cache-Control"] = "no-store"
        patch_vary_headers(response, ["Cookie", "HX-Request"])
        return response

    return answer


def who_is_looking(following: Next) -> Next:
    """`request.viewer`: the member behind this device, or None."""

    def answer(request: HttpRequest) -> HttpResponse:
        request.viewer = viewer = find_viewer(request)  # type: ignore[attr-defined]  # our one addition
        if viewer is not None and viewer.active and not viewer.locked and _by_hand(request):
            _touch(request, viewer)
        return following(request)

    answer.process_view = stand_before_the_library  # type: ignore[attr-defined]  # Django's hook
    return answer


def stand_before_the_library(
    request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
) -> HttpResponse | None:
    """The sign-in library's pages know accounts and no devices, so our door stands before them."""
    del args, kwargs
    if not view.__module__.startswith("allauth.") or not request.user.is_authenticated:
        return None

    def go_on(_request: HttpRequest) -> Any:
        return None

    return members("all")(go_on)(request)


def _by_hand(request: HttpRequest) -> bool:
    """Whether a person did this, rather than a page keeping itself true."""
    return request.headers.get("X-Lotline") != "live" and not request.path.endswith("/here/")


def _touch(request: HttpRequest, viewer: Viewer) -> None:
    """The idle lock waits again; written at most twice a minute for a device."""
    ctx = cast("Any", request).lotline
    now = ctx.now()
    if now - _touched.get(viewer.device_id, now - _SELDOM) >= _SELDOM:
        if len(_touched) > _MOST:
            _touched.clear()
        _touched[viewer.device_id] = now
        devices.touch(ctx, viewer)


def find_viewer(request: HttpRequest) -> Viewer | None:
    """A signed-in account whose device is still open."""
    user = request.user
    if not user.is_authenticated or not request.session.session_key:
        return None
    ctx = cast("Any", request).lotline
    return load_viewer(ctx.db, user.pk, request.session.session_key, ctx.now())


def said_no(following: Next) -> Next:
    """An action's no becomes a page: not there, not allowed and by whom, or refused and why."""

    def answer(request: HttpRequest) -> HttpResponse:
        return following(request)

    def process_exception(request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, NotYours):
            return render(request, "404.html", status=404)
        if isinstance(error, NotAllowed):
            return render(request, "403.html", {"says": str(error)}, status=403)
        if isinstance(error, Refused):
            return render(request, "pages/refused.html", {"says": str(error)}, status=422)
        if not isinstance(error, Http404):
            seen = {"request_id": getattr(request, "request_id", "")}
            log.error("a page failed", exc_info=error, extra=seen)
        return None

    answer.process_exception = process_exception  # type: ignore[attr-defined]  # Django's hook
    return answer
