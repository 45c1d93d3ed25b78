"""Reach: what a statement is told about who looks, and the one place where it is decided.

Every statement that hands out a tenant's rows filters by these values itself, so a row outside
somebody's reach is the same to them as one that is not there. Who is locked out, suspended or
signed out reaches nothing at all.

Not here: what a role may do (`lotline.core.people.roles`), who the viewer is (`viewer`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from lotline.store.shown import Viewer


class Reach(NamedTuple):
    """As parameters of a statement; an empty list reaches nothing."""

    member_id: UUID | None
    line_ids: list[UUID]
    store_ids: list[UUID]
    sees_all: bool
    sees_attempts: bool
    since: datetime | None = None


NOTHING = Reach(None, [], [], sees_all=False, sees_attempts=False)


def reach_of(viewer: Viewer, line_id: UUID | None = None) -> Reach:
    """The viewer's reach, or the part of it that is one line."""
    if not viewer.active or viewer.locked:
        return NOTHING
    lines = viewer.line_ids if line_id is None else viewer.line_ids & {line_id}
    return Reach(
        viewer.member_id,
        sorted(lines),
        sorted(viewer.store_ids),
        sees_all=viewer.sees_all,
        sees_attempts=viewer.sees_attempts,
        since=viewer.since,
    )
