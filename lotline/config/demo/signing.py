"""The town's access review: the owner looked at what opens for everybody, and signed for it.

Not here: when that was (`living`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lotline.actions.access_reviews import sign_off
from lotline.store.access_reviews import load_access

if TYPE_CHECKING:
    from lotline.actions.context import Context
    from lotline.store.shown import Viewer


def sign_access(ctx: Context, owner: Viewer) -> None:
    """Everybody may go on as they are."""
    with ctx.db.transaction(owner.group_id) as tx:
        people = load_access(tx, owner, ctx.now(), steps=False)
    sign_off(ctx, owner, owner.name, {one.id: ("keep", one.mark) for one in people})
