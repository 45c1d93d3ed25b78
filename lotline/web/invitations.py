"""Invitations: somebody new, a new link for who has none, and the page that a link opens.

A link is signed and good for seven days. It is shown to whoever made it, once: Lotline sends no
mail, so they hand it over themselves.

Not here: which link is the newest (`actions.invitations`), who works here (`team`).
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_http_methods, require_POST

from lotline.actions import invitations
from lotline.actions import members as member_acts
from lotline.actions.errors import Refused
from lotline.core.people.roles import Role, may_give_role
from lotline.store import accounts
from lotline.store.lines import load_lines
from lotline.store.members import load_names
from lotline.store.rights import Bent
from lotline.store.shown import Viewer
from lotline.web.doors import context_of, members, viewer_of
from lotline.web.team import bends, bent_by, stores_to_give, where_of

INVITED_S = 7 * 24 * 3600
SALT = "lotline.invitation"


@members("manager+")
@require_http_methods(["GET", "POST"])
def new_member(request: HttpRequest) -> HttpResponse:
    """Somebody new: a name, an address to sign in with, a role and where they text from."""
    ctx, viewer = context_of(request), viewer_of(request)
    problem, status = "", 200
    if request.method == "POST":
        try:
            made = _invite(request, viewer, ctx)
        except Refused as refused:
            problem, status = str(refused), 422
        else:
            return _shown(request, made, request.POST.get("name", ""))
    with ctx.db.transaction(viewer.group_id) as tx:
        lines = load_lines(tx, viewer, ctx.now())
    said = {
        "lines": lines,
        "stores": stores_to_give(viewer, lines),
        "roles": [role.value for role in Role if may_give_role(viewer.role, role)],
        "rights": bends(viewer, Bent(), "staff"),
        "problem": problem,
        "typed": request.POST,
        "chosen": request.POST.getlist("store") + request.POST.getlist("line"),
    }
    return render(request, "team/new.html", said, status=status)


def _invite(request: HttpRequest, viewer: Viewer, ctx: Any) -> invitations.Invited:
    name = request.POST.get("name", "")
    new = member_acts.NewMember(
        name=name,
        role=request.POST.get("role", "staff"),
        where=where_of(request),
        hue=sum(name.encode()) % 36 * 10,
        rights=bent_by(request),
    )
    return invitations.invite(ctx, viewer, new, request.POST.get("email", ""))


@members("manager+")
@require_POST
def again(request: HttpRequest, member_id: UUID) -> HttpResponse:
    """A new link for a member who never came in; the ones before it end."""
    ctx, viewer = context_of(request), viewer_of(request)
    made = invitations.invite_again(ctx, viewer, member_id, request.POST.get("email", ""))
    with ctx.db.transaction(viewer.group_id) as tx:
        name, _ = load_names(tx, [member_id])[member_id]
    return _shown(request, made, name)


def _shown(request: HttpRequest, made: invitations.Invited, name: str) -> HttpResponse:
    link = signing.dumps([str(made.account_id), made.mark], salt=SALT)
    whole = request.build_absolute_uri(f"/invited/{link}/")
    return render(request, "team/invited.html", {"link": whole, "name": name})


def invited(request: HttpRequest, token: str) -> HttpResponse:
    """The invitation's page: choose a password once; the link is then spent."""
    try:
        told, mark = signing.loads(token, salt=SALT, max_age=INVITED_S)
        account_id, mark = UUID(told), str(mark)
    except (signing.BadSignature, ValueError):
        return _spent(request)
    if accounts.waiting_account(account_id, mark) is None:
        return _spent(request)
    problems: list[str] = []
    if request.method == "POST":
        try:
            problems = invitations.take_up(account_id, mark, request.POST.get("password", ""))
        except Refused:
            return _spent(request)
        if not problems:
            return redirect("/sign-in/")
    status = 422 if problems else 200
    return render(request, "team/invitation.html", {"problems": problems}, status=status)


def _spent(request: HttpRequest) -> HttpResponse:
    return render(request, "team/invitation.html", {"spent": True}, status=410)


urlpatterns = [
    path("team/new/", new_member, name="team_new"),
    path("team/<uuid:member_id>/invitation/", again, name="member_invitation"),
    path("invited/<str:token>/", invited, name="invited"),
]
