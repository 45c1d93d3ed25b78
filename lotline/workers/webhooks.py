"""Webhooks: makes the calls that are due, group by group, some beside each other.

A call that takes long delays nobody's texts: this loop sends none.

Not here: what is told and when it is tried again (`actions.webhooks`).
"""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from lotline.actions.programs import forget_requests
from lotline.actions.webhooks import claim_tellings, gather, prune, record_tellings
from lotline.store.groups import load_group_ids

if TYPE_CHECKING:
    from uuid import UUID

    from lotline.actions.context import Context
    from lotline.core.people.webhooks import Teller

AT_ONCE = 8
CLAIMED = 48


class Webhooks:
    """One for the process. Several processes may work beside each other: claims keep them apart."""

    def __init__(self, ctx: Context, tell: Teller) -> None:
        self._ctx = ctx
        self._tell = tell
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="webhook")
        self._dice = random.SystemRandom()

    def step(self) -> bool:
        """A round over all groups. True when one of them may have more."""
        worked = [self._round(group_id) for group_id in load_group_ids(self._ctx.db)]
        return any(worked)

    def prune(self) -> bool:
        """Calls that are over, and keys of requests that are a day old."""
        for group_id in load_group_ids(self._ctx.db):
            prune(self._ctx, group_id)
            forget_requests(self._ctx, group_id)
        return False

    def close(self) -> None:
        """Wait for what is in hand."""
        self._pool.shutdown(wait=True)

    def _round(self, group_id: UUID) -> bool:
        gather(self._ctx, group_id)
        due = claim_tellings(self._ctx, group_id, CLAIMED)
        if not due:
            return False
        said = list(self._pool.map(self._tell, [one.telling for one in due]))
        answered = [(one.due, heard) for one, heard in zip(due, said, strict=True)]
        chances = [self._dice.random() for _ in answered]
        record_tellings(self._ctx, group_id, answered, chances)
        return True
