"""Our numbers: pausing and resuming them. What waits to leave a paused line stays where it is.

Not here: what a carrier approved, sending (`dispatch`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lotline.actions.allowed import must
from lotline.actions.errors import NotYours
from lotline.core.people.roles import may_pause_lines
from lotline.store.access import record_act
from lotline.store.events import record_event, wake_workers
from lotline.store.reach import reach_of

if TYPE_CHECKING:
    from uuid import UUID

    from lotline.actions.context import Context
    from lotline.store.database import Tx
    from lotline.store.shown import Viewer


def pause(ctx: Context, viewer: Viewer, line_id: UUID, reason: str = "") -> bool:
    """From now on nothing leaves from it; whether it was running until now."""
    must(viewer, may_pause_lines)
    with ctx.db.transaction(viewer.group_id) as tx:
        line = _theirs(tx, viewer, line_id)
        if line.paused:
            return False
        tx.run(
            "lines.pause",
            id=ctx.new_id(),
            line_id=line_id,
            member_id=viewer.member_id,
            at=ctx.now(),
            reason=reason.strip(),
        )
        _tell(ctx, tx, viewer, line, "line_paused")
        return True


def resume(ctx: Context, viewer: Viewer, line_id: UUID) -> bool:
    """It sends again; whether it was paused until now. What waited is decided anew."""
    must(viewer, may_pause_lines)
    with ctx.db.transaction(viewer.group_id) as tx:
        line = _theirs(tx, viewer, line_id)
        if not line.paused:
            return False
        tx.run("lines.resume", line_id=line_id, member_id=viewer.member_id, at=ctx.now())
        _tell(ctx, tx, viewer, line, "line_resumed")
        wake_workers(tx)
        return True


def _theirs(tx: Tx, viewer: Viewer, line_id: UUID) -> Any:
    row = tx.one("lines.one", line_id=line_id, line_ids=reach_of(viewer).line_ids)
    if row is None:
        raise NotYours
    return row


def _tell(ctx: Context, tx: Tx, viewer: Viewer, line: Any, what: str) -> None:
    at = ctx.now()
    record_act(tx, ctx.new_id(), what, actor_id=viewer.member_id, about_id=line.id, at=at)
    record_event(tx, "line", at=at, store_id=line.store_id, line_id=line.id, subject_id=line.id)
