"""Search by name and number, and the menu that goes to anything: both within the viewer's reach."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from lotline.store.contacts import load_contacts
from lotline.store.members import load_members
from lotline.store.shown import Viewer
from lotline.web.doors import context_of, members, viewer_of
from lotline.web.frame import MORE, RAIL, Place
from lotline.web.words import level


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing the menu can go to."""

    word: str
    href: str
    icon: str
    sub: str = ""


_ACTS = (
    Place("New message", "/new/", "pen", frozenset({"owner", "manager", "staff"})),
    Place("Unassigned conversations", "/inbox/?box=unassigned", "inbox"),
    Place("Waiting conversations", "/inbox/?is=waiting", "clock"),
    Place("Held texts", "/inbox/?box=team&is=held", "clock"),
    Place("Search customers", "/search/", "search"),
    Place("Keys and shortcuts", "/help/keys/", "help"),
)


@members("all")
@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """A search is an address: it can be shared and opened again."""
    q = request.GET.get("q", "").strip()
    rows = _people(request, q, 30) if q else []
    return render(request, "search/page.html", {"q": q, "rows": rows})


@members("all")
@require_GET
def menu(request: HttpRequest) -> HttpResponse:
    """What Ctrl+K shows for what was typed so far."""
    q = request.GET.get("q", "").strip()
    viewer = viewer_of(request)
    hits = _places(viewer, q)
    if len(q) > 1:
        hits = [
            *(
                Hit(
                    row["row"].name,
                    f"/c/{row['row'].conversation_id}/"
                    if row["row"].conversation_id
                    else f"/customers/{row['row'].contact_id}/",
                    "people",
                    row["state"].word,
                )
                for row in _people(request, q, 6)
            ),
            *hits,
        ]
        hits = [*_team(request, q), *hits]
    return render(request, "menu/results.html", {"hits": hits[:12], "q": q})


def _places(viewer: Viewer, q: str) -> list[Hit]:
    words = q.lower().split()
    return [
        Hit(place.word, place.href, place.icon)
        for place in (*_ACTS, *RAIL, *MORE)
        if viewer.role in place.roles and all(word in place.word.lower() for word in words)
    ]


def _team(request: HttpRequest, q: str) -> list[Hit]:
    """Whom the viewer leads: their page, and the quickest way to sign out a phone they lost."""
    ctx, viewer = context_of(request), viewer_of(request)
    if not viewer.leads:
        return []
    with ctx.db.transaction(viewer.group_id) as tx:
        people = load_members(tx, viewer, ctx.now())
    hits = [
        hit
        for one in people
        for hit in (
            Hit(f"Lost phone: {one.name}", f"/team/lost/{one.id}/", "phone"),
            Hit(one.name, f"/team/{one.id}/", "people", one.role.capitalize()),
        )
    ]
    words = q.lower().split()
    return [hit for hit in hits if all(word in hit.word.lower() for word in words)]


def _people(request: HttpRequest, q: str, limit: int) -> list[dict[str, Any]]:
    ctx, viewer = context_of(request), viewer_of(request)
    with ctx.db.transaction(viewer.group_id) as tx:
        rows, _ = load_contacts(tx, viewer, q=q, limit=limit)
    return [{"row": row, "state": level(row.level)} for row in rows]
