"""Who else is in a conversation, viewing or typing: in memory, for seconds, and never in the way.

A beat lasts a minute for viewing and six seconds for typing. Names are said only to members who
may open the conversation themselves; what travels between processes is ids.

Not here: telling the other processes (`edge.live`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from lotline.actions.errors import NotYours
from lotline.store.inbox import load_row
from lotline.store.shown import Viewer
from lotline.web.doors import context_of, members, viewer_of

_LASTS = {"viewing": timedelta(seconds=60), "typing a reply": timedelta(seconds=6)}


@dataclass(frozen=True, slots=True)
class Person:
    """One member in one conversation."""

    member_id: UUID
    name: str
    hue: int
    doing: str
    until: datetime


_lock = Lock()
_here: dict[tuple[UUID, UUID], dict[UUID, Person]] = {}
_tell: list[Callable[[UUID, UUID, UUID], None]] = []


def on_change(tell: Callable[[UUID, UUID, UUID], None]) -> None:
    """Call this with (group, conversation, line) whenever who is here has changed."""
    _tell.append(tell)


def beat(viewer: Viewer, conversation_id: UUID, line_id: UUID, doing: str, now: datetime) -> bool:
    """Somebody is here; whether others see a change. An empty `doing` means they left."""
    place = (viewer.group_id, conversation_id)
    with _lock:
        people = _here.setdefault(place, {})
        before = people.get(viewer.member_id)
        was = before.doing if before and before.until > now else ""
        if doing in _LASTS:
            until = now + _LASTS[doing]
            people[viewer.member_id] = Person(
                viewer.member_id, viewer.name, viewer.hue, doing, until
            )
        else:
            people.pop(viewer.member_id, None)
        if not people:
            _here.pop(place, None)
    if was != doing:
        for tell in _tell:
            tell(viewer.group_id, conversation_id, line_id)
    return was != doing


def others(viewer: Viewer, conversation_id: UUID, now: datetime) -> list[Person]:
    """Everybody else who is here now, those who type first."""
    with _lock:
        people = list(_here.get((viewer.group_id, conversation_id), {}).values())
    there = [one for one in people if one.until > now and one.member_id != viewer.member_id]
    return sorted(there, key=lambda one: (one.doing != "typing a reply", one.name))[:2]


@members("all")
@require_http_methods(["GET", "POST"])
def here(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """GET: who else is here. POST: that we are, viewing, typing or gone."""
    ctx, viewer = context_of(request), viewer_of(request)
    with ctx.db.transaction(viewer.group_id) as tx:
        row = load_row(tx, viewer, conversation_id)
    if row is None:
        raise NotYours
    if request.method == "POST":
        beat(viewer, conversation_id, row.line_id, request.POST.get("doing", ""), ctx.now())
        return HttpResponse(status=204)
    people = others(viewer, conversation_id, ctx.now())
    return render(request, "desk/_presence.html", {"presence": people})
