"""What a viewer's role lets them do at all; every action asks before it looks at anything.

Where they may do it is their reach, which the statements ask for themselves.

Not here: the table of roles (`lotline.core.people.roles`), texting (`core.gate`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lotline.actions.errors import NotAllowed

if TYPE_CHECKING:
    from lotline.store.shown import Viewer

_WORKS = frozenset({"owner", "manager", "staff"})
_LEADS = frozenset({"owner", "manager"})
_OWNS = frozenset({"owner"})


def must_be_here(viewer: Viewer) -> None:
    """Neither suspended nor locked out."""
    if not viewer.active or viewer.locked:
        raise NotAllowed


def must_work(viewer: Viewer) -> None:
    """Whoever serves customers; an auditor only reads."""
    _must(viewer, _WORKS)


def must_lead(viewer: Viewer) -> None:
    """Whoever looks after others."""
    _must(viewer, _LEADS)


def must_own(viewer: Viewer) -> None:
    """The owner alone."""
    _must(viewer, _OWNS)


def _must(viewer: Viewer, roles: frozenset[str]) -> None:
    must_be_here(viewer)
    if viewer.role not in roles:
        raise NotAllowed
