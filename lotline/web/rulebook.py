"""The rulebook as pages: every rule, what Lotline does about it, where it comes from, how sure.

All of it is the rulebook's data, and every case is decided by the gate while the page is made.
Nothing on these pages is law until counsel has said so.

Not here: the brief of some states (`brief`), trying a text (`trying`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from lotline.actions.profiles import ProfileShown, load_profile
from lotline.core.gate.decision import Verdict
from lotline.core.oversight.explained import (
    Example,
    examples,
    family_beside,
    family_of,
    kind_of,
    plain,
    rules_for,
    sentence_of,
    values_of,
)
from lotline.web.clock import Clock, hour, said_zone
from lotline.web.doors import context_of, members, viewer_of
from lotline.web.says import sentence
from lotline.web.words import Mark

VERDICTS = {
    Verdict.ALLOW: Mark("v-ok", "Sends now", "ok", solid=True),
    Verdict.HOLD: Mark("v-hold", "Held", "hold", solid=True),
    Verdict.BLOCK: Mark("v-stop", "Not sent", "stop", solid=True),
}
_NOBODY = "this customer"


@dataclass(frozen=True, slots=True)
class Listed:
    """A rule in the index."""

    id: str
    title: str
    says: str
    contested: bool


def house_rules(request: HttpRequest) -> ProfileShown:
    """The rulebook as this house reads it, and who said that it may."""
    return load_profile(context_of(request), viewer_of(request))


def head_of(shown: ProfileShown) -> dict[str, str]:
    """What every page and paper about the rules says of itself."""
    book = shown.book
    return {
        "version": book.version,
        "as_of": book.as_of,
        "digest": book.digest[:12],
        "reviewed": reviewed_by(shown),
    }


def reviewed_by(shown: ProfileShown) -> str:
    """Counsel of the newest choice that needed one, while any is in force."""
    if not shown.looser:
        return ""
    word = next((one.word for one in shown.chosen if one.word is not None), None)
    return f"{word.counsel}, {word.on}, on what was loosened" if word is not None else ""


def grouped(book: Any, q: str = "", state: str = "", today: Any = None) -> list[dict[str, Any]]:
    """The rules by group: everybody's one by one, the states' by family unless one is asked for."""
    groups: list[dict[str, Any]] = []
    for group, name in plain()["groups"].items():
        rules, families = [], dict[str, list[Listed]]()
        for entry in rules_for(book, state):
            if entry.group != group:
                continue
            said = sentence_of(book, entry.id, today) if today else entry.summary
            if q and q not in f"{entry.id} {entry.title} {said} {entry.summary}".lower():
                continue
            listed = Listed(entry.id, entry.title, said, bool(entry.contested))
            family = family_of(entry.id)[1]
            if family and not q and not state:
                families.setdefault(family, []).append(listed)
            else:
                rules.append(listed)
        says = plain()["records"]["says"] if group == "keep records" and not q else []
        rules.sort(key=lambda one: (bool(family_of(one.id)[0]) != bool(state), one.title))
        if rules or families or says:
            groups.append(
                {
                    "name": name,
                    "says": says,
                    "rules": rules,
                    "families": [
                        {"title": plain()["families"][family], "rules": _by_state(found)}
                        for family, found in families.items()
                    ],
                }
            )
    return groups


def _by_state(found: list[Listed]) -> list[Listed]:
    return sorted(found, key=lambda one: one.title)


def states_of(book: Any) -> list[tuple[str, str]]:
    """Every state's code and name, by name."""
    return sorted(
        ((code, state.name) for code, state in book.states.items()), key=lambda one: one[1]
    )


@members("all")
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """By group, with a filter by state and by words; both are in the address."""
    ctx, house = context_of(request), house_rules(request)
    q = request.GET.get("q", "").strip().lower()
    state = request.GET.get("state", "").upper()
    state = state if state in house.book.states else ""
    groups = grouped(house.book, q, state, ctx.now().date())
    listed = [len(group["rules"]) for group in groups]
    listed += [len(family["rules"]) for group in groups for family in group["families"]]
    context = {
        **head_of(house),
        "groups": groups,
        "q": q,
        "state": state,
        "states": states_of(house.book),
        "n": sum(listed),
    }
    return render(request, "rules/page.html", context)


@members("all")
@require_GET
def rule(request: HttpRequest, rule_id: str) -> HttpResponse:
    """One rule: what it says, what we do, cases, source, and the states beside each other."""
    house = house_rules(request)
    book, today = house.book, context_of(request).now().date()
    found = book.rules.get(rule_id)
    if found is None:
        raise Http404
    kind = plain()["kinds"].get(kind_of(rule_id), {})
    code, family = family_of(rule_id)
    told = book.told.get(code, {})
    context = {
        **head_of(house),
        "rule": found,
        "says": sentence_of(book, rule_id, today),
        "basis": plain()["basis"].get(found.basis, found.basis),
        "since": None if found.since.year == 1 else found.since,
        "kind": kind,
        "told": told,
        "examples": [
            shown(one, viewer_of(request).company) for one in examples(book, rule_id, today)
        ],
        "values": values_of(book, family_beside(rule_id), today),
        "code": code,
        "family": family or family_beside(rule_id),
    }
    return render(request, "rules/rule.html", context)


def shown(one: Example, company: str) -> dict[str, Any]:
    """A case as a page shows it: the gate's verdict, its sentence, and until when it waits."""
    there = Clock(one.at, one.zone)
    words = {
        "name": _NOBODY,
        "line": f"{company}’s number",
        "zone_place": f"{said_zone(one.zone)} time",
    }
    until = one.decision.hold_until
    mark = VERDICTS[one.decision.verdict]
    said = f"Held to {there.until(until)}" if until else mark.word
    return {
        "says": one.says,
        "mark": mark,
        "said": said,
        "why": sentence(one.decision.binding, words),
        "rule": one.decision.binding.rule,
        "when": f"{there.local(one.at):%A} {hour(there.local(one.at))}",
    }
