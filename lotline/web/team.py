"""The team's pages: who works here, their devices, a lost phone, somebody paused.

What may be done to whom is the action's to say; a page shows a button when the role has it.

Not here: one's own settings (`me`), the policy (`policy`), letting somebody in (`invitations`).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_POST

from lotline.actions import devices as device_acts
from lotline.actions import members as member_acts
from lotline.actions.errors import Refused
from lotline.actions.invitations import says_why_not
from lotline.core.people.rights import RIGHTS, Right, may
from lotline.core.people.roles import (
    Role,
    may_give_role,
    may_manage_members,
    may_review,
    may_sign_out_others,
    may_text,
)
from lotline.store import accounts
from lotline.store.access_reviews import load_due
from lotline.store.devices import load_devices
from lotline.store.invitations import load_waiting
from lotline.store.lines import load_lines
from lotline.store.members import load_members
from lotline.store.review import load_stop
from lotline.store.rights import Bent, load_bent
from lotline.store.shown import LineCard, MemberCard, Viewer
from lotline.web.clock import Clock
from lotline.web.doors import context_of, members, viewer_of


def house_clock(request: HttpRequest) -> Clock:
    """Now, on the company's own clock."""
    zone = str(viewer_of(request).group_settings.get("zone", "UTC"))
    return Clock(context_of(request).now(), zone)


def _shared(request: HttpRequest) -> dict[str, Any]:
    viewer = viewer_of(request)
    return {
        "clock": house_clock(request),
        "manages": may_manage_members(viewer.role),
        "signs_out": may_sign_out_others(viewer.role),
    }


def _found(request: HttpRequest, member_id: UUID) -> MemberCard:
    ctx, viewer = context_of(request), viewer_of(request)
    with ctx.db.transaction(viewer.group_id) as tx:
        for card in load_members(tx, viewer, ctx.now()):
            if card.id == member_id:
                return card
    raise Http404


@members("manager+")
def team(request: HttpRequest) -> HttpResponse:
    """Everyone the viewer leads."""
    ctx, viewer = context_of(request), viewer_of(request)
    with ctx.db.transaction(viewer.group_id) as tx:
        people = load_members(tx, viewer, ctx.now())
        due = load_due(tx, viewer, ctx.now())
    return render(request, "team/team.html", {**_shared(request), "people": people, "due": due})


@members("manager+")
def member(request: HttpRequest, member_id: UUID) -> HttpResponse:
    """One member: sessions, role, reach, and what can be taken away."""
    ctx, viewer = context_of(request), viewer_of(request)
    card = _found(request, member_id)
    with ctx.db.transaction(viewer.group_id) as tx:
        sessions = load_devices(tx, viewer, member_id, ctx.now())
        lines = load_lines(tx, viewer, ctx.now())
        account_id = accounts.account_of(tx, member_id)
        bent = load_bent(tx, member_id)
        waiting = load_waiting(tx, member_id)
        stopped = load_stop(tx, member_id)
    steps = accounts.load_second_steps([account_id])[account_id] if account_id else set()
    roles = [role.value for role in Role if may_give_role(viewer.role, role)]
    return render(
        request,
        "team/member.html",
        {
            **_shared(request),
            "member": card,
            "sessions": sessions,
            "lines": lines,
            "stores": stores_to_give(viewer, lines),
            "waiting": waiting,
            "why_not": says_why_not(viewer, card.role, waiting),
            "steps": steps,
            "roles": roles,
            "own": member_id == viewer.member_id,
            "stopped": stopped,
            "stops": member_id != viewer.member_id
            and may_review(viewer.role)
            and may_give_role(viewer.role, card.role)
            and may_text(card.role),
            "rights": bends(viewer, bent, card.role),
        },
    )


@members("manager+")
def every_device(request: HttpRequest) -> HttpResponse:
    """Every session of everyone the viewer leads."""
    ctx, viewer = context_of(request), viewer_of(request)
    with ctx.db.transaction(viewer.group_id) as tx:
        sessions = load_devices(tx, viewer, None, ctx.now())
    return render(request, "team/devices.html", {**_shared(request), "sessions": sessions})


@members("manager+")
def lost(request: HttpRequest) -> HttpResponse:
    """Whose phone is gone?"""
    ctx, viewer = context_of(request), viewer_of(request)
    with ctx.db.transaction(viewer.group_id) as tx:
        people = load_members(tx, viewer, ctx.now())
    return render(request, "team/lost.html", {**_shared(request), "people": people})


@members("manager+")
def lost_of(request: HttpRequest, member_id: UUID) -> HttpResponse:
    """Their sessions, the likeliest first; the first button has the focus."""
    ctx, viewer = context_of(request), viewer_of(request)
    card = _found(request, member_id)
    with ctx.db.transaction(viewer.group_id) as tx:
        sessions = [
            one for one in load_devices(tx, viewer, member_id, ctx.now()) if not one.ended_at
        ]
    sessions.sort(key=lambda one: (not _is_phone(one.label), -one.seen_at.timestamp()))
    return render(
        request, "team/lost_of.html", {**_shared(request), "member": card, "sessions": sessions}
    )


def _is_phone(label: str) -> bool:
    return label.startswith(("iPhone", "Android", "iPad"))


@members("manager+")
@require_POST
def end_device(request: HttpRequest, device_id: UUID) -> HttpResponse:
    ended = device_acts.end_device(context_of(request), viewer_of(request), device_id, "lost")
    return _receipt(request, ended, "this device")


@members("manager+")
@require_POST
def end_all(request: HttpRequest, member_id: UUID) -> HttpResponse:
    """Sign a member out everywhere, and take the passkeys along when asked."""
    ctx, viewer = context_of(request), viewer_of(request)
    ended = device_acts.end_all(ctx, viewer, member_id, "lost", but_this=True)
    dropped = 0
    if request.POST.get("passkeys"):
        with ctx.db.transaction(viewer.group_id) as tx:
            account_id = accounts.account_of(tx, member_id)
        dropped = accounts.drop_passkeys(account_id) if account_id else 0
    return _receipt(request, ended, "everywhere", dropped)


def _receipt(
    request: HttpRequest, ended: device_acts.Ended, where: str, passkeys: int = 0
) -> HttpResponse:
    shared = {**_shared(request), "ended": ended, "where": where, "passkeys": passkeys}
    return render(request, "team/ended.html", shared)


def where_of(request: HttpRequest) -> member_acts.Where:
    """The form's answer: stores whole, and lines one by one."""
    try:
        stores, lines = (
            frozenset(UUID(one) for one in request.POST.getlist(name)) for name in ("store", "line")
        )
    except ValueError:
        raise Refused("Choose stores and lines from the list.") from None
    return member_acts.Where(stores, lines)


def stores_to_give(viewer: Viewer, lines: Iterable[LineCard]) -> list[tuple[UUID, str]]:
    """The stores that the viewer reaches whole: nobody gives more than they have."""
    found = {one.store_id: one.store_name for one in lines if one.store_id in viewer.store_ids}
    return sorted(found.items(), key=lambda one: one[1])


class Bends(NamedTuple):
    """One right that may be given to or taken from this member, and how it stands."""

    name: str
    says: str
    of_role: bool
    state: str  # as the role has it (""), given, taken
    gives: bool  # the viewer has it to give
    takes: bool


def bends(viewer: Viewer, bent: Bent, role: str) -> list[Bends]:
    """The rights that bend, as a form shows them."""
    return [
        Bends(
            right.value,
            granted.says,
            may(Role(role), right),
            "given" if right in bent.given else "taken" if right in bent.taken else "",
            granted.given and may(viewer.role, right),
            granted.taken,
        )
        for right, granted in RIGHTS.items()
        if granted.given or granted.taken
    ]


def bent_by(request: HttpRequest) -> Bent:
    """The form's answer; what it does not name stays the role's."""
    said = {one: request.POST.get(f"right_{one.value}", "") for one in Right}
    return Bent(
        frozenset(one for one, how in said.items() if how == "given"),
        frozenset(one for one, how in said.items() if how == "taken"),
    )


@members("manager+")
@require_POST
def set_role(request: HttpRequest, member_id: UUID) -> HttpResponse:
    role = request.POST.get("role", "")
    member_acts.set_role(context_of(request), viewer_of(request), member_id, role)
    return redirect(f"/team/{member_id}/")


@members("manager+")
@require_POST
def set_reach(request: HttpRequest, member_id: UUID) -> HttpResponse:
    """The stores and lines they text from, in place of those before."""
    ctx, viewer, where = context_of(request), viewer_of(request), where_of(request)
    stores, lines = where.stores, where.lines
    member_acts.set_reach(ctx, viewer, member_id, store_ids=stores, line_ids=lines)
    return redirect(f"/team/{member_id}/")


@members("manager+")
@require_POST
def set_rights(request: HttpRequest, member_id: UUID) -> HttpResponse:
    """What they may do beyond their role, and what not although it has it."""
    ctx, viewer = context_of(request), viewer_of(request)
    member_acts.set_rights(ctx, viewer, member_id, bent_by(request))
    return redirect(f"/team/{member_id}/")


@members("manager+")
@require_POST
def suspend(request: HttpRequest, member_id: UUID) -> HttpResponse:
    ctx, viewer = context_of(request), viewer_of(request)
    if request.POST.get("lift"):
        member_acts.lift_suspension(ctx, viewer, member_id)
    else:
        member_acts.suspend(ctx, viewer, member_id, request.POST.get("reason", ""))
    return redirect(f"/team/{member_id}/")


urlpatterns = [
    path("team/", team, name="team"),
    path("team/devices/", every_device, name="team_devices"),
    path("team/devices/<uuid:device_id>/end/", end_device, name="device_end"),
    path("team/lost/", lost, name="lost"),
    path("team/lost/<uuid:member_id>/", lost_of, name="lost_of"),
    path("team/<uuid:member_id>/", member, name="member"),
    path("team/<uuid:member_id>/end/", end_all, name="member_end"),
    path("team/<uuid:member_id>/role/", set_role, name="member_role"),
    path("team/<uuid:member_id>/reach/", set_reach, name="member_reach"),
    path("team/<uuid:member_id>/rights/", set_rights, name="member_rights"),
    path("team/<uuid:member_id>/suspension/", suspend, name="member_suspension"),
]
