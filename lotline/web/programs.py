"""The owner's pages for programs: tokens, webhooks out, and what each webhook was told.

A token or a secret is on the page that made it and on no other.

Not here: what programs ask for (`web.edge.api`), how webhooks are called (`workers.webhooks`).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_http_methods, require_POST

from lotline.actions import programs as program_acts
from lotline.actions import webhooks as hook_acts
from lotline.actions.errors import Refused
from lotline.core.people.programs import SAYS, Scope
from lotline.core.people.webhooks import KINDS
from lotline.store.lines import load_lines
from lotline.store.programs import Listed, load_listed
from lotline.store.shown import LineCard
from lotline.store.webhooks import Call, Hook, load_calls, load_webhooks
from lotline.web.doors import context_of, members, viewer_of
from lotline.web.ids import need_id
from lotline.web.team import house_clock

OUTCOMES = {
    "": "Not called yet",
    "told": "Taken",
    "refused": "Refused",
    "gone": "Gone for good",
    "timeout": "No answer in time",
    "unreachable": "Not reached",
    "private": "Inside a network: not called",
}
STOPPED = {
    "gone": "It said that it is gone for good.",
    "failing": "It took nothing for three days.",
}
STATES = {"waiting": "Waits", "told": "Told", "failed": "Given up"}
LIFES = {"30": "30 days", "90": "90 days", "365": "A year", "": "No end"}


@members("owner")
def index(request: HttpRequest) -> HttpResponse:
    """Who may call us, and whom we call."""
    ctx, viewer = context_of(request), viewer_of(request)
    with ctx.db.transaction(viewer.group_id) as tx:
        lines = load_lines(tx, viewer)
        programs = [_shown(one, lines, ctx.now()) for one in load_listed(tx)]
        hooks = [_hook(one) for one in load_webhooks(tx)]
    said = {"programs": programs, "hooks": hooks, "clock": house_clock(request)}
    return render(request, "programs/index.html", said)


@members("owner")
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """A program's name, what it may do, where and how much; then its token, once."""
    ctx, viewer = context_of(request), viewer_of(request)
    with ctx.db.transaction(viewer.group_id) as tx:
        lines = load_lines(tx, viewer)
    problem, status = "", 200
    if request.method == "POST":
        try:
            made = program_acts.make_program(ctx, viewer, _choice(request, ctx.now()))
        except Refused as refused:
            problem, status = refused.says, 422
        else:
            return _once(request, "programs/token.html", {"token": made.token})
    said = {
        "lines": lines,
        "scopes": [(one.value, SAYS[one]) for one in Scope],
        "picked": request.POST.getlist("scope"),
        "picked_lines": request.POST.getlist("line"),
        "lifes": LIFES.items(),
        "problem": problem,
        "typed": request.POST,
    }
    return render(request, "programs/new.html", said, status=status)


@members("owner")
@require_POST
def revoke(request: HttpRequest, program_id: UUID) -> HttpResponse:
    program_acts.revoke_program(context_of(request), viewer_of(request), program_id)
    return redirect("/programs/")


@members("owner")
@require_http_methods(["GET", "POST"])
def new_hook(request: HttpRequest) -> HttpResponse:
    """An address and what it is told; then its secret, once."""
    problem, status = "", 200
    if request.method == "POST":
        try:
            made = hook_acts.make_webhook(
                context_of(request),
                viewer_of(request),
                url=request.POST.get("url", ""),
                kinds=request.POST.getlist("kind"),
                words=bool(request.POST.get("with_words")),
            )
        except Refused as refused:
            problem, status = refused.says, 422
        else:
            return _once(request, "programs/secret.html", {"secret": made.secret})
    said = {
        "kinds": KINDS.items(),
        "picked": request.POST.getlist("kind"),
        "problem": problem,
        "typed": request.POST,
    }
    return render(request, "programs/new_hook.html", said, status=status)


@members("owner")
def hook(request: HttpRequest, hook_id: UUID) -> HttpResponse:
    """What an address was told, newest first."""
    ctx, viewer = context_of(request), viewer_of(request)
    with ctx.db.transaction(viewer.group_id) as tx:
        found = load_webhooks(tx, hook_id)
        if not found:
            raise Http404
        calls = [_call(one) for one in load_calls(tx, hook_id, _before(request))]
    failed = any(one["call"].state == "failed" for one in calls)
    said = {
        "hook": _hook(found[0]),
        "calls": calls,
        "failed": failed,
        "last": calls[-1]["call"].id if len(calls) == 50 else None,
        "clock": house_clock(request),
    }
    return render(request, "programs/hook.html", said)


@members("owner")
@require_POST
def do_hook(request: HttpRequest, hook_id: UUID) -> HttpResponse:
    """What is done about an address; each act is a button."""
    ctx, viewer = context_of(request), viewer_of(request)
    act = request.POST.get("do", "")
    if act == "secret":
        made = hook_acts.replace_secret(ctx, viewer, hook_id)
        return _once(request, "programs/secret.html", {"secret": made.secret, "again": True})
    if act == "resume":
        hook_acts.resume(ctx, viewer, hook_id)
    elif act == "remove":
        hook_acts.remove(ctx, viewer, hook_id)
        return redirect("/programs/")
    elif act == "resend":
        hook_acts.resend(
            ctx,
            viewer,
            hook_id,
            call_id=need_id(request.POST.get("call", ""), "Pick a call from the list."),
        )
    elif act == "resend_failed":
        hook_acts.resend(ctx, viewer, hook_id)
    else:
        raise Refused("Choose what to do.")
    return redirect(f"/programs/webhooks/{hook_id}/")


def _once(request: HttpRequest, template: str, said: dict[str, Any]) -> HttpResponse:
    response = render(request, template, said)
    response["Cache-Control"] = "no-store"
    return response


def _choice(request: HttpRequest, now: datetime) -> program_acts.Choice:
    given = request.POST
    whole = given.get("where", "") == "all"
    try:
        per_minute = int(given.get("per_minute") or program_acts.PER_MINUTE)
        days = int(given.get("days") or 0)
        lines = [] if whole else [UUID(one) for one in given.getlist("line")]
    except ValueError:
        raise Refused("Type numbers as digits.") from None
    if days and str(days) not in LIFES:
        raise Refused("Choose until when it is good.")
    return program_acts.Choice(
        name=given.get("name", ""),
        scopes=tuple(given.getlist("scope")),
        whole_group=whole,
        line_ids=tuple(lines),
        per_minute=per_minute,
        addresses=tuple(given.get("addresses", "").replace(",", " ").split()),
        expires_at=now.astimezone(UTC) + timedelta(days=days) if days else None,
    )


def _before(request: HttpRequest) -> UUID | None:
    typed = request.GET.get("before", "")
    try:
        return UUID(typed) if typed else None
    except ValueError:
        raise Http404 from None


def _shown(one: Listed, lines: list[LineCard], now: datetime) -> dict[str, Any]:
    labels = [line.label for line in lines if line.id in one.line_ids]
    labels += sorted({line.store_name for line in lines if line.store_id in one.store_ids})
    over = one.expires_at is not None and one.expires_at <= now
    return {
        "program": one,
        "where": "Whole company" if one.whole_group else ", ".join(labels),
        "scopes": [SAYS[Scope(scope)] for scope in one.scopes],
        "ended": one.revoked_at is not None or over,
        "over": over,
    }


def _hook(one: Hook) -> dict[str, Any]:
    return {
        "hook": one,
        "kinds": [KINDS[kind] for kind in one.kinds],
        "stopped": STOPPED.get(one.stopped_why, ""),
    }


def _call(one: Call) -> dict[str, Any]:
    return {
        "call": one,
        "kind": KINDS.get(one.kind, one.kind),
        "state": STATES[one.state],
        "outcome": OUTCOMES.get(one.outcome, one.outcome),
    }


urlpatterns = [
    path("programs/", index, name="programs"),
    path("programs/new/", new, name="program_new"),
    path("programs/<uuid:program_id>/revoke/", revoke, name="program_revoke"),
    path("programs/webhooks/new/", new_hook, name="webhook_new"),
    path("programs/webhooks/<uuid:hook_id>/", hook, name="webhook"),
    path("programs/webhooks/<uuid:hook_id>/do/", do_hook, name="webhook_do"),
]
