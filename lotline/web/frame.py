"""What stands round every page: navigation by role, theme, sheets and scripts.

Navigation names only pages that exist; whoever adds a page adds it here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from lotline.store.shown import Viewer
from lotline.web.assets import scripts, sheets

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


RAIL = (
    Place("Inbox", "/inbox/", "inbox"),
    Place("Customers", "/customers/", "people"),
    Place("Templates", "/templates/", "bolt"),
    Place("Rules", "/rules/", "book"),
)
TABS = (
    Place("Inbox", "/inbox/", "inbox"),
    Place("Customers", "/customers/", "people"),
    Place("Search", "/search/", "search"),
    Place("More", "/more/", "dots"),
)
# Pages of other areas add themselves to the account menu and to More.
MORE: list[Place] = []


def register(place: Place) -> None:
    """Name one more page in the account menu and under More."""
    if all(place.href != known.href for known in MORE):
        MORE.append(place)


def _shown(places: tuple[Place, ...] | list[Place], viewer: Viewer, path: str) -> list[Place]:
    return [
        Place(p.word, p.href, p.icon, p.roles, path.startswith(_root(p.href)))
        for p in places
        if viewer.role in p.roles
    ] if path is not None else []


def _root(href: str) -> str:
    return href.split("?", 1)[0]


def setting(viewer: Viewer, name: str, default: int) -> int:
    """A number of the member's own settings, or the default when it is missing or not a number."""
    value = viewer.settings.get(name, default)
    return value if isinstance(value, int) else default


def frame(request: HttpRequest) -> dict[str, Any]:
    """The template variable `lotline`."""
    viewer: Viewer | None = getattr(request, "viewer", None)
    base: dict[str, Any] = {"sheets": sheets(), "scripts": scripts(), "theme": "auto"}
    if viewer is None:
        return {"lotline": base}
    path = "/inbox/" if request.path.startswith("/c/") else request.path
    theme = viewer.settings.get("theme", "auto")
    return {
        "lotline": {
            **base,
            "theme": theme if theme in THEMES else "auto",
            "nav": _shown(RAIL, viewer, path),
            "tabs": _shown(TABS, viewer, path),
            "account": _shown(MORE, viewer, path),
            "shortcuts": "off" if viewer.settings.get("shortcuts") is False else "on",
            "lock_after_s": setting(viewer, "lock_after_s", 900),
            "undo_s": setting(viewer, "undo_s", 10),
        }
    }
