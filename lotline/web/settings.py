"""Settings: one page from which an owner reaches everything that the company chooses for itself.

Each group is a page of its own, with its own door; this one changes nothing.

Not here: one's own choices (`me`), what the pages say and do.
"""

from __future__ import annotations

from typing import NamedTuple

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_GET

from lotline.web.doors import members


class Group(NamedTuple):
    """A page of settings, and what is chosen on it."""

    word: str
    href: str
    icon: str
    says: str


SECTIONS: tuple[tuple[str, tuple[Group, ...]], ...] = (
    (
        "The rules",
        (
            Group("Rules profile", "/rules/profile/", "book", "How strictly the rules are read"),
            Group(
                "Lists of numbers", "/rules/lists/", "dl", "Do-not-call lists, and how old each is"
            ),
            Group("Texting policy", "/policy/edit/", "shield", "What everybody signs, and by when"),
            Group("Content screens", "/review/watch/", "eye", "What is flagged, held or masked"),
        ),
    ),
    (
        "People and access",
        (
            Group(
                "Identity provider",
                "/settings/identity/",
                "lock",
                "Sign-in and leaving by your directory",
            ),
            Group(
                "Shared tablets", "/team/tablets/", "people", "Who switches in by PIN, and where"
            ),
            Group("Access review", "/team/access/", "checks", "Who still needs what they may open"),
            Group("Notices", "/settings/push/", "phone", "The most a notice on a phone may say"),
        ),
    ),
    (
        "Texting",
        (
            Group("Lines", "/lines/", "grip", "Our numbers, and how each reaches its carrier"),
            Group("Templates", "/templates/", "bolt", "Answers that everybody may use"),
            Group(
                "Opt-in wording", "/opt-in/wording/", "link", "What a customer reads before a yes"
            ),
        ),
    ),
    (
        "Programs and keys",
        (
            Group(
                "Programs", "/programs/", "link", "Keys for other programs, and what they are told"
            ),
        ),
    ),
    (
        "Records",
        (
            Group(
                "Exports by the clock", "/audit/exports/", "dl", "What leaves as evidence, and when"
            ),
            Group("Retention", "/audit/retention/", "cal", "How long each kind of record is kept"),
            Group("Legal holds", "/audit/holds/", "flag", "What nothing may remove"),
        ),
    ),
)


@members("owner")
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """By sections, each page in a line."""
    return render(request, "settings/index.html", {"sections": SECTIONS})


urlpatterns = [path("settings/", index, name="settings")]
