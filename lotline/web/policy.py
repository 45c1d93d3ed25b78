"""The texting policy's page: read it, sign it once. No signature, no texting; reading stays.

Not here: whether a signature is current (`lotline.store.viewer`), training.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path

from lotline.actions.errors import Refused
from lotline.actions.policies import sign_policy
from lotline.store.members import load_policy
from lotline.web.doors import context_of, members, viewer_of
from lotline.web.team import house_clock

_WORDS_A_MINUTE = 220
_TITLE_MAX = 60


@members("all")
def policy(request: HttpRequest) -> HttpResponse:
    """The version in force, and a place for one's name under it."""
    ctx, viewer = context_of(request), viewer_of(request)
    with ctx.db.transaction(viewer.group_id) as tx:
        text = load_policy(tx, ctx.now())
    problem, status = "", 200
    if request.method == "POST" and text is not None:
        try:
            _sign(request)
        except Refused as refused:
            problem, status = str(refused), 422
        else:
            return redirect("/policy/")
    parts = _parts(text.body) if text else []
    return render(
        request,
        "policy/policy.html",
        {
            "policy": text,
            "parts": parts,
            "minutes": max(1, round(len(text.body.split()) / _WORDS_A_MINUTE)) if text else 0,
            "clock": house_clock(request),
            "problem": problem,
        },
        status=status,
    )


def _parts(body: str) -> list[tuple[str, str]]:
    """Title and words of each part: a short first line with more below it is a title."""
    parts = []
    for part in body.split("\n\n"):
        first, _, rest = part.strip().partition("\n")
        parts.append((first, rest) if rest and len(first) <= _TITLE_MAX else ("", part.strip()))
    return parts


def _sign(request: HttpRequest) -> None:
    if not request.POST.get("read"):
        raise Refused("Tick that you have read it.")
    version = request.POST.get("version", "")
    number = int(version) if version.isdigit() else 0
    sign_policy(context_of(request), viewer_of(request), number, request.POST.get("name", ""))


urlpatterns = [path("policy/", policy, name="policy")]
