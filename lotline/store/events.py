"""Events: that something happened, as a name and ids, for the live stream.

An event tells nobody anything but where to look: who follows it reads under their own rights.
It is written in the transaction of what happened, and wakes the listeners when that commits.

Not here: reading the stream (`stream`), what is drawn from it (`web`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from lotline.store.database import Tx

CHANNEL = "lotline"  # the payload is the group
HERE_CHANNEL = "lotline_here"  # the payload is the group, and who is where
WORK_CHANNEL = "lotline_work"  # the payload is what there is to do


class Happened(NamedTuple):
    """One event: `text.in`, `text.out`, `text.state`, `consent`, `conversation`, ..."""

    name: str
    store_id: UUID | None = None
    line_id: UUID | None = None
    conversation_id: UUID | None = None
    contact_id: UUID | None = None
    subject_id: UUID | None = None


def record_event(
    tx: Tx,
    name: str,
    *,
    at: datetime,
    store_id: UUID | None = None,
    line_id: UUID | None = None,
    conversation_id: UUID | None = None,
    contact_id: UUID | None = None,
    subject_id: UUID | None = None,
    member_id: UUID | None = None,
) -> None:
    """One event; `member_id` set means that it is for this member alone."""
    tx.run(
        "events.record",
        name=name,
        at=at,
        store_id=store_id,
        line_id=line_id,
        conversation_id=conversation_id,
        contact_id=contact_id,
        subject_id=subject_id,
        member_id=member_id,
    )
    tx.run("events.notify")


def record_events(tx: Tx, happened: Sequence[Happened], at: datetime) -> None:
    """Several in order, with one wake-up."""
    if not happened:
        return
    tx.run(
        "events.record_all",
        names=[one.name for one in happened],
        store_ids=[one.store_id for one in happened],
        line_ids=[one.line_id for one in happened],
        conversation_ids=[one.conversation_id for one in happened],
        contact_ids=[one.contact_id for one in happened],
        subject_ids=[one.subject_id for one in happened],
        at=at,
    )


def wake_workers(tx: Tx, what: str = "outbox") -> None:
    """Tell the workers, when this commits, that there is something to do."""
    tx.run("events.notify_work", what=what)


def tell_here(tx: Tx, *words: object) -> None:
    """Tell every process who is where; nothing of it is kept."""
    tx.run("events.notify_here", said="".join(f" {one}" for one in words))
