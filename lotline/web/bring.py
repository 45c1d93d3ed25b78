"""The pages of the off-channel amnesty: bring in a phone's export, see it held against the record.

The file lies in a private folder while a thread of this process reads it, and is removed whatever
happens. The page says how far it is, by itself or when it is loaded again, and can cancel.

Not here: what is kept of it (`actions.bring`), how large a file may be (`uploads`).
"""

from __future__ import annotations

import logging
import os
import threading
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

from django.core.files.uploadedfile import TemporaryUploadedFile, UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lotline.actions import bring as acts
from lotline.actions import bring_keep
from lotline.actions.context import Context
from lotline.actions.errors import NotAllowed, NotYours, Refused, Stale
from lotline.actions.submit import submit
from lotline.core.messaging.phone import BadExport, Export
from lotline.store import bring as store
from lotline.store.contacts import load_card
from lotline.store.shown import Viewer
from lotline.web import uploads
from lotline.web.doors import context_of, members, viewer_of
from lotline.web.ids import need_ids
from lotline.web.team import house_clock

log = logging.getLogger("lotline.web")
AT_ONCE = 2
MOST_HANDED = 200
_seats = threading.BoundedSemaphore(AT_ONCE)
KINDS = {"android": "Android phone", "iphone": "iPhone"}
_DIGITS = 8
_SAID = {
    "queued": "On its way",
    "held": "Held until its rule lets it go",
    "blocked": "Not sent: the rules don’t allow it",
}
_TOO_LARGE = "This file is too large. Make the backup without pictures, or of a shorter time."
_BUSY = "Two phones are being read just now. Try again in a minute."


@members("staff+")
@require_http_methods(["GET", "POST"])
def bring(request: HttpRequest) -> HttpResponse:
    """Choose a file, and the earlier ones."""
    ctx, viewer = context_of(request), viewer_of(request)
    if viewer.by_pin:
        raise NotAllowed
    problem = ""
    if request.method == "POST":
        try:
            return redirect(f"/me/bring/{_begin(request, ctx, viewer)}/")
        except (Refused, BadExport) as no:
            problem = str(no)
    with ctx.db.transaction(viewer.group_id) as tx:
        earlier = store.load_bringings(tx, viewer)
    running = next((one for one in earlier if one.state in {"reading", "found"}), None)
    shown = {
        "earlier": [(one, KINDS[one.kind]) for one in earlier],
        "running": running,
        "problem": problem,
        "clock": house_clock(request),
    }
    return render(request, "bring/index.html", shown, status=422 if problem else 200)


def _begin(request: HttpRequest, ctx: Context, viewer: Viewer) -> UUID:
    upload = request.FILES.get("file")
    if getattr(request, "upload_refused", False):
        raise Refused(_TOO_LARGE)
    if not isinstance(upload, UploadedFile):
        raise Refused("Choose the file first.")
    if not _seats.acquire(blocking=False):
        raise Refused(_BUSY)
    kept = uploads.folder() / f"{ctx.new_id()}.part"
    try:
        _put(upload, kept)
        export = ctx.open_export(kept)
        bringing_id = acts.begin(ctx, viewer, export.kind, export.total)
        reader = threading.Thread(
            target=_read, args=(ctx, viewer, bringing_id, kept, export), daemon=True
        )
        reader.start()
    except BaseException:
        kept.unlink(missing_ok=True)
        _seats.release()
        raise
    return bringing_id


def _put(upload: UploadedFile[bytes], kept: Path) -> None:
    if isinstance(upload, TemporaryUploadedFile):
        os.link(upload.temporary_file_path(), kept)
        return
    with os.fdopen(os.open(kept, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.writelines(upload.chunks())


def _read(ctx: Context, viewer: Viewer, bringing_id: UUID, kept: Path, export: Export) -> None:
    """In a thread of its own. What it stumbles over may hold anybody's words: its class is told."""
    try:
        acts.read(ctx, viewer, bringing_id, export)
    except Exception as error:  # noqa: BLE001 - a thread has nobody above it to tell
        log.error("an import of a phone failed: %s", type(error).__name__)  # noqa: TRY400 - as above
    finally:
        kept.unlink(missing_ok=True)
        _seats.release()


@members("staff+")
@require_GET
def one(request: HttpRequest, bringing_id: UUID) -> HttpResponse:
    """How far it is; then what it found, held against the record."""
    return _shown(request, bringing_id)


def _shown(request: HttpRequest, bringing_id: UUID, **more: Any) -> HttpResponse:
    ctx, viewer = context_of(request), viewer_of(request)
    with ctx.db.transaction(viewer.group_id) as tx:
        found = store.load_bringing(tx, viewer, bringing_id)
        threads = store.load_threads(tx, viewer, bringing_id)
    if found is None:
        raise NotYours
    cut_off = found.state == "reading" and ctx.now() - found.beat_at > acts.CUT_OFF
    rows = [thread.row for thread in threads]
    shown = {
        "found": found,
        "kind": KINDS[found.kind],
        "state": "cut_off" if cut_off else found.state,
        "percent": min(99, found.done * 100 // max(found.total, 1)),
        "threads": threads,
        "without": [thread for thread in threads if thread.row.without],
        "after_stop": [thread for thread in threads if thread.row.after_stop],
        "fresh": sum(row.fresh for row in rows),
        "handed": [thread for thread in threads if thread.kept_at and thread.conversation_id],
        "clock": house_clock(request),
        "draft": f"Hi, this is {viewer.name.split()[0]} at {viewer.company}. Please text me here"
        " from now on. Reply STOP to opt out.",
        **more,
    }
    return render(request, "bring/one.html", shown, status=422 if more.get("problem") else 200)


@members("staff+")
@require_POST
def cancel(request: HttpRequest, bringing_id: UUID) -> HttpResponse:
    acts.cancel(context_of(request), viewer_of(request), bringing_id)
    return redirect(f"/me/bring/{bringing_id}/")


@members("staff+")
@require_POST
def keep(request: HttpRequest, bringing_id: UUID) -> HttpResponse:
    """The ticked conversations come over."""
    chosen = _chosen(request)
    bring_keep.keep(context_of(request), viewer_of(request), bringing_id, chosen)
    return redirect(f"/me/bring/{bringing_id}/")


@members("staff+")
@require_POST
def hand_over(request: HttpRequest, bringing_id: UUID) -> HttpResponse:
    """One text to each ticked customer, each through the gate. The same press sends none twice."""
    ctx, viewer = context_of(request), viewer_of(request)
    chosen = set(_chosen(request))
    body = request.POST.get("body", "").strip()
    with ctx.db.transaction(viewer.group_id) as tx:
        threads = store.load_threads(tx, viewer, bringing_id)
    told = []
    for thread in threads:
        if thread.contact_id not in chosen or not thread.kept_at or thread.conversation_id is None:
            continue
        told.append((thread, _hand_over(ctx, viewer, bringing_id, thread, body)))
        if len(told) == MOST_HANDED:
            break
    problem = "" if told else "Choose at least one customer."
    return _shown(request, bringing_id, told=told, problem=problem)


def _hand_over(
    ctx: Context, viewer: Viewer, bringing_id: UUID, thread: store.FoundThread, body: str
) -> str:
    assert thread.conversation_id is not None, "asked by who calls this"
    try:
        done = submit(
            ctx,
            viewer,
            thread.conversation_id,
            body,
            client_id=uuid5(bringing_id, str(thread.contact_id)),
        )
    except (Refused, Stale) as no:
        return str(no)
    return _SAID.get(done.state, done.state)


@members("leads")
@require_GET
def of_team(request: HttpRequest) -> HttpResponse:
    """What those whom the viewer leads brought in, in counts."""
    ctx, viewer = context_of(request), viewer_of(request)
    with ctx.db.transaction(viewer.group_id) as tx:
        rows = store.load_summaries(tx, viewer)
    shown = {"rows": [(row, KINDS[row.kind]) for row in rows], "clock": house_clock(request)}
    return render(request, "bring/team.html", shown)


@members("all")
@require_GET
def history(request: HttpRequest, contact_id: UUID) -> HttpResponse:
    """What was brought in of one customer, marked as what it is."""
    ctx, viewer = context_of(request), viewer_of(request)
    with ctx.db.transaction(viewer.group_id) as tx:
        card = load_card(tx, viewer, contact_id, ctx.now())
        if card is None:
            raise NotYours
        skip = _skip(request)
        texts = store.load_history(tx, viewer, contact_id, skip)
        count = store.count_history(tx, viewer, contact_id)
    shown = {
        "card": card,
        "texts": [(text, KINDS[text.source]) for text in reversed(texts)],
        "count": count,
        "older": skip + store.PAGE if len(texts) == store.PAGE else None,
        "clock": house_clock(request),
    }
    return render(request, "bring/history.html", shown)


def _skip(request: HttpRequest) -> int:
    asked = request.GET.get("skip", "")
    return int(asked) if asked.isascii() and asked.isdigit() and len(asked) < _DIGITS else 0


urlpatterns = [
    path("me/bring/", bring, name="bring"),
    path("me/bring/<uuid:bringing_id>/", one),
    path("me/bring/<uuid:bringing_id>/cancel/", cancel),
    path("me/bring/<uuid:bringing_id>/keep/", keep),
    path("me/bring/<uuid:bringing_id>/hand-over/", hand_over),
    path("team/brought/", of_team, name="brought"),
    path("customers/<uuid:contact_id>/brought/", history),
]


def _chosen(request: HttpRequest) -> list[UUID]:
    return need_ids(request.POST.getlist("customer"), "Choose customers from the list.")
