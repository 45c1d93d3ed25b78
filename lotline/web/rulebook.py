"""The rulebook as pages: every rule, what it says, where it comes from and how sure that is.

All of it is the rulebook's data. Nothing on these pages is law until counsel has said so.
"""

from __future__ import annotations

from itertools import groupby
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from lotline.web.doors import context_of, members

_BASIS = {
    "law": "Law",
    "conservative_default": "Careful choice",
    "industry": "Carriers’ rule",
    "house": "House rule",
}


def _rules(request: HttpRequest) -> dict[str, Any]:
    rules: dict[str, Any] = context_of(request).book.rules
    return rules


def grouped(book: Any, q: str = "") -> list[dict[str, Any]]:
    """The rules by group; with `q` those that have its words."""
    found = [
        rule
        for rule in book.rules.values()
        if not q or q in f"{rule.id} {rule.title} {rule.summary}".lower()
    ]
    found.sort(key=lambda rule: (rule.group, rule.title))
    return [
        {"name": name.capitalize() or "Other", "rules": list(rules)}
        for name, rules in groupby(found, key=lambda rule: rule.group)
    ]


@members("all")
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """By group, with a filter by words."""
    q = request.GET.get("q", "").strip().lower()
    groups = grouped(context_of(request).book, q)
    book = context_of(request).book
    context = {
        "groups": groups,
        "q": q,
        "n": sum(len(group["rules"]) for group in groups),
        "version": book.version,
        "digest": book.digest[:12],
    }
    return render(request, "rules/page.html", context)


@members("all")
@require_GET
def rule(request: HttpRequest, rule_id: str) -> HttpResponse:
    found = _rules(request).get(rule_id)
    if found is None:
        raise Http404
    book = context_of(request).book
    context = {
        "rule": found,
        "basis": _BASIS.get(found.basis, found.basis),
        "version": book.version,
        "digest": book.digest[:12],
    }
    return render(request, "rules/rule.html", context)
