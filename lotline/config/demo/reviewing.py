"""The town's review: what was flagged before today has been read, a sender coached, a few wait.

Not here: what was written (`content`), how it came to be flagged (`actions.screening`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lotline.actions.review import Word, judge
from lotline.config.demo.living import FRESH
from lotline.store.review import load_queue

if TYPE_CHECKING:
    from lotline.actions.context import Context
    from lotline.store.review import Waiting
    from lotline.store.shown import Viewer

NOTE = "Photos go over the line too. Keep customers on it."


def review(ctx: Context, owner: Viewer, manager: Viewer) -> None:
    """The owner reads what is no manager's, then the manager all but what is of today."""
    own = {one.id for one in _queue(ctx, manager)}
    for one in _queue(ctx, owner):
        if one.id not in own:
            judge(ctx, owner, one.id, Word("ok"))
    for one in _queue(ctx, manager):
        if ctx.now() - one.flagged_at > FRESH:
            coached = "private_phone" in one.reasons
            judge(ctx, manager, one.id, Word("coach", NOTE) if coached else Word("ok"))
        elif one.reasons == ("sampled",):  # chance, and a town is the same each time
            judge(ctx, manager, one.id, Word("ok"))


def _queue(ctx: Context, viewer: Viewer) -> list[Waiting]:
    with ctx.db.transaction(viewer.group_id) as tx:
        return load_queue(tx, viewer)
