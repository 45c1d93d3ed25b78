"""Customers: the list, one card, its timeline, adding consent, recording a stop, a new text.

Consent is only ever added to: a correction is a new entry, and a stop takes effect before the
page answers. The card shows what the entries add up to, never a switch to turn.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lotline.actions import consent as acts
from lotline.actions import contacts as contact_acts
from lotline.actions.errors import NotYours, Refused
from lotline.core.base.numbers import BadNumber, parse_number, shown
from lotline.core.messaging.purpose import Purpose
from lotline.core.oversight.deadline import honour_by
from lotline.store.bring import count_history
from lotline.store.contacts import find_contact, load_card, load_contacts
from lotline.store.lines import load_lines
from lotline.store.shown import ContactCard
from lotline.web.clock import Clock, zone_named
from lotline.web.conversations import zone_of
from lotline.web.customer import Card, show_card
from lotline.web.desk import Choice
from lotline.web.doors import context_of, members, viewer_of
from lotline.web.gate import ask_gate
from lotline.web.ids import read_id
from lotline.web.words import LEVELS, first_name, level

HOWS = (
    ("texted_us", "Texted us first"),
    ("signed_form", "Signed a form"),
    ("in_person", "Told me in person"),
    ("web_form", "Filled in a web form"),
    ("not_yet", "Not yet"),
)
SOURCES = (
    ("in_person", "Told me in person"),
    ("paper_form", "Signed a form"),
    ("phone", "Said so on the phone"),
    ("web_form", "Filled in a web form"),
    ("email", "Wrote an e-mail"),
)
KINDS = (
    ("express", "Replies and updates", "They said we may text them about their visit or order."),
    (
        "written",
        "Offers too, in writing",
        "They signed or ticked wording that names us and offers.",
    ),
)
STOPS = (
    ("phone", "On the phone"),
    ("in_person", "In person"),
    ("email", "By e-mail"),
    ("letter", "In a letter"),
    ("text", "In a text we missed"),
)


def load(request: HttpRequest, contact_id: UUID) -> tuple[ContactCard, Card]:
    """The card, with the gate's answer to an offer now where there is a conversation to ask for."""
    ctx, viewer, now = context_of(request), viewer_of(request), context_of(request).now()
    with ctx.db.transaction(viewer.group_id) as tx:
        card = load_card(tx, viewer, contact_id, now)
    if card is None:
        raise NotYours
    outlook = None
    if card.conversations and not card.erased:
        outlook = ask_gate(ctx, viewer, card.conversations[0][0], "", Purpose.OFFER).decision
    return card, show_card(card, viewer, now, outlook=outlook, store_zone=zone_of(viewer))


@members("all")
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Everybody in reach, newest first, by name, number or what may be texted."""
    ctx, viewer, now = context_of(request), viewer_of(request), context_of(request).now()
    q, wanted = request.GET.get("q", "").strip(), request.GET.get("level", "")
    with ctx.db.transaction(viewer.group_id) as tx:
        rows, more = load_contacts(
            tx,
            viewer,
            q=q,
            level=wanted if wanted in LEVELS else None,
            after=request.GET.get("after"),
        )
    chips = [Choice("Everyone", f"/customers/?q={q}" if q else "/customers/", not wanted)]
    chips += [
        Choice(mark.word, f"/customers/?level={name}" + (f"&q={q}" if q else ""), wanted == name)
        for name, mark in LEVELS.items()
    ]
    context = {
        "rows": [
            {"row": row, "state": level(row.level), "when": _when(row.last_at, row.zones, now)}
            for row in rows
        ],
        "q": q,
        "chips": chips,
        "more": f"/customers/?q={q}&level={wanted}&after={more}" if more else "",
    }
    return render(request, "customers/index.html", context)


def _when(at: datetime | None, zones: tuple[str, ...], now: datetime) -> str:
    return Clock(now, zones[0] if zones else "UTC").brief(at) if at else ""


@members("all")
@require_GET
def page(request: HttpRequest, contact_id: UUID) -> HttpResponse:
    raw, card = load(request, contact_id)
    ctx, viewer = context_of(request), viewer_of(request)
    with ctx.db.transaction(viewer.group_id) as tx:
        brought = count_history(tx, viewer, contact_id)
    shown = {"card": card, "raw": raw, "brought": brought}
    return render(request, "customers/page.html", shown)


@members("all")
@require_GET
def timeline(request: HttpRequest, contact_id: UUID) -> HttpResponse:
    """Every entry with its proof."""
    raw, card = load(request, contact_id)
    return render(request, "customers/timeline.html", {"card": card, "raw": raw})


@members("staff+")
@require_http_methods(["GET", "POST"])
def add_consent(request: HttpRequest, contact_id: UUID) -> HttpResponse:
    """How they agreed, in whose words, when. A date in the past needs a reason."""
    raw, card = load(request, contact_id)
    ctx, viewer = context_of(request), viewer_of(request)
    there = Clock(ctx.now(), raw.zones[0] if raw.zones else zone_of(viewer) or "UTC")
    context = {
        "card": card,
        "sources": SOURCES,
        "kinds": KINDS,
        "given": request.POST,
        "now_local": there.local(ctx.now()).strftime("%Y-%m-%dT%H:%M"),
        "zone_said": there.zone_said,
    }
    if request.method == "GET":
        return render(request, "customers/add_consent.html", context)
    try:
        acts.add_consent(
            ctx,
            viewer,
            contact_id,
            kind=_one_of(request, "kind", KINDS, "Choose what they agreed to."),
            scope="all" if request.POST.get("kind") == "written" else "updates",
            source=_one_of(request, "source", SOURCES, "Choose how they agreed."),
            said_at=_said_at(request, there),
            words=request.POST.get("words", "").strip(),
            wording_id=None,
            reason=request.POST.get("reason", "").strip(),
        )
    except Refused as refused:
        return render(
            request, "customers/add_consent.html", {**context, "problem": refused.says}, status=422
        )
    return redirect(f"/customers/{contact_id}/consent/")


def _one_of(request: HttpRequest, name: str, choices: Any, says: str) -> str:
    given = request.POST.get(name, "")
    if given not in {choice[0] for choice in choices}:
        raise Refused(says)
    return given


def _said_at(request: HttpRequest, there: Clock) -> datetime:
    given = request.POST.get("said_at", "").strip()
    if not given:
        return there.now
    try:
        at = datetime.fromisoformat(given).replace(tzinfo=zone_named(there.zone))
    except ValueError:
        raise Refused("Enter the day and time, like 2026-11-19 14:30.") from None
    # The form shows minutes: the minute that is now is now.
    return there.now if abs((at - there.now).total_seconds()) < 90 else at


@members("staff+")
@require_http_methods(["GET", "POST"])
def stop(request: HttpRequest, contact_id: UUID) -> HttpResponse:
    """They asked us to stop: in force before this page answers."""
    raw, card = load(request, contact_id)
    ctx = context_of(request)
    zone = zone_of(viewer_of(request)) or (raw.zones[0] if raw.zones else "UTC")
    shown: dict[str, Any] = {
        "card": card,
        "hows": STOPS,
        "due": honour_by(ctx.book, ctx.now(), zone),
        "law": ctx.book.rules["FED-REV-3"],
    }
    if request.method == "GET":
        return render(request, "customers/stop.html", shown)
    scope = request.POST.get("scope", "all")
    try:
        how = _one_of(request, "how", STOPS, "Choose how they told you.")
        acts.record_stop(
            ctx,
            viewer_of(request),
            contact_id,
            how=how,
            scope=scope if scope in {"all", "offers"} else "all",
        )
    except Refused as refused:
        return render(
            request, "customers/stop.html", {**shown, "problem": refused.says}, status=422
        )
    return redirect(f"/customers/{contact_id}/consent/")


@members("staff+")
@require_POST
def confirm(request: HttpRequest, contact_id: UUID) -> HttpResponse:
    """A person checked that the number is still theirs."""
    acts.confirm_number(context_of(request), viewer_of(request), contact_id)
    return redirect(f"/customers/{contact_id}/")


@members("staff+")
@require_POST
def change(request: HttpRequest, contact_id: UUID) -> HttpResponse:
    """Their name, or where they are."""
    ctx, viewer = context_of(request), viewer_of(request)
    try:
        if name := request.POST.get("name", "").strip():
            contact_acts.rename(ctx, viewer, contact_id, name)
        if zip_code := request.POST.get("zip_code", "").strip():
            contact_acts.set_place(ctx, viewer, contact_id, zip_code=zip_code)
    except Refused as refused:
        raw, card = load(request, contact_id)
        context = {"card": card, "raw": raw, "problem": refused.says}
        return render(request, "customers/page.html", context, status=422)
    return redirect(f"/customers/{contact_id}/")


@members("staff+")
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """A number: somebody we know opens their conversation, somebody new gets one short form."""
    ctx, viewer = context_of(request), viewer_of(request)
    with ctx.db.transaction(viewer.group_id) as tx:
        lines = [line for line in load_lines(tx, viewer) if not line.paused]
    context: dict[str, Any] = {
        "lines": [{"id": line.id, "says": f"{line.label} {shown(line.number)}"} for line in lines],
        "hows": HOWS,
        "given": request.POST
        if request.method == "POST"
        else {"number": request.GET.get("to", "")},
    }
    if request.method == "GET":
        return render(request, "new/page.html", context)
    try:
        started = _start(request, [line.id for line in lines])
    except Refused as refused:
        found = _found(request)
        context |= {"problem": refused.says, "found": found}
        return render(request, "new/page.html", context, status=422)
    return redirect(f"/c/{started.conversation_id}/#composer")


def _start(request: HttpRequest, line_ids: list[UUID]) -> Any:
    if not line_ids:
        raise Refused("You have no line to text from. Ask an owner for one.")
    line_id = read_id(request.POST.get("line", "")) or line_ids[0]
    found = _found(request)
    if found and found["out"]:
        who = f"That’s {found['name']}, who" if found["name"] else "Somebody with that number"
        raise Refused(f"{who} opted out.")
    return contact_acts.start_conversation(
        context_of(request),
        viewer_of(request),
        number=request.POST.get("number", ""),
        line_id=line_id,
        name=request.POST.get("name", ""),
        zip_code=request.POST.get("zip_code", ""),
        how=request.POST.get("how", "not_yet"),
    )


def _found(request: HttpRequest) -> dict[str, Any] | None:
    """Whom the number belongs to already; no name of somebody who is out of the viewer's reach."""
    ctx, viewer = context_of(request), viewer_of(request)
    try:
        number = parse_number(request.POST.get("number", "") or request.GET.get("number", ""))
    except BadNumber:
        return None
    with ctx.db.transaction(viewer.group_id) as tx:
        known = find_contact(tx, number.e164)
        if known is None or known.erased:
            return None
        theirs = load_card(tx, viewer, known.contact_id, ctx.now()) is not None
    name = first_name(known.name) if theirs else ""
    return {"id": known.contact_id, "name": name, "out": known.level == "out"}
