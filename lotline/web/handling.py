"""What is done to a conversation without texting: assign, done, snooze, unread, read, in bulk.

Every act is a plain form that comes back to where it was pressed; a script may ask for 204.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from lotline.actions import conversations as acts
from lotline.actions.errors import Refused
from lotline.web.doors import context_of, members, viewer_of
from lotline.web.ids import need_id, need_ids, read_id


def back(request: HttpRequest, otherwise: str = "/inbox/") -> HttpResponse:
    """To where the form said, when that is a page of ours."""
    if request.headers.get("X-Lotline"):
        return HttpResponse(status=204)
    to = request.POST.get("next", "")
    ours = to.startswith("/") and url_has_allowed_host_and_scheme(to, allowed_hosts=None)
    return redirect(to if ours else otherwise)


@members("staff+")
@require_POST
def assign(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    to = request.POST.get("to", "")
    member_id = need_id(to, "Pick someone from the list.") if to else None
    acts.assign(context_of(request), viewer_of(request), conversation_id, member_id)
    return back(request, f"/c/{conversation_id}/")


@members("staff+")
@require_POST
def done(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    acts.mark_done(context_of(request), viewer_of(request), conversation_id)
    return back(request)


@members("staff+")
@require_POST
def reopen(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    acts.reopen(context_of(request), viewer_of(request), conversation_id)
    return back(request, f"/c/{conversation_id}/")


@members("staff+")
@require_POST
def snooze(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    given = request.POST.get("until", "")
    try:
        until = datetime.fromisoformat(given) if given else None
    except ValueError:
        raise Refused("Pick a time from the list.") from None
    if until is not None and until.tzinfo is None:
        raise Refused("Pick a time from the list.")
    acts.snooze(context_of(request), viewer_of(request), conversation_id, until)
    return back(request)


@members("all")
@require_POST
def unread(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    acts.mark_unread(context_of(request), viewer_of(request), conversation_id)
    return back(request)


@members("all")
@require_POST
def read(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """Seen up to a text, said by a screen on which it stood for a second."""
    upto = read_id(request.POST.get("upto", ""))
    acts.mark_read(context_of(request), viewer_of(request), conversation_id, upto)
    return back(request, f"/c/{conversation_id}/")


@members("staff+")
@require_POST
def bulk(request: HttpRequest) -> HttpResponse:
    """One act on what was picked in the list. There is no sending here."""
    ctx, viewer = context_of(request), viewer_of(request)
    picked = [one for one in request.POST.get("ids", "").split(",") if one]
    ids = need_ids(picked, "Pick conversations from the list.")
    if not ids:
        raise Refused("Pick at least one conversation.")
    act = request.POST.get("act", "")
    if act == "done":
        acts.mark_done(ctx, viewer, ids)
    elif act == "unread":
        acts.mark_unread(ctx, viewer, ids)
    elif act == "mine":
        acts.assign(ctx, viewer, ids, viewer.member_id)
    else:
        raise Refused("Choose what to do with them.")
    return back(request)
