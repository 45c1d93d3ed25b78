"""What stands round every page: navigation by role, theme, sheets and scripts.

Navigation names only pages that exist; whoever adds a page adds it here.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static

from lotline.core.people.rights import Right, may
from lotline.core.people.roles import may_review
from lotline.core.policy.course import NOTICE
from lotline.store.coaching import count_open_notes
from lotline.store.review import count_queue
from lotline.store.shown import Viewer
from lotline.web.assets import scripts, sheets
from lotline.web.setup_steps import checklist

WRITERS = frozenset({"owner", "manager", "staff"})
EVERYONE = WRITERS | {"auditor"}
THEMES = ("auto", "light", "dark")


@dataclass(frozen=True, slots=True)
class Place:
    """A page that navigation names."""

    word: str
    href: str
    icon: str
    roles: frozenset[str] = EVERYONE
    current: bool = False
    right: Right | None = None  # which the role must also have, as its member holds it


_LEADS = frozenset({"owner", "manager"})
RAIL = (
    Place("Inbox", "/inbox/", "inbox"),
    Place("Customers", "/customers/", "people"),
    Place("Templates", "/templates/", "bolt"),
    Place("Review", "/review/", "flag", frozenset({"owner", "manager"})),
    Place("Dashboard", "/dashboard/", "chart", _LEADS | {"auditor"}),
    Place("Rules", "/rules/", "book"),
)
TABS = (
    Place("Inbox", "/inbox/", "inbox"),
    Place("Dashboard", "/dashboard/", "chart", _LEADS),
    Place("Customers", "/customers/", "people", frozenset({"staff", "auditor"})),
    Place("Search", "/search/", "search"),
    Place("More", "/more/", "dots"),
)
_RECORDS = frozenset({"owner", "auditor"})
# The account menu, and what is under More on a phone.
MORE = (
    Place("Customers", "/customers/", "people", _LEADS),
    Place("Me and my devices", "/me/", "gear"),
    Place("Bring in my phone’s texts", "/me/bring/", "phone", WRITERS),
    Place("Texting policy", "/policy/", "shield"),
    Place("Training", "/training/", "book", WRITERS),
    Place("Notes to you", "/coaching/", "note", WRITERS),
    Place("Review", "/review/", "flag", _LEADS),
    Place("Policy and training of all", "/policy/people/", "people", _LEADS | {"auditor"}),
    Place("What did they mean?", "/review/doubts/", "help"),
    Place("Opt-in links", "/opt-in/", "link", WRITERS),
    Place("Lost phone", "/team/lost/", "phone", _LEADS),
    Place("Team", "/team/", "people", _LEADS),
    Place("Lines", "/lines/", "grip", _LEADS),
    Place("Ledger", "/audit/", "checks", _RECORDS),
    Place("Evidence", "/audit/exports/", "dl", EVERYONE - _RECORDS, right=Right.EVIDENCE),
    Place("Settings", "/settings/", "gear", frozenset({"owner"})),
)


def is_for(place: Place, viewer: Viewer) -> bool:
    """Whether navigation names it to this member."""
    return viewer.role in place.roles and (place.right is None or may(viewer.role, place.right))


def _shown(places: tuple[Place, ...], viewer: Viewer, path: str) -> list[Place]:
    return [
        replace(one, current=path.startswith(one.href)) for one in places if is_for(one, viewer)
    ]


def setting(viewer: Viewer, name: str, default: int) -> int:
    """A number of the member's own settings, or the default when it is missing or not a number."""
    value = viewer.settings.get(name, default)
    return value if isinstance(value, int) else default


@dataclass(frozen=True, slots=True)
class Due:
    """Something a member must do before a day, or texting ends."""

    says: str
    href: str
    at: datetime


def due_soon(viewer: Viewer, now: datetime) -> list[Due]:
    """The new policy, and training that is about to run out; nothing for who only reads."""
    if viewer.role not in WRITERS:
        return []
    found = []
    if viewer.sign_by is not None:
        found.append(Due("Sign the new texting policy", "/policy/", viewer.sign_by))
    ends = viewer.trained_until
    if ends is not None and now < ends <= now + NOTICE:
        found.append(Due("Renew your training", "/training/", ends))
    return found


def _waiting(request: HttpRequest, viewer: Viewer) -> int:
    """How many flagged texts wait for whoever judges them."""
    if not may_review(viewer.role) or not hasattr(request, "lotline"):
        return 0
    with request.lotline.db.transaction(viewer.group_id) as tx:
        return count_queue(tx, viewer)[0]


def _open_notes(request: HttpRequest, viewer: Viewer) -> int:
    """How many notes of a coach have questions to answer."""
    if viewer.role not in WRITERS or not hasattr(request, "lotline"):
        return 0
    with request.lotline.db.transaction(viewer.group_id) as tx:
        return count_open_notes(tx, viewer.member_id)


def _now(request: HttpRequest) -> str:
    """The server's clock; the pages' own may be wrong."""
    ctx = getattr(request, "lotline", None)
    return ctx.now().isoformat() if ctx is not None else ""


def frame(request: HttpRequest) -> dict[str, Any]:
    """The template variable `lotline`."""
    viewer: Viewer | None = getattr(request, "viewer", None)
    base: dict[str, Any] = {
        "sheets": sheets(),
        "scripts": scripts(),
        "sprite": static("icons.svg"),
        "theme": "auto",
    }
    if viewer is None:
        return {"lotline": base}
    path = "/inbox/" if request.path.startswith("/c/") else request.path
    theme = viewer.settings.get("theme", "auto")
    return {
        "lotline": {
            **base,
            "now": _now(request),
            "theme": theme if theme in THEMES else "auto",
            "nav": _shown(RAIL, viewer, path),
            "tabs": _shown(TABS, viewer, path),
            "account": _shown(MORE, viewer, path),
            "shortcuts": "off" if viewer.settings.get("shortcuts") is False else "on",
            "lock_after_s": viewer.idle_minutes * 60,
            "enter_sends": "1" if viewer.settings.get("enter_sends") else "",
            "undo_s": setting(viewer, "undo_s", 10),
            "due": due_soon(viewer, request.lotline.now()) if hasattr(request, "lotline") else [],
            "review": _waiting(request, viewer),
            "notes": _open_notes(request, viewer),
            "setup": checklist(viewer.group_settings) if viewer.role == "owner" else [],
        }
    }
