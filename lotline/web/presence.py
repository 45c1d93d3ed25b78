"""Who else is in a conversation, viewing or typing: in memory, for seconds, and never in the way.

A beat lasts a minute for viewing and six seconds for typing. It is told to every process of every
host through the database, as ids; names are looked up where they are shown, and only for members
who may open the conversation themselves.

Not here: listening for the beats of others (`edge.listen`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import TYPE_CHECKING
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from lotline.actions.errors import NotYours
from lotline.store.events import tell_here
from lotline.store.inbox import load_row
from lotline.store.members import load_names
from lotline.store.shown import Viewer
from lotline.web.doors import context_of, members, viewer_of

if TYPE_CHECKING:
    from lotline.actions.context import Context

_LASTS = {"viewing": timedelta(seconds=60), "typing a reply": timedelta(seconds=6)}
_WORDS = {"v": "viewing", "t": "typing a reply", "-": ""}  # as they travel
_LETTERS = {word: letter for letter, word in _WORDS.items()}
_MOST = 20_000  # places that are remembered; beyond it those that are over are forgotten


@dataclass(frozen=True, slots=True)
class Person:
    """One member in one conversation."""

    member_id: UUID
    name: str
    hue: int
    doing: str


@dataclass(frozen=True, slots=True)
class Beat:
    """One member's last word on where they are."""

    member_id: UUID
    doing: str
    until: datetime


_lock = Lock()
_here: dict[tuple[UUID, UUID], dict[UUID, Beat]] = {}
_tell: list[Callable[[UUID, UUID, UUID], None]] = []


def on_change(tell: Callable[[UUID, UUID, UUID], None]) -> None:
    """Call this with (group, conversation, line) whenever who is here has changed."""
    _tell.append(tell)


def beat(ctx: Context, viewer: Viewer, conversation_id: UUID, line_id: UUID, doing: str) -> None:
    """Somebody is here. An empty `doing`, or one that we do not know, means that they left."""
    now = ctx.now()
    letter = _LETTERS.get(doing, "-")
    until = now + _LASTS.get(doing, timedelta())
    stamp = f"{until.timestamp():.3f}"
    _take(viewer.group_id, conversation_id, line_id, Beat(viewer.member_id, _WORDS[letter], until))
    with ctx.db.transaction(viewer.group_id) as tx:
        tell_here(tx, conversation_id, line_id, viewer.member_id, letter, stamp)


def hear(payload: str) -> None:
    """A beat that some process told, this one perhaps."""
    try:
        group, conversation, line, member, letter, stamp = payload.split(" ")
        until = datetime.fromtimestamp(float(stamp), tz=UTC)
        said = Beat(UUID(member), _WORDS[letter], until)
        _take(UUID(group), UUID(conversation), UUID(line), said)
    except (ValueError, KeyError, OverflowError):
        return  # of another version of ours: presence may be missing for a moment


def others(ctx: Context, viewer: Viewer, conversation_id: UUID, now: datetime) -> list[Person]:
    """Everybody else who is here now, those who type first."""
    with _lock:
        beats = list(_here.get((viewer.group_id, conversation_id), {}).values())
    there = [one for one in beats if one.until > now and one.member_id != viewer.member_id]
    if not there:
        return []
    with ctx.db.transaction(viewer.group_id) as tx:
        names = load_names(tx, (one.member_id for one in there))
    people = [
        Person(one.member_id, *names[one.member_id], one.doing)
        for one in there
        if one.member_id in names
    ]
    return sorted(people, key=lambda one: (one.doing != "typing a reply", one.name))[:2]


def _take(group_id: UUID, conversation_id: UUID, line_id: UUID, said: Beat) -> None:
    place = (group_id, conversation_id)
    with _lock:
        people = _here.setdefault(place, {})
        before = people.get(said.member_id)
        was = before.doing if before is not None and before.until > _start_of(said) else ""
        if said.doing:
            people[said.member_id] = said
        else:
            people.pop(said.member_id, None)
        if not people:
            _here.pop(place, None)
        if len(_here) > _MOST:
            _forget_before(_start_of(said))
    if was != said.doing:
        for tell in _tell:
            tell(group_id, conversation_id, line_id)


def _start_of(said: Beat) -> datetime:
    """When it was said: the clock of whoever said it, which is ours or near to it."""
    return said.until - _LASTS.get(said.doing, timedelta())


def _forget_before(now: datetime) -> None:
    for place in [
        one for one, people in _here.items() if all(b.until < now for b in people.values())
    ]:
        del _here[place]


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
        doing = request.POST.get("doing", "")
        beat(ctx, viewer, conversation_id, row.line_id, doing)
        return HttpResponse(status=204)
    people = others(ctx, viewer, conversation_id, ctx.now())
    return render(request, "desk/_presence.html", {"presence": people})
