"""Leaving's page: the whole effect first, then one press, then a receipt.

Not here: what it does (`actions.leaving`), pausing somebody (`team`).
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_POST

from lotline.actions import invitations
from lotline.actions import leaving as acts
from lotline.actions.errors import Refused
from lotline.core.people.roles import may_text
from lotline.store import accounts
from lotline.store.identity import load_provider_names
from lotline.store.leaving import load_leaving
from lotline.store.lines import load_lines
from lotline.store.members import load_members
from lotline.store.shown import MemberCard
from lotline.web.doors import context_of, members, viewer_of
from lotline.web.ids import need_id
from lotline.web.team import house_clock


@members("manager+")
def offboard(request: HttpRequest, member_id: UUID) -> HttpResponse:
    """What ends and what moves; pressing does all of it at once."""
    ctx, viewer = context_of(request), viewer_of(request)
    member, others = _people(request, member_id)
    problem, status = "", 200
    if request.method == "POST":
        try:
            done = acts.let_go(ctx, viewer, member_id, _successor(request))
        except Refused as refused:
            problem, status = str(refused), 422
        else:
            if done.account_id is not None:
                invitations.close(done.account_id)
            return redirect(f"/team/{member_id}/left/")
    effect = acts.foresee(ctx, viewer, member_id)
    with ctx.db.transaction(viewer.group_id) as tx:
        if load_leaving(tx, member_id) is not None:
            return redirect(f"/team/{member_id}/left/")
        lines = {line.id: line.label for line in load_lines(tx, viewer, ctx.now())}
        account_id = accounts.account_of(tx, member_id)
    steps = accounts.load_second_steps([account_id])[account_id] if account_id else set()
    shown: dict[str, Any] = {
        "member": member,
        "others": [one for one in others if one.active and may_text(one.role)],
        "effect": effect,
        "by_line": [(lines.get(one, "A line"), n) for one, n in effect.open_by_line.items()],
        "passkeys": "webauthn" in steps,
        "problem": problem,
        "to": request.POST.get("to", "in_turn"),
    }
    return render(request, "team/offboard.html", shown, status=status)


@members("manager+")
def left(request: HttpRequest, member_id: UUID) -> HttpResponse:
    """The receipt, for as long as there are records."""
    ctx, viewer = context_of(request), viewer_of(request)
    member, others = _people(request, member_id)
    with ctx.db.transaction(viewer.group_id) as tx:
        found = load_leaving(tx, member_id)
        names = load_provider_names(tx)
    if found is None:
        raise Http404
    names |= {one.id: one.name for one in [member, *others]}
    shown = {
        "member": member,
        "leaving": found,
        "by": names.get(found.let_go_by) if found.let_go_by else None,
        "open_for_return": ctx.now() - found.left_at <= acts.GIVE_BACK and found.receipt["moved"],
        "clock": house_clock(request),
        "given_back": request.GET.get("back"),
    }
    return render(request, "team/left.html", shown)


@members("manager+")
@require_POST
def give_back(request: HttpRequest, member_id: UUID) -> HttpResponse:
    try:
        count = acts.give_back(context_of(request), viewer_of(request), member_id)
    except Refused as refused:
        shown = {"problem": str(refused), "href": f"/team/{member_id}/"}
        return render(request, "team/refused.html", shown, status=422)
    return redirect(f"/team/{member_id}/left/?back={count}")


def _people(request: HttpRequest, member_id: UUID) -> tuple[MemberCard, list[MemberCard]]:
    ctx, viewer = context_of(request), viewer_of(request)
    with ctx.db.transaction(viewer.group_id) as tx:
        everybody = load_members(tx, viewer, ctx.now())
    found = next((one for one in everybody if one.id == member_id), None)
    if found is None:
        raise Http404
    return found, [one for one in everybody if one.id != member_id]


def _successor(request: HttpRequest) -> acts.Successor:
    said = request.POST.get("to", "")
    if said == "in_turn":
        return acts.Successor(in_turn=True)
    if said == "nobody":
        return acts.Successor()
    return acts.Successor(need_id(said, "Choose who takes the open conversations."))


urlpatterns = [
    path("team/<uuid:member_id>/offboard/", offboard, name="offboard"),
    path("team/<uuid:member_id>/left/", left, name="left"),
    path("team/<uuid:member_id>/left/give-back/", give_back, name="give_back"),
]
