"""The counter: keeps what the dashboard adds up near to what happens, group by group.

Not here: how (`actions.counting`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lotline.actions.counting import count_more
from lotline.store.groups import load_group_ids

if TYPE_CHECKING:
    from lotline.actions.context import Context

EVERY_S = 2.0


def step(ctx: Context) -> bool:
    """One step in each group; whether any has more to do."""
    more = [count_more(ctx, group_id) for group_id in load_group_ids(ctx.db)]
    return any(more)
