"""First run: from a bare installation to a company that texts, step by step.

The first step is behind a link that is printed once and spent by using it; the others are the
owner's. Each may be left and taken up again, and the inbox shows what is still to be done.

Not here: founding and adding (`actions.founding`), the wording's elements (`core.consent`).
"""

from __future__ import annotations

import re
import secrets
from datetime import timedelta
from threading import Lock
from typing import Any

from django.contrib.auth import login
from django.contrib.auth.password_validation import validate_password
from django.core import signing
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_http_methods

from lotline.actions import founding, optin_pages
from lotline.actions.contacts import start_conversation
from lotline.actions.drafts import save_draft
from lotline.actions.errors import Refused
from lotline.actions.first_owner import found_first
from lotline.core.consent.wording import first_wording, what_it_needs
from lotline.store.carrier_accounts import CarrierAccount
from lotline.store.groups import load_group_ids
from lotline.store.lines import NewLine, load_lines
from lotline.store.members import load_members
from lotline.store.optin import load_newest_wording
from lotline.web.doors import context_of, members, viewer_of
from lotline.web.rulebook import grouped
from lotline.web.setup_steps import DAYS, STEPS, ZONES, done_of, first_left, title_of

SALT = "lotline.setup"
SETUP_S = 7 * 24 * 3600
SECOND_STEP_AFTER_S = 7 * 24 * 3600
TWILIO = "https://api.twilio.com"
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
_ACCOUNT = re.compile(r"AC[0-9a-f]{32}")
_WALL = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
FIRST_WORDS = "Your texting line is ready. Answer this to see it arrive."
_one_at_a_time = Lock()


def _page(request: HttpRequest, step: str, problem: str = "", **said: Any) -> HttpResponse:
    """A step's page; what was typed stays, what is wrong is said."""
    viewer = getattr(request, "viewer", None)
    done = done_of(viewer.group_settings) if viewer is not None else frozenset()
    steps = [
        {"word": word, "title": title, "done": word in done, "current": word == step}
        for word, title in STEPS
    ]
    context = {
        "step": step,
        "title": title_of(step),
        "steps": steps,
        "n": [word for word, _ in STEPS].index(step) + 1,
        "problem": problem,
        "given": request.POST,
        **said,
    }
    return render(request, f"start/{step}.html", context, status=422 if problem else 200)


@require_http_methods(["GET", "POST"])
def owner(request: HttpRequest) -> HttpResponse:
    """The first owner and the company's name. The link is spent once a company is there."""
    if getattr(request, "viewer", None) is not None:
        return redirect("/start/")
    ctx = context_of(request)
    key = request.POST.get("key") or request.GET.get("key", "")
    try:
        signing.loads(key, salt=SALT, max_age=SETUP_S)
    except signing.BadSignature:
        return render(request, "start/spent.html", status=410)
    with _one_at_a_time:
        if load_group_ids(ctx.db):
            return render(request, "start/spent.html", status=410)
        if request.method != "POST":
            return _page(request, "owner", key=key)
        try:
            account = _found(request)
        except Refused as refused:
            return _page(request, "owner", refused.says, key=key)
    login(request, account, backend=BACKEND)
    return redirect("/start/store/")


def _found(request: HttpRequest) -> Any:
    password = request.POST.get("password", "")
    try:
        validate_password(password)
    except ValidationError as error:
        raise Refused(" ".join(error.messages)) from error
    said = founding.Founding(
        company=request.POST.get("company", ""),
        origin=request.get_host().partition(":")[0],
        owner=request.POST.get("name", ""),
        settings={
            "zone": "UTC",
            "first_run": ["owner"],
            "mfa_from": _iso_in(request, SECOND_STEP_AFTER_S),
        },
    )
    email = request.POST.get("email", "")
    return found_first(context_of(request), said, email=email, password=password)


def _iso_in(request: HttpRequest, seconds: float) -> str:
    at = context_of(request).now() + timedelta(seconds=seconds)
    return str(at.isoformat())


@members("owner")
@require_http_methods(["GET"])
def resume(request: HttpRequest) -> HttpResponse:
    """Where it was left."""
    left = first_left(viewer_of(request).group_settings)
    return redirect(f"/start/{left}/" if left else "/inbox/")


@members("owner")
@require_http_methods(["GET", "POST"])
def store(request: HttpRequest) -> HttpResponse:
    """A rooftop, its clock and its hours."""
    viewer = viewer_of(request)
    shown: dict[str, Any] = {"zones": ZONES, "days": DAYS, "there": bool(viewer.store_ids)}
    if request.method != "POST":
        return _page(request, "store", **shown)
    if not viewer.store_ids:
        try:
            founding.add_store(
                context_of(request),
                viewer,
                name=request.POST.get("name", ""),
                zone=request.POST.get("zone", ""),
                place=request.POST.get("place", "").strip()[:80],
                open_hours=_hours(request),
            )
        except Refused as refused:
            return _page(request, "store", refused.says, **shown)
        founding.settle(context_of(request), viewer, zone=request.POST["zone"])
    return _on(request, "store")


def _hours(request: HttpRequest) -> dict[str, list[str]]:
    hours: dict[str, list[str]] = {}
    for day, word in DAYS:
        opens, closes = (
            request.POST.get(f"{day}_{end}", "").strip() for end in ("opens", "closes")
        )
        if not opens and not closes:
            hours[day] = []
        elif _WALL.fullmatch(opens) and _WALL.fullmatch(closes) and opens < closes:
            hours[day] = [opens, closes]
        else:
            raise Refused(f"{word}: enter when you open and when you close, or leave both empty.")
    return hours


@members("owner")
@require_http_methods(["GET", "POST"])
def number(request: HttpRequest) -> HttpResponse:
    """A number of the simulator's, or one at Twilio with the secrets that go with it."""
    ctx, viewer = context_of(request), viewer_of(request)
    with ctx.db.transaction(viewer.group_id) as tx:
        lines = load_lines(tx, viewer, ctx.now())
    shown = {
        "lines": lines,
        "simulator": ctx.settings.simulator_url,
        "hook": f"{ctx.settings.public_url}/hooks/twilio/",
        "store": bool(viewer.store_ids),
    }
    if request.method != "POST":
        return _page(request, "number", **shown)
    if not lines:
        try:
            _connect(request)
        except Refused as refused:
            return _page(request, "number", refused.says, **shown)
    return _on(request, "number")


def _connect(request: HttpRequest) -> None:
    ctx, viewer = context_of(request), viewer_of(request)
    if not viewer.store_ids:
        raise Refused("Add your store first.")
    given = {name: request.POST.get(name, "").strip() for name in ("sid", "token", "service")}
    simulated = request.POST.get("carrier") == "simulator" and bool(ctx.settings.simulator_url)
    if simulated:
        sid, token = f"AC{secrets.token_hex(16)}", secrets.token_hex(16)
        base_url, registration = ctx.settings.simulator_url, "simulated"
    else:
        sid, token, base_url = given["sid"], given["token"], TWILIO
        registration = "approved" if request.POST.get("approved") else "waiting"
        if not _ACCOUNT.fullmatch(sid):
            raise Refused("The account SID begins with AC and has 34 letters and digits.")
        if not token:
            raise Refused("Enter the account's auth token.")
    line = NewLine(
        id=ctx.new_id(),
        store_id=min(viewer.store_ids),
        label=request.POST.get("label", "").strip() or "Sales line",
        number=request.POST.get("number", ""),
        account=sid,
        registration=registration,
        messaging_service=given["service"] or None,
    )
    founding.add_line(ctx, viewer, line)
    secrets_kept = {"auth_tokens": [token]}
    founding.connect_carrier(ctx, viewer, CarrierAccount("twilio", sid, base_url, secrets_kept))


@members("owner")
@require_http_methods(["GET", "POST"])
def rules(request: HttpRequest) -> HttpResponse:
    """What the gate holds every text to, from the first day; it can only be made stricter."""
    if request.method == "POST":
        return _on(request, "rules")
    return _page(request, "rules", groups=grouped(context_of(request).book))


@members("owner")
@require_http_methods(["GET", "POST"])
def wording(request: HttpRequest) -> HttpResponse:
    """What customers read before they say yes, and a page for each line."""
    ctx, viewer = context_of(request), viewer_of(request)
    with ctx.db.transaction(viewer.group_id) as tx:
        newest = load_newest_wording(tx)
    body = newest.body if newest is not None else first_wording(viewer.company)
    if request.method != "POST":
        return _page(request, "wording", body=body, needs=what_it_needs())
    body = request.POST.get("body", "")
    try:
        optin_pages.write_wording(ctx, viewer, body)
    except Refused as refused:
        return _page(request, "wording", refused.says, body=body, needs=what_it_needs())
    for line_id in sorted(viewer.line_ids):
        optin_pages.page_of(ctx, viewer, line_id)
    return _on(request, "wording")


@members("owner")
@require_http_methods(["GET", "POST"])
def team(request: HttpRequest) -> HttpResponse:
    """Who else texts; each gets an invitation to hand over."""
    if request.method == "POST":
        return _on(request, "team")
    ctx, viewer = context_of(request), viewer_of(request)
    with ctx.db.transaction(viewer.group_id) as tx:
        people = load_members(tx, viewer, ctx.now())
    return _page(request, "team", people=people)


@members("owner")
@require_http_methods(["GET", "POST"])
def test(request: HttpRequest) -> HttpResponse:
    """A text to one's own phone: everything that a customer's text goes through."""
    ctx, viewer = context_of(request), viewer_of(request)
    shown = {"simulator": ctx.settings.simulator_url, "line": bool(viewer.line_ids)}
    if request.method != "POST":
        return _page(request, "test", **shown)
    if request.POST.get("later"):
        return _on(request, "test")
    if not viewer.line_ids:
        return _page(request, "test", "Add a number to text from first.", **shown)
    try:
        started = start_conversation(
            ctx,
            viewer,
            number=request.POST.get("number", ""),
            name=viewer.name,
            line_id=min(viewer.line_ids),
            zip_code=request.POST.get("zip", ""),
            how="in_person",
        )
    except Refused as refused:
        return _page(request, "test", refused.says, **shown)
    # Words that are an update: a greeting out of the blue would count as an offer, and be refused.
    save_draft(ctx, viewer, started.conversation_id, FIRST_WORDS)
    _mark(request, "test")
    return redirect(f"/c/{started.conversation_id}/")


def _mark(request: HttpRequest, step: str) -> frozenset[str]:
    """The step is done; when all are, the inbox stops to show them."""
    viewer = viewer_of(request)
    done = done_of(viewer.group_settings) | {step}
    all_done = done >= {word for word, _ in STEPS}
    kept = "done" if all_done else sorted(done)
    founding.settle(context_of(request), viewer, first_run=kept)
    return done


def _on(request: HttpRequest, step: str) -> HttpResponse:
    """To the next step that is not done yet."""
    done = _mark(request, step)
    words = [word for word, _ in STEPS]
    after = [word for word in words[words.index(step) + 1 :] + words if word not in done]
    return redirect(f"/start/{after[0]}/" if after else "/inbox/")


urlpatterns = [
    path("start/", resume, name="start"),
    path("start/owner/", owner, name="start_owner"),
    path("start/store/", store, name="start_store"),
    path("start/number/", number, name="start_number"),
    path("start/rules/", rules, name="start_rules"),
    path("start/wording/", wording, name="start_wording"),
    path("start/team/", team, name="start_team"),
    path("start/test/", test, name="start_test"),
]
