"""Counts follow what happens: customers whom an event names are counted again, in small steps.

A step is one transaction. Nothing waits for it: texts come and go whether they are counted or not,
and what could not be counted in time is counted later, to the same end. After so long a rest that
events may have been forgotten everything is counted from scratch.

Not here: what is counted (`core.oversight.counting`), the page (`dashboard`).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from lotline.store.counts import (
    hold_count,
    load_counted,
    load_next,
    load_touched,
    record_counted,
    recount,
)
from lotline.store.stream import KEPT

if TYPE_CHECKING:
    from lotline.actions.context import Context
    from lotline.store.counts import Counted
    from lotline.store.database import Tx

EVENTS = 500
CUSTOMERS = 100
_TOO_LONG = KEPT / 2
_SEEN_ALIVE = timedelta(hours=1)
_FIRST = UUID(int=0)


def count_more(ctx: Context, group_id: UUID) -> bool:
    """One step; whether there may be another to do at once."""
    now = ctx.now()
    with ctx.db.transaction(group_id) as tx:
        held = hold_count(tx, now)
        if held is None:
            return False
        if held.behind is None and now - held.at > _TOO_LONG:
            record_counted(tx, (held.edge, 0), _FIRST, now)
            return True
        return _follow(tx, held, now) if held.behind is None else _catch_up(tx, held, now)


def _follow(tx: Tx, held: Counted, now: datetime) -> bool:
    whom, last = load_touched(tx, held, EVENTS)
    if last is None:
        if now - held.at > _SEEN_ALIVE:
            record_counted(tx, (held.xid, held.n), None, now)
        return False
    recount(tx, whom)
    record_counted(tx, last, None, now)
    return True


def _catch_up(tx: Tx, held: Counted, now: datetime) -> bool:
    """From scratch, customer by customer. What happens meanwhile comes after, by events."""
    assert held.behind is not None, "there is something to catch up with"
    ids = load_next(tx, held.behind, CUSTOMERS)
    recount(tx, ids)
    record_counted(tx, (held.xid, held.n), ids[-1] if ids else None, now)
    return True


def recount_all(ctx: Context, group_id: UUID) -> None:
    """Everything from scratch, now: after a restore, or when a store's hours were put right."""
    with ctx.db.transaction(group_id) as tx:
        held = hold_count(tx, ctx.now())
        if held is None:
            return
        record_counted(tx, (held.edge, 0), _FIRST, ctx.now())
    while count_more(ctx, group_id):
        pass


def counts_as_of(ctx: Context, group_id: UUID, steps: int = 2) -> tuple[datetime | None, bool]:
    """Count what is newest, if that is little; as of when the counts are, and whether whole."""
    for _ in range(steps):
        if not count_more(ctx, group_id):
            with ctx.db.transaction(group_id) as tx:
                at, whole = load_counted(tx)
            return (ctx.now() if whole else at), whole
    with ctx.db.transaction(group_id) as tx:
        return load_counted(tx)


def follow_counts(ctx: Context, group_id: UUID) -> bool:
    """Count what is newest, where all that is older is counted; whether it is."""
    with ctx.db.transaction(group_id) as tx:
        _, whole = load_counted(tx)
    if whole:
        count_more(ctx, group_id)
    return whole
