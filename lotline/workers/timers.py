"""The timers: what happens by the clock alone, group by group.

Not here: what that is (`actions.timers`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lotline.actions.erase import erase_waiting
from lotline.actions.heard import settle_unanswered
from lotline.actions.provisioning_calls import prune as prune_calls
from lotline.actions.retention import retire as retire_old
from lotline.actions.scheduled import export_if_due, retire_files
from lotline.actions.throughput import forget_full_buckets
from lotline.actions.throughput import meter as meter_all
from lotline.actions.timers import PRUNED_AT_ONCE, prune_events, wake_snoozed
from lotline.store.groups import load_group_ids

if TYPE_CHECKING:
    from lotline.actions.context import Context

BATCHES = 50  # at one time; the rest goes the next


def wake(ctx: Context) -> bool:
    """Snoozes that are over."""
    for group_id in load_group_ids(ctx.db):
        wake_snoozed(ctx, group_id)
    return False


def settle(ctx: Context) -> bool:
    """Doubts that nobody answered in time are stops now."""
    settled = [settle_unanswered(ctx, group_id) for group_id in load_group_ids(ctx.db)]
    return any(settled)


def prune(ctx: Context) -> bool:
    """Events that nobody will ask for any more, and calls of identity providers."""
    for group_id in load_group_ids(ctx.db):
        prune_calls(ctx, group_id)
    gone = [prune_events(ctx, group_id) for group_id in load_group_ids(ctx.db)]
    return any(count >= PRUNED_AT_ONCE for count in gone)


def meter(ctx: Context) -> bool:
    """Lines have the buckets of this version's data; buckets of the moment are forgotten."""
    meter_all(ctx)
    return forget_full_buckets(ctx)


def retire(ctx: Context) -> bool:
    """What is too old to keep goes, batch by batch; then erasures that a hold kept."""
    for group_id in load_group_ids(ctx.db):
        for _ in range(BATCHES):
            if not retire_old(ctx, group_id):
                break
        erase_waiting(ctx, group_id)
        retire_files(ctx, group_id)
    return False


def export(ctx: Context) -> bool:
    """Evidence that leaves by the clock."""
    for group_id in load_group_ids(ctx.db):
        export_if_due(ctx, group_id)
    return False
