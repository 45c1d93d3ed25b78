"""What members do with conversations: give, finish, put off, read. Each may be done to several.

Of several, those out of reach are left out as if they were not there; of one, or when none is
left, it is said so. What changed is told to every screen, and stands in the flow.

Not here: texts (`submit`), drafts and notes (`drafts`, `notes`), what is shown (`store`).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from lotline.actions.allowed import must, must_be_here
from lotline.actions.errors import NotYours, Refused
from lotline.core.people.roles import may_assign, may_text
from lotline.store.access import record_act
from lotline.store.conversations import reach_conversations, record_happening
from lotline.store.events import Happened, record_event, record_events
from lotline.store.members import load_colleagues

if TYPE_CHECKING:
    from lotline.actions.context import Context
    from lotline.store.database import Tx
    from lotline.store.shown import Viewer

One = UUID | Iterable[UUID]

READING_NOTED_AGAIN = timedelta(minutes=10)
_MOST_AT_ONCE = 500


def assign(ctx: Context, viewer: Viewer, conversation_ids: One, member_id: UUID | None) -> int:
    """To a member who reaches their lines, or to nobody; how many changed hands."""
    must(viewer, may_assign)
    with ctx.db.transaction(viewer.group_id) as tx:
        rows = reached(tx, viewer, conversation_ids)
        if member_id is not None:
            for line_id in sorted({row.line_id for row in rows}):
                if member_id not in {one.id for one in load_colleagues(tx, viewer, line_id)}:
                    raise Refused("They don't work on this line. Pick someone who does.")
        rows = [row for row in rows if row.assignee_id != member_id]
        tx.run("conversations.assign", ids=_ids(rows), assignee_id=member_id)
        kind = "assigned" if member_id is not None else "unassigned"
        return _tell(ctx, tx, viewer, rows, kind, subject_id=member_id)


def mark_done(ctx: Context, viewer: Viewer, conversation_ids: One) -> int:
    """Finished; a new text opens it again."""
    must(viewer, may_text)
    with ctx.db.transaction(viewer.group_id) as tx:
        rows = [row for row in reached(tx, viewer, conversation_ids) if row.done_at is None]
        tx.run("conversations.finish", ids=_ids(rows), at=ctx.now(), member_id=viewer.member_id)
        return _tell(ctx, tx, viewer, rows, "done")


def reopen(ctx: Context, viewer: Viewer, conversation_ids: One) -> int:
    """Back among the open ones."""
    must(viewer, may_text)
    with ctx.db.transaction(viewer.group_id) as tx:
        rows = [row for row in reached(tx, viewer, conversation_ids) if row.done_at is not None]
        tx.run("conversations.reopen", ids=_ids(rows))
        return _tell(ctx, tx, viewer, rows, "reopened")


def snooze(ctx: Context, viewer: Viewer, conversation_ids: One, until: datetime | None) -> int:
    """Out of everybody's lists until then; None wakes it."""
    must(viewer, may_text)
    now = ctx.now()
    if until is not None and until <= now:
        raise Refused("Pick a time that is still to come.")
    with ctx.db.transaction(viewer.group_id) as tx:
        rows = [row for row in reached(tx, viewer, conversation_ids) if row.snoozed_until != until]
        tx.run("conversations.snooze", ids=_ids(rows), until=until)
        if until is None:
            return _tell(ctx, tx, viewer, rows, "woken")
        return _tell(ctx, tx, viewer, rows, "snoozed", said={"until": until.isoformat()})


def mark_read(
    ctx: Context, viewer: Viewer, conversation_id: UUID, upto: UUID | datetime | None = None
) -> None:
    """Seen up to a text or a moment, or all of it. An older screen never takes reading back."""
    must_be_here(viewer)
    with ctx.db.transaction(viewer.group_id) as tx:
        row = reached(tx, viewer, conversation_id, lock=False)[0]
        read_at = _upto(tx, row, upto, ctx.now())
        if read_at is None:
            return
        tx.run("conversations.read", ids=[row.id], member_id=viewer.member_id, read_at=read_at)
        _tell_own_screens(ctx, tx, viewer, [row])


def mark_unread(ctx: Context, viewer: Viewer, conversation_ids: One) -> int:
    """The customer's last text is new again, for this member alone."""
    must_be_here(viewer)
    with ctx.db.transaction(viewer.group_id) as tx:
        rows = [
            row
            for row in reached(tx, viewer, conversation_ids, lock=False)
            if row.last_in_at is not None
        ]
        tx.run("conversations.unread", ids=_ids(rows), member_id=viewer.member_id)
        _tell_own_screens(ctx, tx, viewer, rows)
        return len(rows)


def record_reading(ctx: Context, viewer: Viewer, conversation_id: UUID) -> bool:
    """Whoever looks after others reads what is another's: said in the flow and in the ledger.

    At most once in ten minutes; whether it was said now. Nothing for one's own conversations.
    """
    must_be_here(viewer)
    if not viewer.sees_attempts:
        return False
    now = ctx.now()
    with ctx.db.transaction(viewer.group_id) as tx:
        row = reached(tx, viewer, conversation_id, lock=False)[0]
        if row.assignee_id in {None, viewer.member_id}:
            return False
        who = {"member_id": viewer.member_id, "conversation_id": conversation_id}
        tx.run("conversations.one_reader", **who)
        if tx.one("conversations.read_lately", since=now - READING_NOTED_AGAIN, **who):
            return False
        record_act(
            tx,
            ctx.new_id(),
            "read",
            actor_id=viewer.member_id,
            about_id=conversation_id,
            at=now,
            detail={"device": str(viewer.device_id), "assignee": str(row.assignee_id)},
        )
        _tell(ctx, tx, viewer, [row], "read")
        return True


def reached(tx: Tx, viewer: Viewer, conversation_ids: One, *, lock: bool = True) -> list[Any]:
    """The rows of those in reach; `NotYours` when there is none."""
    wanted = [conversation_ids] if isinstance(conversation_ids, UUID) else list(conversation_ids)
    if len(wanted) > _MOST_AT_ONCE:
        raise Refused(f"Pick at most {_MOST_AT_ONCE} at once.")
    rows = reach_conversations(tx, viewer, wanted, lock=lock)
    if not rows:
        raise NotYours
    return rows


def _ids(rows: Iterable[Any]) -> list[UUID]:
    return [row.id for row in rows]


def _tell(
    ctx: Context,
    tx: Tx,
    viewer: Viewer,
    rows: list[Any],
    kind: str,
    *,
    subject_id: UUID | None = None,
    said: dict[str, Any] | None = None,
) -> int:
    """In each flow, and to every screen that shows one of them."""
    if not rows:
        return 0
    at = ctx.now()
    record_happening(
        tx,
        _ids(rows),
        [ctx.new_id() for _ in rows],
        kind,
        at=at,
        actor_id=viewer.member_id,
        subject_id=subject_id,
        said=said,
    )
    happened = [
        Happened(
            "conversation",
            store_id=row.store_id,
            line_id=row.line_id,
            conversation_id=row.id,
            contact_id=row.contact_id,
        )
        for row in rows
    ]
    record_events(tx, happened, at)
    return len(rows)


def _tell_own_screens(ctx: Context, tx: Tx, viewer: Viewer, rows: Iterable[Any]) -> None:
    for row in rows:
        record_event(
            tx,
            "read",
            at=ctx.now(),
            line_id=row.line_id,
            conversation_id=row.id,
            member_id=viewer.member_id,
        )


def _upto(tx: Tx, row: Any, upto: UUID | datetime | None, now: datetime) -> datetime | None:
    """A moment, never in the future: what has not come yet cannot have been read."""
    if upto is None:
        found: datetime | None = row.last_in_at
        return found
    if isinstance(upto, datetime):
        return min(upto, now)
    text = tx.one("conversations.text_at", text_id=upto, conversation_id=row.id)
    if text is None:
        raise NotYours
    at: datetime = text.created_at
    return at
