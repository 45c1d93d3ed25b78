"""Search over everything in the viewer's reach, and the menu that goes to anything.

A search is its address: it can be shared, and opened again by whoever may. Filters that cannot be
read are said in a sentence; an empty answer offers to leave one out.

Not here: the grammar (`core.messaging.search`), what is found (`actions.search`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from lotline.actions.search import Answer
from lotline.actions.search import search as act
from lotline.core.base.words import words_in
from lotline.core.messaging.search import FILTERS, BadSearch, Search, read_search
from lotline.store import search as store
from lotline.store.contacts import load_contacts
from lotline.store.members import load_members
from lotline.store.shown import Viewer, hue_of
from lotline.web.clock import Clock, zone_named
from lotline.web.conversations import zone_of
from lotline.web.desk import Choice
from lotline.web.doors import context_of, members, viewer_of
from lotline.web.frame import MORE, RAIL, Place, is_for
from lotline.web.settings import SECTIONS
from lotline.web.words import Mark, fate, level

_CONTEXT = 90  # letters round the first word that was found
_LONG = 260


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
    Place("Search", "/search/", "search"),
    Place("Keys and shortcuts", "/help/keys/", "help"),
)
_NAMED = {place.href for place in (*_ACTS, *RAIL, *MORE)}
_SETTINGS = tuple(
    Place(one.word, one.href, one.icon, frozenset({"owner"}))
    for _, groups in SECTIONS
    for one in groups
    if one.href not in _NAMED
)


@dataclass(frozen=True, slots=True)
class Piece:
    """Part of a text; `lit` where a word that was sought stands."""

    words: str
    lit: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One text or note that was found."""

    href: str
    name: str
    hue: int
    state: Mark
    by: str
    when: str
    fate: Mark | None
    pieces: tuple[Piece, ...]


@members("all")
@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """What was asked for, in three groups; or why it cannot be asked."""
    q = request.GET.get("q", "").strip()
    context: dict[str, Any] = {"q": q, "filters": [f"{name}:" for name in FILTERS]}
    if not q:
        return render(request, "search/page.html", context)
    try:
        asked = read_search(q)
        rules = _rules(context_of(request).book, asked)
        zone = zone_named(zone_of(viewer_of(request)))
        answer = act(
            context_of(request),
            viewer_of(request),
            asked,
            rules=rules,
            zone=zone,
            before=request.GET.get("before", ""),
        )
    except BadSearch as bad:
        return render(request, "search/page.html", context | {"problem": str(bad)}, status=422)
    return render(request, "search/page.html", context | _said(request, asked, answer))


def _rules(book: Any, asked: Search) -> dict[str, list[str]]:
    """A rule by its id, or every rule whose title begins so: `rule:quiet-hours`."""
    found = {}
    for value in {*asked.values("rule"), *asked.values("rule", no=True)}:
        sought = words_in(value.replace("-", " ").replace("_", " "))
        found[value] = [
            rule
            for rule, known in book.rules.items()
            if rule.lower() == value.lower() or words_in(known.title)[: len(sought)] == sought
        ]
        if not found[value]:
            raise BadSearch(f"There is no rule called {value}. The rules page lists them.")
    return found


def _said(request: HttpRequest, asked: Search, answer: Answer) -> dict[str, Any]:
    ctx, viewer = context_of(request), viewer_of(request)
    found, lit = answer.found, set(asked.words())
    clock = Clock(ctx.now(), zone_of(viewer))
    more = f"/search/?{urlencode({'q': str(asked), 'before': found.next})}" if found.next else ""
    return {
        "rows": [{"row": row, "state": level(row.level)} for row in answer.customers],
        "texts": [_line(hit, lit, clock, viewer) for hit in found.texts],
        "people": _people_of(found) if asked.filters else [],
        "notes": [_line(hit, lit, clock, viewer) for hit in found.notes],
        "chips": [
            Choice(str(term), f"/search/?{urlencode({'q': str(asked.without(term))})}")
            for term in asked.terms
        ],
        "unknown": found.unknown,
        "counting": not answer.whole,
        "more": more,
        "looked_to": clock.day(found.looked_to) if found.looked_to else "",
        "first_page": not request.GET.get("before"),
    }


def _people_of(found: store.Found) -> list[dict[str, Any]]:
    """The customers of the texts on this page, each once."""
    seen = {hit.contact_id: hit for hit in reversed(found.texts)}
    return [
        {
            "name": hit.name,
            "hue": hue_of(hit.contact_id),
            "href": f"/customers/{hit.contact_id}/",
            "state": level(hit.level),
        }
        for hit in reversed(seen.values())
    ]


def _line(hit: store.Hit, lit: set[str], clock: Clock, viewer: Viewer) -> Line:
    mine = hit.author_id == viewer.member_id
    left = hit.direction == "out"
    by = "You" if mine else hit.author_name or (hit.name if hit.direction == "in" else "Lotline")
    return Line(
        href=f"/c/{hit.conversation_id}/?at={hit.id}#m{hit.id}",
        name=hit.name,
        hue=hue_of(hit.contact_id),
        state=level(hit.level),
        by=by,
        when=clock.brief(hit.at),
        fate=fate(hit.state) if left and hit.state in {"held", "blocked", "failed"} else None,
        pieces=_pieces(hit.body, lit) if hit.body else (Piece("Photo", False),),
    )


def _pieces(body: str, lit: set[str]) -> tuple[Piece, ...]:
    """The text round its first sought word, with each sought word marked."""
    spans = [(part, bool(lit & set(words_in(part)))) for part in body.split()]
    first = next((n for n, (_, is_lit) in enumerate(spans) if is_lit), 0)
    start, length = first, 0
    while start and length < _CONTEXT:
        start -= 1
        length += len(spans[start][0]) + 1
    pieces: list[Piece] = [Piece("… ", False)] if start else []
    length = 0
    for part, is_lit in spans[start:]:
        if length > _LONG:
            pieces.append(Piece("…", False))
            break
        pieces.append(Piece(part, is_lit))
        pieces.append(Piece(" ", False))
        length += len(part) + 1
    return tuple(pieces)


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
        for place in (*_ACTS, *RAIL, *MORE, *_SETTINGS)
        if is_for(place, viewer) and all(word in place.word.lower() for word in words)
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
