"""Saved replies: their page, and the list that `/` opens in an empty box."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lotline.actions import templates as acts
from lotline.actions.errors import NotYours, Refused
from lotline.core.messaging.lint import Flaw, lint
from lotline.store.conversations import load_conversation
from lotline.store.templates import load_templates
from lotline.web.clock import Clock
from lotline.web.desk import clocks
from lotline.web.doors import context_of, members, viewer_of
from lotline.web.words import first_name, purpose


def filled(body: str, known: dict[str, str]) -> str:
    """The braces we can fill; the rest stay, and block sending until somebody does."""
    for name, value in known.items():
        body = body.replace("{" + name + "}", value)
    return body


@members("staff+")
@require_http_methods(["GET", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    """All that this member may use, and a form for one more."""
    ctx, viewer = context_of(request), viewer_of(request)
    problem = ""
    flaws: tuple[Flaw, ...] = ()
    if request.method == "POST":
        words = acts.Words(
            request.POST.get("shortcut", "").strip().lstrip("/").lower(),
            request.POST.get("title", "").strip(),
            request.POST.get("body", "").strip(),
            request.POST.get("purpose", "reply"),
        )
        if not request.POST.get("anyway"):
            flaws = lint(words.body, names=(viewer.company,))
        try:
            if not flaws:
                acts.add_template(ctx, viewer, words, shared=bool(request.POST.get("shared")))
        except Refused as refused:
            problem = refused.says
        if not problem and not flaws:
            return redirect("/templates/")
    with ctx.db.transaction(viewer.group_id) as tx:
        kept = load_templates(tx, viewer)
    context = {
        "kept": [{"it": one, "purpose": purpose(one.purpose)} for one in kept],
        "problem": problem,
        "flaws": flaws,
        "given": request.POST,
        "may_share": viewer.role in {"owner", "manager"},
    }
    return render(request, "replies/page.html", context, status=422 if problem or flaws else 200)


@members("staff+")
@require_POST
def retire(request: HttpRequest, template_id: UUID) -> HttpResponse:
    acts.retire_template(context_of(request), viewer_of(request), template_id)
    return redirect("/templates/")


@members("staff+")
@require_GET
def choices(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """Options for this customer, their fields filled in."""
    ctx, viewer = context_of(request), viewer_of(request)
    with ctx.db.transaction(viewer.group_id) as tx:
        page = load_conversation(tx, viewer, conversation_id, now=ctx.now(), limit=1)
        if page is None:
            raise NotYours
        kept = load_templates(tx, viewer)
    here, _ = clocks(page, ctx.now())
    known = _known(viewer.name, viewer.company, page.contact.name, page.store_name, here)
    known |= {key: str(value) for key, value in (page.contact.card or {}).items()}
    shown = [
        {"it": one, "purpose": purpose(one.purpose), "body": filled(one.body, known)}
        for one in kept
    ]
    return render(request, "replies/_choices.html", {"kept": shown})


def _known(member: str, company: str, customer: str, store: str, here: Clock) -> dict[str, str]:
    return {
        "customer.first": first_name(customer),
        "customer.name": customer,
        "me.first": first_name(member),
        "me.name": member,
        "store.name": store,
        "company.name": company,
        "first name": first_name(customer),
        "first_name": first_name(customer),
        "name": first_name(customer),
        "me": first_name(member),
        "my name": first_name(member),
        "my_name": first_name(member),
        "company": company,
        "store": store,
        "today": here.day(here.now),
    }
