"""The team's pages: who works here, their devices, a lost phone, somebody new, somebody paused.

What may be done to whom is the action's to say; a page shows a button when the role has it.

Not here: one's own settings (`me`), the policy (`policy`).
"""

from __future__ import annotations

from typing import Any, NamedTuple
from uuid import UUID

from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_http_methods, require_POST

from lotline.actions import devices as device_acts
from lotline.actions import invitations
from lotline.actions import members as member_acts
from lotline.actions.errors import Refused
from lotline.core.people.rights import RIGHTS, Right, may
from lotline.core.people.roles import Role, may_give_role, may_manage_members, may_sign_out_others
from lotline.store import accounts
from lotline.store.access_reviews import load_due
from lotline.store.devices import load_devices
from lotline.store.lines import load_lines
from lotline.store.members import load_members
from lotline.store.rights import Bent, load_bent
from lotline.store.shown import MemberCard, Viewer
from lotline.web.clock import Clock
from lotline.web.doors import context_of, members, viewer_of

INVITED_S = 7 * 24 * 3600
_SALT = "lotline.invitation"


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
            "steps": steps,
            "roles": roles,
            "own": member_id == viewer.member_id,
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


@members("manager+")
@require_http_methods(["GET", "POST"])
def new_member(request: HttpRequest) -> HttpResponse:
    """Somebody new: a name, an address to sign in with, a role and where they text from."""
    ctx, viewer = context_of(request), viewer_of(request)
    with ctx.db.transaction(viewer.group_id) as tx:
        lines = load_lines(tx, viewer, ctx.now())
    roles = [role.value for role in Role if may_give_role(viewer.role, role)]
    problem, status = "", 200
    if request.method == "POST":
        try:
            link = _invite(request, viewer, ctx)
        except Refused as refused:
            problem, status = str(refused), 422
        else:
            said = {**_shared(request), "link": link, "name": request.POST.get("name", "")}
            return render(request, "team/invited.html", said)
    said = {**_shared(request), "lines": lines, "roles": roles, "problem": problem}
    said["rights"] = bends(viewer, Bent(), "staff")
    return render(request, "team/new.html", {**said, "typed": request.POST}, status=status)


def _lines_of(request: HttpRequest) -> list[UUID]:
    try:
        return [UUID(one) for one in request.POST.getlist("line")]
    except ValueError:
        raise Refused("Choose lines from the list.") from None


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


def _invite(request: HttpRequest, viewer: Viewer, ctx: Any) -> str:
    role = request.POST.get("role", "staff")
    lines = frozenset(_lines_of(request))
    name = request.POST.get("name", "")
    new = member_acts.NewMember(
        name=name,
        role=role,
        where=member_acts.Where(lines=lines),
        hue=sum(name.encode()) % 36 * 10,
        rights=bent_by(request),
    )
    account_id = invitations.invite(ctx, viewer, new, request.POST.get("email", ""))
    link = signing.dumps(str(account_id), salt=_SALT)
    return str(request.build_absolute_uri(f"/invited/{link}/"))


def invited(request: HttpRequest, token: str) -> HttpResponse:
    """The invitation's page: choose a password once; the link is then spent."""
    try:
        account_id = UUID(signing.loads(token, salt=_SALT, max_age=INVITED_S))
    except (signing.BadSignature, ValueError):
        return render(request, "team/invitation.html", {"spent": True}, status=410)
    if accounts.waiting_account(account_id) is None:
        return render(request, "team/invitation.html", {"spent": True}, status=410)
    problems: list[str] = []
    if request.method == "POST":
        problems = invitations.take_up(account_id, request.POST.get("password", ""))
        if not problems:
            return redirect("/sign-in/")
    status = 422 if problems else 200
    return render(request, "team/invitation.html", {"problems": problems}, status=status)


@members("manager+")
@require_POST
def set_role(request: HttpRequest, member_id: UUID) -> HttpResponse:
    role = request.POST.get("role", "")
    member_acts.set_role(context_of(request), viewer_of(request), member_id, role)
    return redirect(f"/team/{member_id}/")


@members("manager+")
@require_POST
def set_reach(request: HttpRequest, member_id: UUID) -> HttpResponse:
    """The lines they text from, in place of those before."""
    line_ids = _lines_of(request)
    member_acts.set_reach(context_of(request), viewer_of(request), member_id, line_ids=line_ids)
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
    path("team/new/", new_member, name="team_new"),
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
    path("invited/<str:token>/", invited, name="invited"),
]
