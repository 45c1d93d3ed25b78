"""The desk's pages and fragments: the list, a conversation, its rows, items, foot and panel.

One address is the page on reload and the swap for a script; a fragment is fetched by id under the
viewer's own rights, so an event on the stream tells nobody anything.

Not here: sending (`messaging`), what may be seen (`lotline.store`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from lotline.actions import conversations as acts
from lotline.actions.errors import NotYours
from lotline.core.messaging.purpose import Purpose
from lotline.store.conversations import (
    Place,
    load_conversation,
    load_log_items,
    load_with_colleagues,
)
from lotline.store.inbox import ask_for_counts, ask_for_inbox, load_counts, load_row
from lotline.store.lines import ask_for_lines
from lotline.store.shown import ConversationPage, InboxCounts, LogItem, Viewer
from lotline.store.stream import ask_for_cursor
from lotline.web import presence
from lotline.web.customer import show_card
from lotline.web.desk import (
    Filter,
    ListView,
    clocks,
    read_filter,
    room_of,
    show_conversation,
    show_foot,
    show_list,
    words_of,
)
from lotline.web.doors import context_of, members, viewer_of
from lotline.web.gate import Word, ask_gate_each
from lotline.web.heard import heard_in
from lotline.web.ids import read_id
from lotline.web.log import show_log
from lotline.web.rows import show_row
from lotline.web.verdict import Asked, Strip, quiet, show_decision, show_gone, unchecked


@dataclass(frozen=True, slots=True)
class Loaded:
    """What one transaction read for the desk."""

    shown: ListView
    counts: InboxCounts
    page: ConversationPage | None
    colleagues: list[Any]
    cursor: str


def zone_of(viewer: Viewer) -> str:
    """The zone in which this member's lists are said; empty where nobody chose one."""
    return str(viewer.settings.get("zone") or viewer.group_settings.get("zone") or "")


def load_desk(request: HttpRequest, chosen: Filter, conversation_id: UUID | None = None) -> Loaded:
    """List, counts and, where one is asked for, a conversation: a fixed number of statements."""
    ctx, viewer, now = context_of(request), viewer_of(request), context_of(request).now()
    with ctx.db.transaction(viewer.group_id, by_key=True) as tx, tx.together():
        cursor = ask_for_cursor(tx)  # before anything else
        listed = ask_for_inbox(
            tx,
            viewer,
            box=chosen.box,
            is_=chosen.is_,
            line_id=chosen.line,
            oldest_first=chosen.oldest,
            before=request.GET.get("before") if conversation_id is None else None,
            now=now,
        )
        counted = ask_for_counts(tx, viewer, chosen.line, box=chosen.box, now=now)
        lined = ask_for_lines(tx, viewer)
        page, colleagues = None, list[Any]()
        if conversation_id is not None:
            before, at = (read_id(request.GET.get(name, "")) for name in ("before", "at"))
            place = Place(conversation_id, before, at)
            found = load_with_colleagues(tx, viewer, place, now=now, cursor=cursor)
            if found is None:
                raise NotYours
            page, colleagues = found
        upto = cursor() if page is None else page.cursor
        (rows, more), counts, lines = listed(), counted(), lined()
    shown = show_list(
        chosen, rows, more, counts, lines=lines, viewer=viewer, now=now, zone=zone_of(viewer)
    )
    return Loaded(shown, counts, page, colleagues, upto)


@members("all")
@require_GET
def inbox(request: HttpRequest) -> HttpResponse:
    """The list; a script that asks for it alone gets it alone."""
    chosen = read_filter(request.GET.dict())
    loaded = load_desk(request, chosen)
    context = {
        "list": loaded.shown,
        "unread": loaded.counts.unread,
        "cursor": loaded.cursor,
        "open_id": read_id(request.GET.get("open", "")),
    }
    target = request.headers.get("HX-Target", "")
    template = "desk/_list.html" if target == "list" else "desk/page.html"
    return render(request, template, context)


@members("all")
@require_GET
def conversation(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """One conversation beside the list; a script that swaps it gets it and its panel."""
    chosen = read_filter(request.GET.dict())
    loaded = load_desk(request, chosen, conversation_id)
    assert loaded.page is not None, "load_desk raises when it is not there"
    context = {
        **conversation_context(request, loaded.page, loaded.colleagues),
        "list": loaded.shown,
        "unread": loaded.counts.unread,
        "open_id": conversation_id,
    }
    _note_reading(request, loaded.page)
    target = request.headers.get("HX-Target", "")
    return render(request, "desk/_swap.html" if target == "conv" else "desk/page.html", context)


def _note_reading(request: HttpRequest, page: ConversationPage) -> None:
    """Reading another's conversation is said in its flow and in the ledger."""
    ctx, viewer = context_of(request), viewer_of(request)
    if viewer.sees_attempts and page.assignee_id not in {None, viewer.member_id}:
        acts.record_reading(ctx, viewer, page.conversation_id)


def conversation_context(
    request: HttpRequest,
    page: ConversationPage,
    colleagues: list[Any],
    *,
    body: str | None = None,
    word: Word | None = None,
    stale: str = "",
    client_id: str = "",
) -> dict[str, Any]:
    """What the conversation's templates print. `word` is the gate's answer when it is known."""
    ctx, viewer, now = context_of(request), viewer_of(request), context_of(request).now()
    strip, offer = strips(request, page, page.draft if body is None else body, word)
    words = words_of(page)
    card = show_card(
        page.contact,
        viewer,
        now,
        outlook=offer.decision,
        store_zone=page.store_zone,
        line=words.get("line", ""),
    )
    conv = show_conversation(page, card, viewer, now, colleagues)
    client_id = client_id or str(ctx.new_id())
    foot = show_foot(strip, page, now, client_id=client_id, body=body, stale=stale)
    return {
        "conv": conv,
        "card": card,
        "here": conv.here,
        "strip": strip,
        "foot": foot,
        "cursor": page.cursor,
        "list": {"query": read_filter(request.GET.dict()).query},
        "presence": presence.others(ctx, viewer, page.conversation_id, now),
        "heard": heard_in(request, page.conversation_id),
        "here_url": f"/c/{page.conversation_id}/",
    }


def strips(
    request: HttpRequest, page: ConversationPage, body: str, word: Word | None = None
) -> tuple[Strip, Word]:
    """The strip over the box, and the gate's answer to an offer now. The gate is asked once."""
    ctx, viewer = context_of(request), viewer_of(request)
    asked = asked_of(page, ctx)
    conversation_id = page.conversation_id
    kinds = (Purpose.OFFER, Purpose.UPDATE, Purpose.REPLY)
    typed = [(body, None)] if body.strip() and word is None else []
    words = ask_gate_each(ctx, viewer, conversation_id, [*(("", one) for one in kinds), *typed])
    offer = words[0]
    if viewer.role == "auditor":
        return Strip(
            "gate", "You can read, not text", "Auditors see everything and send nothing.", button=""
        ), offer
    if offer.decision is None:
        return unchecked(), offer
    gone = show_gone(offer.decision, asked)
    for word_of in words[1:3]:
        if gone is not None:  # only when nothing at all may be sent is the box taken away
            if word_of.decision is None:
                return unchecked(), offer
            gone = show_gone(word_of.decision, asked)
    if gone is not None:
        return gone, offer
    if not body.strip():
        return quiet(asked, wake=_wake(offer), wake_said=_wake_said(offer, asked)), offer
    return said(word or words[3], asked), offer


def _wake(offer: Word) -> str:
    until = offer.decision.hold_until if offer.decision else None
    return until.isoformat() if until else ""


def _wake_said(offer: Word, asked: Asked) -> str:
    until = offer.decision.hold_until if offer.decision else None
    return f"{asked.there.until(until)} there" if until else ""


def asked_of(page: ConversationPage, ctx: Any) -> Asked:
    """What the strip needs to know of this conversation."""
    _, there = clocks(page, ctx.now())
    return Asked(
        page.contact.name,
        page.contact.level,
        there,
        page.last_in_at,
        ctx.book,  # for titles alone, which no house can set
        words_of(page),
    )


def said(word: Word, asked: Asked, *, picked: bool = False) -> Strip:
    """The strip for typed words."""
    if word.decision is None:
        return unchecked()
    return show_decision(
        word.decision,
        asked,
        kind=word.purpose,
        picked=picked,
        reasons=word.reasons,
        segments=word.segments,
        added=word.added,
        gaps=word.gaps,
        laxer=word.laxer,
        loosened=word.loosened,
    )


def load_page(request: HttpRequest, conversation_id: UUID) -> tuple[ConversationPage, list[Any]]:
    """The conversation alone, for a fragment of it."""
    ctx, viewer = context_of(request), viewer_of(request)
    with ctx.db.transaction(viewer.group_id, by_key=True) as tx, tx.together():
        place, cursor = Place(conversation_id), ask_for_cursor(tx)
        found = load_with_colleagues(tx, viewer, place, now=ctx.now(), cursor=cursor)
        if found is None:
            raise NotYours
        return found


# --- fragments, each by id ---------------------------------------------------------------------


@members("all")
@require_GET
def row(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """One row, as the list shows it now; 404 when it is no longer the viewer's."""
    ctx, viewer = context_of(request), viewer_of(request)
    with ctx.db.transaction(viewer.group_id) as tx:
        found = load_row(tx, viewer, conversation_id)
    if found is None:
        raise NotYours
    chosen = read_filter(request.GET.dict())
    shown = show_row(found, viewer, ctx.now(), zone_of(viewer))
    fits = _fits(chosen, found, viewer)
    response = render(
        request,
        "desk/_row.html",
        {
            "row": shown,
            "list": {"query": chosen.query},
            "open_id": read_id(request.GET.get("open", "")),
        },
    )
    response["X-Fits"] = "1" if fits else ""
    return response


def _fits(chosen: Filter, found: Any, viewer: Viewer) -> bool:
    """Whether the row belongs in the list that is shown."""
    if chosen.line and found.line_id != chosen.line:
        return False
    if chosen.box == "mine" and found.assignee_id != viewer.member_id:
        return False
    if chosen.box == "unassigned" and found.assignee_id is not None:
        return False
    fits: dict[str, bool] = {
        "open": not found.done,
        "done": found.done,
        "unread": found.unread > 0,
        "waiting": found.waiting_since is not None,
        "held": found.held_until is not None,
        "snoozed": found.snoozed_until is not None,
    }
    return fits[chosen.is_]


@members("all")
@require_GET
def counts(request: HttpRequest) -> HttpResponse:
    """Tabs and chips with today's numbers."""
    ctx, viewer = context_of(request), viewer_of(request)
    chosen = read_filter(request.GET.dict())
    with ctx.db.transaction(viewer.group_id) as tx:
        found = load_counts(tx, viewer, chosen.line, box=chosen.box, now=ctx.now())
    shown = show_list(chosen, (), None, found, viewer=viewer, now=ctx.now())
    return render(request, "desk/_tabs.html", {"list": shown, "unread": found.unread})


@members("all")
@require_GET
def items(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """Things of the flow by their ids; what the viewer may not see is simply not among them."""
    ids = [one for given in request.GET.get("ids", "").split(",") if (one := read_id(given))]
    page, _ = load_page(request, conversation_id)
    ctx, viewer = context_of(request), viewer_of(request)
    with ctx.db.transaction(viewer.group_id) as tx:
        found = load_log_items(tx, viewer, conversation_id, ids[:500])
    if request.GET.get("newest"):
        asked = {item.id for item in found}
        found = (*found, *(item for item in page.log[-10:] if item.id not in asked))
    return render_items(request, page, sorted(found, key=lambda item: (item.at, item.id)))


def render_items(
    request: HttpRequest, page: ConversationPage, found: Sequence[LogItem]
) -> HttpResponse:
    """These things of the flow, to be put in their places."""
    ctx, viewer = context_of(request), viewer_of(request)
    room = room_of(page, viewer, ctx.now())
    context = {
        "items": show_log(found, room, with_days=False),
        "conv": _bare(page, viewer),
        "here": room.here,
    }
    return render(request, "desk/_items.html", context)


@members("all")
@require_GET
def earlier(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """What came before an item, to stand above it."""
    ctx, viewer = context_of(request), viewer_of(request)
    before = read_id(request.GET.get("before", ""))
    if before is None:
        raise Http404
    with ctx.db.transaction(viewer.group_id) as tx:
        page = load_conversation(tx, viewer, conversation_id, now=ctx.now(), before=before)
    if page is None:
        raise NotYours
    conv = show_conversation(page, show_card(page.contact, viewer, ctx.now()), viewer, ctx.now())
    return render(
        request, "desk/_earlier.html", {"conv": conv, "items": conv.log, "here": conv.here}
    )


def _bare(page: ConversationPage, viewer: Viewer) -> dict[str, Any]:
    """What an item's template asks of its conversation."""
    return {
        "id": page.conversation_id,
        "contact_id": page.contact.contact_id,
        "may_send": viewer.role != "auditor",
    }


@members("all")
@require_GET
def foot(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """The box as it must be now, with the panel beside it: asked for when consent changed."""
    page, colleagues = load_page(request, conversation_id)
    return render(request, "desk/_foot_swap.html", conversation_context(request, page, colleagues))
