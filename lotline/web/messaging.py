"""Preview, send, undo, drafts and notes: what the box does, with script and without.

With script an answer is a fragment and a status; without, each is a full form post that comes
back to the conversation with the verdict on it. The words are never lost: whatever is not sent
is in the box again.

Not here: deciding and keeping (`actions.submit`, `actions.undo`), the strip's words (`verdict`).
"""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from lotline.actions import drafts as draft_acts
from lotline.actions import notes as note_acts
from lotline.actions import undo as undo_acts
from lotline.actions.errors import NotAllowed, NotYours, Refused, Stale
from lotline.actions.submit import submit
from lotline.core.messaging.purpose import Purpose
from lotline.store.conversations import load_log_items
from lotline.web.conversations import (
    asked_of,
    conversation_context,
    load_page,
    render_items,
    said,
)
from lotline.web.desk import read_filter
from lotline.web.doors import context_of, members, viewer_of
from lotline.web.gate import ask_gate
from lotline.web.ids import read_id
from lotline.web.verdict import quiet

log = logging.getLogger("lotline.web.messaging")
_PURPOSES = {"reply": Purpose.REPLY, "update": Purpose.UPDATE, "offer": Purpose.OFFER}


def by_script(request: HttpRequest) -> bool:
    """Whether our own script asks, and takes a fragment for an answer."""
    return bool(request.headers.get("X-Lotline"))


@members("staff+")
@require_POST
def preview(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """The strip for the words as they are now; nothing is kept."""
    ctx, viewer = context_of(request), viewer_of(request)
    body = request.POST.get("body", "")
    picked = _PURPOSES.get(request.POST.get("purpose", ""))
    page, _ = load_page(request, conversation_id)
    asked = asked_of(page, ctx)
    if not body.strip():
        strip = quiet(asked)
    else:
        strip = said(
            ask_gate(ctx, viewer, conversation_id, body, picked), asked, picked=picked is not None
        )
    return render(request, "desk/_verdict.html", {"strip": strip})


@members("staff+")
@require_POST
def send(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """One press of Send. The screen's own id makes a doubled press one text."""
    ctx, viewer = context_of(request), viewer_of(request)
    body = request.POST.get("body", "")
    if not body.strip():
        return _again(request, conversation_id, body, "Type a text first.", 422)
    try:
        sent = submit(
            ctx,
            viewer,
            conversation_id,
            body,
            client_id=_client_id(request, ctx),
            purpose=_PURPOSES.get(request.POST.get("purpose", "")),
            why=request.POST.get("why", "")[:200],
            seen=request.POST.get("seen") or None,
            anyway=bool(request.POST.get("anyway")),
            send_at=_moment(request.POST.get("send_at", "")),
        )
    except Stale as stale:
        return _again(request, conversation_id, body, _stale_said(stale), 409)
    except Refused as refused:
        return _again(request, conversation_id, body, refused.says, 422)
    except (NotYours, NotAllowed):
        raise
    except Exception:  # the words stay, and nothing goes: the screen must be able to say so
        log.exception("a text could not be submitted")
        says = "Can’t check the rules right now. Your text is kept here and nothing sends."
        return _again(request, conversation_id, body, says, 503)
    if by_script(request):
        return _sent_item(request, conversation_id, sent)
    query = read_filter(request.GET.dict()).query
    if str(sent.state) == "blocked":
        return _again(request, conversation_id, body, "", 200)
    return redirect(f"/c/{conversation_id}/{query}#m{sent.text_id}")


def _client_id(request: HttpRequest, ctx: Any) -> UUID:
    made: UUID = read_id(request.POST.get("client_id", "")) or ctx.new_id()
    return made


def _moment(given: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(given)
    except ValueError:
        return None
    return at if at.tzinfo else None


def _stale_said(stale: Stale) -> str:
    n = max(1, stale.seconds)
    ago = f"{n} second{'s' * (n != 1)}" if n < 90 else f"{n // 60} min"
    if stale.what == "stop":
        return f"{stale.by_name} asked to stop {ago} ago."
    return f"{stale.by_name} replied {ago} ago. Read it before you send."


def _again(
    request: HttpRequest, conversation_id: UUID, body: str, says: str, status: int
) -> HttpResponse:
    """Not sent: the words and the reason, on the page they came from."""
    if by_script(request):
        context = {"foot": {"stale": says}}
        if status == 409:
            return render(request, "desk/_stale.html", context, status=409)
        return HttpResponse(says, status=status, content_type="text/plain; charset=utf-8")
    page, colleagues = load_page(request, conversation_id)
    # Where nobody knows what became of it, pressed again it must be the same tap (P4).
    same = request.POST.get("client_id", "") if status >= 500 else ""
    context = conversation_context(request, page, colleagues, body=body, stale=says, client_id=same)
    return render(request, "desk/alone.html", context, status=status)


def _sent_item(request: HttpRequest, conversation_id: UUID, sent: Any) -> HttpResponse:
    """The bubble as it is kept, to stand where the screen drew its own."""
    ctx, viewer = context_of(request), viewer_of(request)
    page, _ = load_page(request, conversation_id)
    with ctx.db.transaction(viewer.group_id) as tx:
        found = load_log_items(tx, viewer, conversation_id, [sent.text_id])
    response = render_items(request, page, found)
    response["X-Text"] = str(sent.text_id)
    response["X-State"] = str(sent.state)
    response["X-Seen"] = page.cursor
    if str(sent.state) == "queued" and sent.due_at is not None:
        left = (sent.due_at - ctx.now()).total_seconds()
        response["X-Undo-Ms"] = str(max(0, int(left * 1000)))
    return response


@members("staff+")
@require_http_methods(["GET", "POST"])
def undo(request: HttpRequest, text_id: UUID) -> HttpResponse:
    """Take a text back before it leaves: the words return to the box."""
    ctx, viewer = context_of(request), viewer_of(request)
    if request.method == "GET":
        return _ask_first(request, text_id)
    done = undo_acts.undo(ctx, viewer, text_id)
    keep = request.POST.get("act") != "cancel"
    if by_script(request):
        return JsonResponse(
            {"ok": done.ok, "body": done.body if keep else "", "why": done.why},
            status=200 if done.ok else 409,
        )
    conversation_id = read_id(request.POST.get("c", ""))
    if conversation_id is None:
        return redirect("/inbox/")
    if done.ok and keep:
        draft_acts.save_draft(ctx, viewer, conversation_id, done.body)
    return redirect(f"/c/{conversation_id}/#composer")


def _ask_first(request: HttpRequest, text_id: UUID) -> HttpResponse:
    """Without script a link leads here, to the form that does it; only for a text in reach."""
    ctx, viewer = context_of(request), viewer_of(request)
    conversation_id = read_id(request.GET.get("c", ""))
    if conversation_id is None:
        raise NotYours
    with ctx.db.transaction(viewer.group_id) as tx:
        if not load_log_items(tx, viewer, conversation_id, [text_id]):
            raise NotYours
    return render(request, "desk/undo.html", {"text_id": text_id, "c": conversation_id})


@members("staff+")
@require_POST
def draft(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """Keep what is in the box, on the server and nowhere else."""
    draft_acts.save_draft(
        context_of(request), viewer_of(request), conversation_id, request.POST.get("body", "")
    )
    return HttpResponse(status=204)


@members("staff+")
@require_POST
def note(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """Words for the team alone."""
    body = request.POST.get("body", "").strip()
    if not body:
        raise Refused("Type a note first.")
    note_acts.add_note(context_of(request), viewer_of(request), conversation_id, body)
    if by_script(request):
        return HttpResponse(status=204)
    return redirect(f"/c/{conversation_id}/")
