"""How this house reads the rules, and the lists that it imports: the owner's two pages.

Everybody may see what the house is bound to; the owner alone chooses. Stricter is one press,
looser asks for a reason, counsel's name and the day of their word, beside the point itself.

Not here: what a choice does (`core.gate.rulebook.profile`), who may (`actions.profiles`, `lists`).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from lotline.actions.errors import Refused
from lotline.actions.lists import import_list, load_lists
from lotline.actions.profiles import ProfileShown, Word, choose_profile, set_point
from lotline.core.gate.facts import ListKind
from lotline.web.brief import states_here
from lotline.web.doors import context_of, members, viewer_of
from lotline.web.rulebook import head_of, house_rules

_LINE_MAX = 400  # bytes of a line that are read at once; a file of one endless line is cut
_PROFILES = {"careful": "Careful", "standard": "Standard", "counsel_set": "Set by counsel"}
_LISTS = {
    ListKind.NATIONAL_DNC.value: "National do-not-call list",
    ListKind.STATE_DNC.value: "State do-not-call list",
    ListKind.REASSIGNED.value: "Reassigned numbers",
    ListKind.LITIGATORS.value: "Known litigators",
}


@members("all")
@require_http_methods(["GET", "POST"])
def page(request: HttpRequest) -> HttpResponse:
    """The profile and every point, as they are read now."""
    problem = ""
    if request.method == "POST":
        try:
            _choose(request)
        except Refused as refused:
            problem = refused.says
        else:
            return redirect(f"/rules/profile/?saved=1#{request.POST.get('rule', '')}")
    house = house_rules(request)
    ctx = context_of(request)
    context = {
        **head_of(house),
        "problem": problem,
        "given": request.POST if problem else {},
        "saved": "saved" in request.GET,
        "may_change": house.may_change,
        "profiles": [
            (name, word, ctx.book.profiles.get(name, ""), house.settings.profile.value == name)
            for name, word in _PROFILES.items()
        ],
        "points": _points(house, ctx.book),
        "history": house.chosen[:20],
        "today": ctx.now().date().isoformat(),
    }
    return render(request, "rules/profile.html", context, status=422 if problem else 200)


def _points(house: ProfileShown, book: Any) -> list[dict[str, Any]]:
    shown = []
    for point in book.points.values():
        chosen = house.settings.chosen(point)
        rule = book.rules[point.id]
        shown.append(
            {
                "id": point.id,
                "title": point.title,
                "contested": rule.contested,
                "choices": [
                    {
                        "name": one.name,
                        "says": one.says,
                        "on": one.name == chosen,
                        "careful": one.name == point.careful,
                        "looser": point.looser(one.name),
                    }
                    for one in point.choices
                ],
                "looser": point.looser(chosen),
                "can_be_loosened": point.can_be_loosened,
            }
        )
    return shown


def _choose(request: HttpRequest) -> None:
    ctx, viewer, said = context_of(request), viewer_of(request), request.POST
    word = None
    if said.get("reason", "").strip() or said.get("counsel", "").strip():
        word = Word(said.get("reason", ""), said.get("counsel", ""), _day(said.get("on", "")))
    if "profile" in said:
        choose_profile(ctx, viewer, said["profile"], word)
    else:
        set_point(ctx, viewer, said.get("rule", ""), said.get("choice", ""), word)


def _day(said: str) -> date:
    try:
        return date.fromisoformat(said)
    except ValueError:
        raise Refused("Give the day as a date.") from None


@members("owner")
@require_http_methods(["GET", "POST"])
def lists(request: HttpRequest) -> HttpResponse:
    """Every list the rules ask, how old our copy is, and a way to bring a newer one."""
    ctx, viewer = context_of(request), viewer_of(request)
    problem, done = "", None
    if request.method == "POST":
        try:
            done = _import(request)
        except Refused as refused:
            problem = refused.says
    today = ctx.now().date()
    context = {
        "problem": problem,
        "done": done,
        "today": today.isoformat(),
        "lists": [
            {
                "shown": one,
                "name": _named(one.kind, one.region, ctx.book),
                "value": f"{one.kind}:{one.region}",
                "age": (today - one.copy.as_of).days if one.copy else None,
            }
            for one in load_lists(ctx, viewer, states_here(request))
        ],
    }
    return render(request, "rules/lists.html", context, status=422 if problem else 200)


def _named(kind: str, region: str, book: Any) -> str:
    state = book.states.get(region)
    return f"{_LISTS.get(kind, kind)}, {state.name}" if state else _LISTS.get(kind, kind)


def _import(request: HttpRequest) -> Any:
    upload = request.FILES.get("file")
    if not isinstance(upload, UploadedFile):
        raise Refused("Choose the list's file.")
    kind, _, region = request.POST.get("list", "").partition(":")
    as_of = _day(request.POST.get("as_of", ""))
    ctx, viewer = context_of(request), viewer_of(request)
    return import_list(ctx, viewer, kind, lambda: _lines(upload), as_of=as_of, region=region)


def _lines(upload: UploadedFile[bytes]) -> Iterator[bytes]:
    """The file's lines, from its beginning; what is longer than a line can be comes in pieces."""
    upload.seek(0)
    while line := upload.readline(_LINE_MAX):
        yield line
