"""The texting policy's pages: read it, sign it, and for an owner write the next version.

Reading and signing work without script. A version that was adopted is never changed, so each has
an address and a PDF of its own for ever.

Not here: who is current (`current`), the training (`training`), what counts (`actions.policies`).
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path

from lotline.actions.errors import Refused
from lotline.actions.policies import Counsel, adopt_policy, sign_policy
from lotline.core.oversight.paper import Block, Heading, Paragraph, make_pdf
from lotline.core.people.roles import may_change_rules
from lotline.core.policy.wording import changes_between, parts_of, ready_policy
from lotline.store.members import load_policies, load_policy, load_signed
from lotline.store.shown import PolicyText, SignedPolicy
from lotline.store.training import load_learner, load_matrix
from lotline.web.clock import Clock
from lotline.web.doors import context_of, members, viewer_of
from lotline.web.team import house_clock

_WORDS_A_MINUTE = 220
_USUAL_WAIT = timedelta(days=14)


@members("all")
def policy(request: HttpRequest) -> HttpResponse:
    """The version in force, what changed since one's own, and a place for one's name under it."""
    ctx, viewer = context_of(request), viewer_of(request)
    problem, status = "", 200
    if request.method == "POST":
        try:
            _sign(request)
        except Refused as refused:
            problem, status = str(refused), 422
        else:
            return redirect("/policy/")
    with ctx.db.transaction(viewer.group_id) as tx:
        text = load_policy(tx, ctx.now())
        signed = load_signed(tx, viewer.member_id, text.version) if text else None
        learner = load_learner(tx, viewer.member_id, ctx.now())
        older = {one.version: one for one in load_policies(tx)} if text and not signed else {}
    mine = older.get(learner.signed_version or 0)
    shown = {
        "policy": text,
        "parts": parts_of(text.body) if text else [],
        "minutes": max(1, round(len(text.body.split()) / _WORDS_A_MINUTE)) if text else 0,
        "signed": signed,
        "changes": changes_between(mine.body, text.body) if mine and text else [],
        "before": mine,
        "clock": house_clock(request),
        "problem": problem,
        "writes": may_change_rules(viewer.role),
        "trained": viewer.trained,
    }
    return render(request, "policy/policy.html", shown, status=status)


def _sign(request: HttpRequest) -> None:
    if not request.POST.get("read"):
        raise Refused("Tick that you have read it.")
    version = request.POST.get("version", "")
    number = int(version) if version.isdigit() else 0
    sign_policy(context_of(request), viewer_of(request), number, request.POST.get("name", ""))


@members("all")
def version(request: HttpRequest, number: int) -> HttpResponse:
    """A version as it was adopted."""
    text, signed = _version(request, number)
    shown = {
        "policy": text,
        "parts": parts_of(text.body),
        "signed": signed,
        "clock": house_clock(request),
    }
    return render(request, "policy/version.html", shown)


@members("all")
def paper(request: HttpRequest, number: int) -> HttpResponse:
    """The same as a PDF, with one's own signature under it."""
    text, signed = _version(request, number)
    viewer, clock = viewer_of(request), house_clock(request)
    blocks: list[Block] = [
        Heading(f"{viewer.company}: texting policy", level=1),
        Paragraph(f"Version {text.version}, adopted {_said(clock, text.adopted_at)}."),
    ]
    if text.counsel and text.counsel_on:
        blocks.append(Paragraph(f"Read by {text.counsel} on {text.counsel_on.isoformat()}."))
    for part in parts_of(text.body):
        if part.title:
            blocks.append(Heading(part.title))
        blocks.append(Paragraph(part.words))
    blocks.append(Heading("Signature"))
    if signed:
        blocks.append(
            Paragraph(f"Signed by {signed.name}, {_said(clock, signed.signed_at)}.", strong=True)
        )
    else:
        blocks.append(Paragraph("This copy carries no signature."))
    blocks.append(Paragraph(f"SHA-256 of the words: {text.sha256}", small=True))
    made = make_pdf(
        blocks,
        title=f"Texting policy, version {text.version}",
        ident=f"policy v{text.version} {text.sha256[:12]}",
        made_at=signed.signed_at if signed else text.adopted_at,
        size="a4" if request.GET.get("size") == "a4" else "letter",
    )
    answer = HttpResponse(made, content_type="application/pdf")
    name = f"texting-policy-v{text.version}.pdf"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _said(clock: Clock, at: datetime) -> str:
    """On paper no day is "today"."""
    local = clock.local(at)
    return f"{local:%B} {local.day}, {local.year}, {clock.time(at)} {local:%Z}"


def _version(request: HttpRequest, number: int) -> tuple[PolicyText, SignedPolicy | None]:
    ctx, viewer = context_of(request), viewer_of(request)
    with ctx.db.transaction(viewer.group_id) as tx:
        found = next((one for one in load_policies(tx) if one.version == number), None)
        if found is None:
            raise Http404
        return found, load_signed(tx, viewer.member_id, number)


@members("all")
def versions(request: HttpRequest) -> HttpResponse:
    """Every version there was, with what changed."""
    ctx, viewer = context_of(request), viewer_of(request)
    with ctx.db.transaction(viewer.group_id) as tx:
        found = load_policies(tx)
    shown = {"versions": found, "clock": house_clock(request)}
    return render(request, "policy/versions.html", shown)


@members("owner")
def edit(request: HttpRequest) -> HttpResponse:
    """The next version: the words, what changed, until when to sign, and who read it."""
    ctx, viewer = context_of(request), viewer_of(request)
    with ctx.db.transaction(viewer.group_id) as tx:
        last = load_policy(tx, ctx.now())
        people = [one for one in load_matrix(tx, viewer) if one.active]
    today = house_clock(request).today
    asked = {
        "body": last.body if last else ready_policy(),
        "changes": "",
        "sign_by": (today + _USUAL_WAIT).isoformat() if last else "",
        "counsel": "",
        "counsel_on": "",
    }
    problem, status = "", 200
    if request.method == "POST":
        asked = {name: request.POST.get(name, "") for name in asked}
        try:
            number = _adopt(request, asked, must_say=last is not None)
        except Refused as refused:
            problem, status = str(refused), 422
        else:
            return redirect(f"/policy/versions/{number}/")
    shown: dict[str, Any] = {
        "asked": asked,
        "last": last,
        "people": people,
        "problem": problem,
        "ready": last is None,
    }
    return render(request, "policy/edit.html", shown, status=status)


def _adopt(request: HttpRequest, asked: dict[str, str], *, must_say: bool) -> int:
    if must_say and not asked["changes"].strip():
        raise Refused("Say in a sentence what changed, so that people know what to read anew.")
    zone = ZoneInfo(str(viewer_of(request).group_settings.get("zone", "UTC")))
    counsel = None
    if asked["counsel"].strip() or asked["counsel_on"].strip():
        counsel = Counsel(asked["counsel"], _day(asked["counsel_on"], "the day it was read"))
    sign_by = None
    if asked["sign_by"].strip():
        day = _day(asked["sign_by"], "the day to sign by")
        # Until that day has ended where the company is.
        sign_by = datetime.combine(day + timedelta(days=1), time(), zone).astimezone(UTC)
    return adopt_policy(
        context_of(request),
        viewer_of(request),
        asked["body"].replace("\r\n", "\n"),
        sign_by,
        changes=asked["changes"],
        counsel=counsel,
    )


def _day(said: str, what: str) -> date:
    try:
        return date.fromisoformat(said.strip())
    except ValueError as error:
        raise Refused(f"Give {what} as year-month-day, like 2026-12-01.") from error


urlpatterns = [
    path("policy/", policy, name="policy"),
    path("policy/edit/", edit, name="policy_edit"),
    path("policy/versions/", versions, name="policy_versions"),
    path("policy/versions/<int:number>/", version, name="policy_version"),
    path("policy/versions/<int:number>/policy.pdf", paper, name="policy_paper"),
]
