"""Checks of the whole ledger are kept: a page can say when it was checked and what came of it.

Not here: the check itself (`actions.audit`), when it is due (`workers.auditor`).
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from lotline.actions.allowed import must
from lotline.actions.audit import audit_log
from lotline.actions.errors import Refused
from lotline.core.people.roles import may_read_ledger
from lotline.store.audit import Check, load_check, record_check
from lotline.store.walk import load_extent

if TYPE_CHECKING:
    from uuid import UUID

    from lotline.actions.context import Context
    from lotline.store.shown import Viewer

EVERY = timedelta(hours=20)  # once a night, whenever it was the last time
LARGEST_BY_HAND = 20_000  # entries that somebody may wait for in front of a page


def check_ledger(ctx: Context, group_id: UUID) -> Check:
    """Walk all of it, and keep what came of it."""
    done = audit_log(ctx, group_id)
    first = done.faults[0][:400] if done.faults else ""
    check = Check(ctx.now(), done.size, len(done.faults), first)
    with ctx.db.transaction(group_id) as tx:
        record_check(tx, ctx.new_id(), check)
    return check


def check_by_hand(ctx: Context, viewer: Viewer) -> Check:
    """Somebody asks for it now; a long log is left to the night."""
    must(viewer, may_read_ledger)
    with ctx.db.transaction(viewer.group_id) as tx:
        size = load_extent(tx).size
    if size > LARGEST_BY_HAND:
        raise Refused("This ledger is too long to check while you wait. It is checked every night.")
    return check_ledger(ctx, viewer.group_id)


def check_if_due(ctx: Context, group_id: UUID) -> bool:
    """Whether it was checked."""
    with ctx.db.transaction(group_id) as tx:
        last = load_check(tx)
    if last is not None and ctx.now() - last.at < EVERY:
        return False
    check_ledger(ctx, group_id)
    return True
