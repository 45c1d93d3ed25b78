"""Pages of no area: the way in, locked, errors, keys, More, theme, and what a browser asks for.

The service worker and the offline page hold no data of anyone: they are the same for everybody.
"""

from __future__ import annotations

import sys
from hashlib import sha256
from importlib import resources
from typing import Any

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.views.decorators.http import require_GET, require_POST

from lotline.actions import devices
from lotline.actions.members import choose
from lotline.store.database import Crossed, Unavailable
from lotline.web.assets import scripts, sheets
from lotline.web.doors import context_of, members, viewer_of
from lotline.web.frame import THEMES
from lotline.web.handling import back

BUSY_S = 5


@require_GET
def start(request: HttpRequest) -> HttpResponse:
    """The bare address: the inbox for whoever is signed in."""
    return redirect("/inbox/" if getattr(request, "viewer", None) else "/sign-in/")


@members("all")
@require_GET
def more(request: HttpRequest) -> HttpResponse:
    """The phone's last tab."""
    return render(request, "pages/more.html")


@members("all")
@require_GET
def keys(request: HttpRequest) -> HttpResponse:
    """Every shortcut, as a page and as the dialog that `?` opens."""
    part = bool(request.headers.get("X-Lotline"))
    return render(request, "pages/_keys.html" if part else "pages/keys.html", {"keys": KEYS})


@members("all")
@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Light, dark, or as the device is."""
    chosen = request.POST.get("theme", "")
    if chosen in THEMES:
        choose(context_of(request), viewer_of(request), theme=chosen)
    return back(request)


@members("all")
@require_POST
def here(request: HttpRequest) -> HttpResponse:
    """Somebody is at this device: the idle lock waits again."""
    devices.touch(context_of(request), viewer_of(request))
    return HttpResponse(status=204)


@require_POST
def lock(request: HttpRequest) -> HttpResponse:
    """Left alone too long, said by the page itself; the server also finds out by itself."""
    viewer = getattr(request, "viewer", None)
    if viewer is not None and viewer.active and not viewer.locked:
        devices.lock(context_of(request), viewer)
    if request.headers.get("X-Lotline"):
        return HttpResponse(status=204)
    return redirect("/locked/")


@require_GET
def manifest(_request: HttpRequest) -> HttpResponse:
    """What a phone needs to put us on its home screen."""
    said: dict[str, Any] = {
        "id": "/",
        "name": "Lotline",
        "short_name": "Lotline",
        "start_url": "/inbox/",
        "scope": "/",
        "display": "standalone",
        "background_color": "#f6f8fb",
        "theme_color": "#1b2440",
        "icons": [
            {"src": static("icon-192.png"), "sizes": "192x192", "type": "image/png"},
            {"src": static("icon-512.png"), "sizes": "512x512", "type": "image/png"},
            {
                "src": static("icon-mask.png"),
                "sizes": "512x512",
                "type": "image/png",
                "purpose": "maskable",
            },
        ],
        "shortcuts": [{"name": "New message", "url": "/new/"}],
    }
    response = JsonResponse(said, content_type="application/manifest+json")
    response["Cache-Control"] = "public, max-age=3600"
    return response


@require_GET
def worker(_request: HttpRequest) -> HttpResponse:
    """The service worker, with the files it may keep: styles, scripts, icons, the offline page."""
    kept = [
        *sheets(),
        *scripts(),
        static("css/dark.css"),
        static("icons.svg"),
        static("favicon.svg"),
        "/offline.html",
    ]
    body = resources.files("lotline.web").joinpath("sw.js").read_text(encoding="utf-8")
    listed = ",".join(f'"{path}"' for path in kept)
    response = HttpResponse(
        body.replace("/*KEPT*/", listed)
        .replace("ICON", static("icon-192.png"))
        .replace("VERSION", sha256(listed.encode()).hexdigest()[:12]),
        content_type="text/javascript; charset=utf-8",
    )
    response["Service-Worker-Allowed"] = "/"
    response["Cache-Control"] = "no-cache"
    return response


@require_GET
def offline(request: HttpRequest) -> HttpResponse:
    """What the service worker shows when there is no network."""
    response = render(request, "pages/offline.html")
    response["Cache-Control"] = "public, max-age=3600"
    return response


@require_GET
def favicon(_request: HttpRequest) -> HttpResponse:
    return redirect(static("favicon.svg"), permanent=True)


def csrf_refused(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001 - Django's call
    """A form that was open too long, or did not come from here."""
    return render(request, "pages/stale_form.html", status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 - ditto
    return render(request, "404.html", status=404)


def failed(request: HttpRequest) -> HttpResponse:
    """Something of ours broke: what was typed is not lost, and there is an id to quote.

    No database, or none with a moment to spare: that is busy, and whoever asks may come back.
    """
    busy = isinstance(sys.exc_info()[1], Unavailable | Crossed | DatabaseError)
    said = {
        "busy": busy,
        "error_id": getattr(request, "request_id", "")[:12],
        "kept": request.POST.get("body", ""),
        "client_id": request.POST.get("client_id", ""),  # sent again, it is the same tap
    }
    response = render(request, "500.html", said, status=503 if busy else 500)
    if busy:
        response["Retry-After"] = str(BUSY_S)
    return response


KEYS = (
    (
        "Anywhere",
        (
            ("?", "Show these keys"),
            ("Ctrl K", "Go to anything"),
            ("/", "Search"),
            ("g then i", "Inbox"),
            ("g then c", "Customers"),
            ("g then d", "Dashboard"),
            ("g then r", "Review"),
            ("g then t", "Team"),
            ("g then l", "Rules"),
            ("g then s", "Templates"),
        ),
    ),
    (
        "In the list",
        (
            ("j k", "Next and previous conversation"),
            ("Enter", "Open"),
            ("x", "Pick for several at once"),
            ("n", "Next unread"),
            ("c", "New message"),
            ("1 2 3", "Mine, Unassigned, Team"),
        ),
    ),
    (
        "In a conversation",
        (
            ("r", "Write"),
            ("e", "Done"),
            ("u", "Mark unread"),
            ("s", "Snooze"),
            ("i", "Customer and consent"),
            ("f", "Flag a text for review"),
            ("[", "Back to the list"),
            ("/ in the box", "Insert a template"),
            ("Ctrl Enter", "Send"),
            ("Ctrl Z in an empty box", "Take back what was just sent"),
            ("Esc", "Leave the box, the draft is kept"),
        ),
    ),
)
