"""The town's review: nearly all that was ever flagged has been read, and a few texts wait.

Not here: what was written (`content`), how it came to be flagged (`actions.screening`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lotline.actions.review import Word, judge
from lotline.store.review import load_queue

if TYPE_CHECKING:
    from lotline.actions.context import Context
    from lotline.store.review import Waiting
    from lotline.store.shown import Viewer

_LEFT = 3


def review(ctx: Context, owner: Viewer, manager: Viewer) -> None:
    """The owner reads what is no manager's, then the manager all but the newest."""
    own = {one.id for one in _queue(ctx, manager)}
    for one in _queue(ctx, owner):
        if one.id not in own:
            judge(ctx, owner, one.id, Word("ok"))
    for one in _queue(ctx, manager)[:-_LEFT]:
        judge(ctx, manager, one.id, Word("ok"))


def _queue(ctx: Context, viewer: Viewer) -> list[Waiting]:
    with ctx.db.transaction(viewer.group_id) as tx:
        return load_queue(tx, viewer)
