"""What a store watches for, as its owner sets it: a step for each screen, words, sites, samples.

Not here: what the steps do (`core.oversight.watch`), keeping a choice (`actions.watch`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_http_methods

from lotline.actions.errors import Refused
from lotline.actions.watch import choose_watch
from lotline.core.oversight.screens import load_screens
from lotline.core.oversight.watch import (
    MOST_SAMPLED,
    OF_OURS,
    OF_THEIRS,
    Watch,
    maskable,
    read_watch,
    watchable,
)
from lotline.store.lines import load_lines
from lotline.store.watch import Chosen, load_chosen, load_watches
from lotline.web.doors import context_of, members, viewer_of
from lotline.web.team import house_clock

_STEPS = {
    "off": "Nothing",
    "warn": "Warn before Send",
    "flag": "Flag for review",
    "hold": "Hold for a manager",
    "block": "Refuse",
}
_NUMBER = re.compile(r"\+?[\d\s().-]{10,20}")


@dataclass(frozen=True, slots=True)
class Row:
    """One screen with what is chosen."""

    id: str
    says: str
    out: str
    came: str
    mask: bool | None  # None: nothing of it is hidden


def _rows(watch: Watch) -> list[Row]:
    screens = load_screens()
    return [
        Row(
            name,
            screens[name].says,
            watch.out[name].name.lower(),
            watch.came[name].name.lower(),
            (name in watch.mask) if name in maskable() else None,
        )
        for name in watchable()
    ]


@members("owner")
@require_http_methods(["GET", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    """One store at a time; the first when none is named."""
    ctx, viewer = context_of(request), viewer_of(request)
    with ctx.db.transaction(viewer.group_id) as tx:
        stores = {line.store_id: line.store_name for line in load_lines(tx, viewer, ctx.now())}
        store_id = _store(request, stores)
        watch = load_watches(tx).of(store_id)
        chosen = load_chosen(tx, store_id)
    problem = ""
    if request.method == "POST":
        try:
            watch = _read(request)
            choose_watch(ctx, viewer, store_id, watch)
            return redirect(f"/review/watch/?store={store_id}&saved=1")
        except Refused as refused:
            problem = refused.says
    page = _context(request, stores, store_id, watch, chosen, problem)
    return render(request, "review/watch.html", page, status=422 if problem else 200)


def _context(  # noqa: PLR0917  # one page's worth of values
    request: HttpRequest,
    stores: dict[UUID, str],
    store_id: UUID,
    watch: Watch,
    chosen: Chosen | None,
    problem: str,
) -> dict[str, object]:
    return {
        "stores": stores,
        "store_id": store_id,
        "store_name": stores[store_id],
        "rows": _rows(watch),
        "of_ours": [(step, _STEPS[step]) for step in OF_OURS],
        "of_theirs": [(step, _STEPS[step]) for step in OF_THEIRS],
        "sample": watch.sample,
        "most": MOST_SAMPLED,
        "words": "\n".join(watch.words),
        "known": "\n".join(watch.known),
        "chosen": chosen,
        "clock": house_clock(request),
        "problem": problem,
        "saved": bool(request.GET.get("saved")),
    }


def _store(request: HttpRequest, stores: dict[UUID, str]) -> UUID:
    asked = request.POST.get("store") or request.GET.get("store", "")
    if not asked and stores:
        return next(iter(stores))
    found = next((one for one in stores if str(one) == asked), None)
    if found is None:
        raise Http404
    return found


def _read(request: HttpRequest) -> Watch:
    sent = request.POST
    sample = sent.get("sample", "").strip()
    if not sample.isdecimal() or len(sample) > 6 or int(sample) > MOST_SAMPLED:
        raise Refused(f"Enter how many texts one is read of: 0 to {MOST_SAMPLED:,}.")
    plain = {
        "out": {name: sent.get(f"out.{name}") for name in watchable()},
        "came": {name: sent.get(f"came.{name}") for name in watchable()},
        "mask": [name for name in maskable() if sent.get(f"mask.{name}")],
        "sample": int(sample),
        "known": [_known(line) for line in _lines(sent.get("known", ""))],
    }
    return read_watch(plain, tuple(_lines(sent.get("words", ""))))


def _lines(said: str) -> list[str]:
    return list(dict.fromkeys(" ".join(line.split()) for line in said.splitlines() if line.strip()))


def _known(line: str) -> str:
    """Ten digits of a number, or a host without what stands round it."""
    if _NUMBER.fullmatch(line):
        return re.sub(r"\D", "", line)[-10:]
    host = re.sub(r"^(?:https?://)?(?:www\.)?", "", line.casefold()).partition("/")[0]
    if not re.fullmatch(r"(?:[a-z0-9-]+\.)+[a-z]{2,24}", host):
        raise Refused(f"“{line}” is neither a site nor a 10-digit number.")
    return host


urlpatterns = [path("review/watch/", index, name="watch")]
