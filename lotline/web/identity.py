"""The owner's page for the identity provider: its name, its token, its groups, its calls.

A token is on the page that made it and on no other; a client secret is on none.

Not here: what a provider calls (`web.scim`), people who sign in by it (`provider`).
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_http_methods, require_POST

from lotline.actions import identity as acts
from lotline.actions.errors import Refused
from lotline.core.people.identity import MAPPED
from lotline.core.people.roles import may_text
from lotline.store.identity import Provider, Way, load_provider, without_secret
from lotline.store.lines import load_lines
from lotline.store.members import load_members
from lotline.store.provisioning import load_calls, load_groups, load_people, load_tokens
from lotline.web.doors import context_of, members, viewer_of
from lotline.web.ids import need_id, need_ids
from lotline.web.team import house_clock

HEIRS = {
    "nobody": "Nobody: they wait under Unassigned",
    "in_turn": "Each line’s people in turn",
}
_PAGE = 50


@members("owner")
@require_http_methods(["GET", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    """Everything about it on one page; saving its name makes it."""
    problem, status = "", 200
    if request.method == "POST":
        try:
            _name(request)
        except Refused as refused:
            problem, status = refused.says, 422
        else:
            return redirect("/settings/identity/?saved=name")
    return _page(request, problem, status)


def _page(request: HttpRequest, problem: str = "", status: int = 200) -> HttpResponse:
    ctx, viewer = context_of(request), viewer_of(request)
    with ctx.db.transaction(viewer.group_id) as tx:
        provider = load_provider(tx)
        people = load_people(tx) if provider else []
        said: dict[str, Any] = {
            "provider": provider,
            "way": without_secret(provider.way) if provider and provider.way else None,
            "tokens": load_tokens(tx) if provider else [],
            "groups": load_groups(tx) if provider else [],
            "calls": load_calls(tx, limit=5) if provider else [],
            "count": sum(one.active for one in people),
            "others": [
                one
                for one in load_members(tx, viewer, ctx.now())
                if one.active and may_text(one.role)
            ],
            "stores": _stores(tx, viewer, ctx.now()),
        }
    base = request.build_absolute_uri("/")
    said |= {
        "heirs": HEIRS.items(),
        "roles": [one.value for one in MAPPED],
        "address": f"{base}scim/v2",
        "people": f"{base}sign-in/with/{provider.id}/" if provider else "",
        "back": f"{base}sign-in/with/{provider.id}/back/" if provider else "",
        "problem": problem,
        "shown": _shown(request, said["provider"], said["way"]),
        "saved": request.GET.get("saved", ""),
        "now": ctx.now(),
        "clock": house_clock(request),
    }
    return render(request, "identity/index.html", said, status=status)


@members("owner")
@require_POST
def token(request: HttpRequest) -> HttpResponse:
    """A new token, shown this once."""
    made = acts.make_token(context_of(request), viewer_of(request))
    base = request.build_absolute_uri("/")
    response = render(
        request, "identity/token.html", {"token": made.token, "address": f"{base}scim/v2"}
    )
    response["Cache-Control"] = "no-store"
    return response


@members("owner")
@require_POST
def end_token(request: HttpRequest, token_id: UUID) -> HttpResponse:
    acts.end_token(context_of(request), viewer_of(request), token_id)
    return redirect("/settings/identity/?saved=token")


@members("owner")
@require_POST
def group(request: HttpRequest, provider_group_id: UUID) -> HttpResponse:
    """What one of its groups means here."""
    stores = tuple(need_ids(request.POST.getlist("store"), "Choose stores from the list."))
    acts.map_group(
        context_of(request),
        viewer_of(request),
        provider_group_id,
        request.POST.get("role", ""),
        stores,
    )
    return redirect("/settings/identity/?saved=group")


@members("owner")
@require_POST
def sign_in(request: HttpRequest) -> HttpResponse:
    """How people sign in by it. What is typed is only kept once the provider itself answered."""
    from lotline.web.provider import metadata_of  # noqa: PLC0415  # what speaks to it is large

    ctx, viewer, given = context_of(request), viewer_of(request), request.POST
    on = bool(given.get("on"))
    try:
        way = None
        if on or given.get("issuer"):
            way = acts.read_way(ctx, viewer, _typed(request))
            metadata_of(way.issuer)
        acts.keep_way(ctx, viewer, way, sign_in=on, required=bool(given.get("required")))
    except Refused as refused:
        return _page(request, refused.says, 422)
    return redirect("/settings/identity/?saved=sign_in")


def _typed(request: HttpRequest) -> acts.Typed:
    given = request.POST
    return acts.Typed(
        issuer=given.get("issuer", ""),
        client_id=given.get("client_id", ""),
        client_secret=given.get("client_secret", ""),
        domains=given.get("domains", ""),
        trusts_silence=bool(given.get("trusts_silence")),
        own_second_step=given.get("second_step") == "own",
        acr=given.get("acr", ""),
    )


@members("owner")
def calls(request: HttpRequest) -> HttpResponse:
    """Each call that it made, the newest first."""
    ctx, viewer = context_of(request), viewer_of(request)
    typed = request.GET.get("before", "")
    try:
        before = UUID(typed) if typed else None
    except ValueError:
        raise Http404 from None
    with ctx.db.transaction(viewer.group_id) as tx:
        provider = load_provider(tx)
        found = load_calls(tx, before, _PAGE)
    if provider is None:
        raise Http404
    said = {
        "provider": provider,
        "calls": found,
        "last": found[-1].id if len(found) == _PAGE else None,
        "clock": house_clock(request),
    }
    return render(request, "identity/calls.html", said)


def _shown(request: HttpRequest, provider: Provider | None, way: Way | None) -> dict[str, str]:
    """What stands in the fields: as typed when it was refused, else as kept."""
    kept = {"name": provider.name if provider else ""}
    if way is not None:
        kept |= {"issuer": way.issuer, "client_id": way.client_id, "acr": way.acr}
        kept |= {"domains": ", ".join(way.domains)}
    return {
        name: request.POST.get(name) or kept.get(name, "")
        for name in ("name", "issuer", "client_id", "domains", "acr")
    }


def _name(request: HttpRequest) -> None:
    heir, heir_id = request.POST.get("heir", "nobody"), None
    if heir not in HEIRS:
        heir_id = need_id(heir, "Choose who takes the open conversations.")
        heir = "member"
    ctx, viewer = context_of(request), viewer_of(request)
    acts.name_provider(ctx, viewer, request.POST.get("name", ""), heir=heir, heir_id=heir_id)


def _stores(tx: Any, viewer: Any, now: Any) -> list[tuple[UUID, str]]:
    found = {line.store_id: line.store_name for line in load_lines(tx, viewer, now)}
    return sorted(found.items(), key=lambda one: one[1])


urlpatterns = [
    path("settings/identity/", index, name="identity"),
    path("settings/identity/token/", token, name="identity_token"),
    path("settings/identity/token/<uuid:token_id>/end/", end_token, name="identity_token_end"),
    path("settings/identity/groups/<uuid:provider_group_id>/", group, name="identity_group"),
    path("settings/identity/sign-in/", sign_in, name="identity_sign_in"),
    path("settings/identity/calls/", calls, name="identity_calls"),
]
