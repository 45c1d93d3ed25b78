"""What a viewer's role lets them do at all; every action asks before it looks at anything.

Where they may do it is their reach, which the statements ask for themselves.

Not here: the table of roles (`lotline.core.people.roles`), texting (`core.gate`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lotline.actions.errors import NotAllowed

if TYPE_CHECKING:
    from collections.abc import Callable

    from lotline.store.shown import Viewer


def must_be_here(viewer: Viewer) -> None:
    """Neither suspended nor locked out."""
    if not viewer.active or viewer.locked:
        raise NotAllowed


def must(viewer: Viewer, may: Callable[[str], bool]) -> None:
    """Here, and of a role that may: `must(viewer, may_assign)`."""
    must_be_here(viewer)
    if not may(viewer.role):
        raise NotAllowed
