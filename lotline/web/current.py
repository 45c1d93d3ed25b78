"""Who is current: each member's signature under the policy and pass of the training, in one table.

The page and its file come from the same rows.

Not here: how either is earned (`policy`, `training`).
"""

from __future__ import annotations

import csv
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from lotline.core.people.roles import may_text
from lotline.core.policy.course import NOTICE
from lotline.core.policy.entitlement import Lacks, Record, entitlement_at
from lotline.store.members import load_policy
from lotline.store.shown import PolicyText
from lotline.store.training import Learned, load_matrix
from lotline.web.doors import context_of, members, viewer_of
from lotline.web.team import house_clock

_SAID = {
    Lacks.ACTIVE: "Paused",
    Lacks.POLICY: "Policy not signed",
    Lacks.TRAINING: "Training due",
}
_HEAD = ("name", "role", "may_text", "policy_signed", "signed_at", "score", "passed_at", "until")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@members("leads")
def current(request: HttpRequest) -> HttpResponse:
    """Everybody the viewer leads; those who lack something come first."""
    policy, people, now = _people(request)
    rows = [(one, *state_of(request, one, policy, now)) for one in people]
    rows.sort(key=lambda row: (row[1] == "Yes", row[0].name.casefold()))
    shown = {
        "rows": rows,
        "policy": policy,
        "may": sum(row[1] == "Yes" for row in rows),
        "all": sum(row[1] != "Reads only" for row in rows),
        "clock": house_clock(request),
        "soon": now + NOTICE,
    }
    return render(request, "policy/current.html", shown)


@members("leads")
def current_file(request: HttpRequest) -> HttpResponse:
    """The same rows for a spreadsheet."""
    policy, people, now = _people(request)
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="policy-and-training.csv"'
    out = csv.writer(answer)
    out.writerow(_HEAD)
    for one in people:
        said, _ = state_of(request, one, policy, now)
        out.writerow(
            [
                plain_cell(one.name),
                one.role,
                said,
                one.signed_version or "",
                _iso(one.signed_at),
                one.score if one.score is not None else "",
                _iso(one.passed_at),
                _iso(one.trained_until),
            ]
        )
    return answer


def _people(request: HttpRequest) -> tuple[PolicyText | None, list[Learned], datetime]:
    ctx, viewer = context_of(request), viewer_of(request)
    now = ctx.now()
    with ctx.db.transaction(viewer.group_id) as tx:
        return load_policy(tx, now), load_matrix(tx, viewer), now


def state_of(
    request: HttpRequest, one: Learned, policy: PolicyText | None, now: datetime
) -> tuple[str, str]:
    """May this person text as far as policy goes, and the tone in which that is said."""
    if not may_text(one.role):
        return "Reads only", ""
    if one.stopped:
        return "Stopped", "stop"
    settings = viewer_of(request).group_settings
    record = Record(
        active=one.active,
        signed_version=one.signed_version,
        current_version=policy.version
        if policy and settings.get("policy_required", True)
        else None,
        sign_by=policy.sign_by if policy else None,
        trained_until=one.trained_until,
        training_required=bool(settings.get("training_required", False)),
    )
    lacks = entitlement_at(record, now).lacks
    if not lacks:
        return "Yes", "ok"
    return " and ".join(_SAID[lack] for lack in lacks).capitalize(), "hold"


def _iso(at: datetime | None) -> str:
    return at.isoformat() if at else ""


def plain_cell(said: str) -> str:
    """A spreadsheet must not take a name for a formula."""
    return f"'{said}" if said.startswith(_FORMULA) else said


urlpatterns = [
    path("policy/people/", current, name="policy_people"),
    path("policy/people.csv", current_file, name="policy_people_file"),
]
