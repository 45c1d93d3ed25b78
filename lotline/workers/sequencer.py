"""The sequencer: gives leaves their places, group by group.

Not here: how (`actions.sequence`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lotline.actions.sequence import AT_ONCE, sequence
from lotline.store.groups import load_group_ids

if TYPE_CHECKING:
    from lotline.actions.context import Context


def step(ctx: Context) -> bool:
    """Each group once. True when one of them has more than was taken at once."""
    placed = [sequence(ctx, group_id) for group_id in load_group_ids(ctx.db)]
    return any(count >= AT_ONCE for count in placed)
