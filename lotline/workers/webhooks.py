"""Webhooks: makes the calls that are due, address by address.

A call that takes long delays nobody's texts: this loop sends none. Nor does it delay another
address: each has its own few calls in hand, and as long as one of them is not answered nothing more
is claimed for that address, while the others go on.

Not here: what is told and when it is tried again (`actions.webhooks`).
"""

from __future__ import annotations

import random
from collections import defaultdict
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import TYPE_CHECKING
from uuid import UUID

from lotline.actions.programs import forget_requests
from lotline.actions.webhooks import ToTell, claim_tellings, gather, prune, record_tellings
from lotline.store.groups import load_group_ids

if TYPE_CHECKING:
    from lotline.actions.context import Context
    from lotline.core.people.webhooks import Teller

ADDRESSES = 12  # that are told at once
AT_ONCE = 4  # calls of one address
EACH = 8  # are claimed of one address: their time-outs end well within the lease

Address = tuple[UUID, UUID]


class Webhooks:
    """One for the process. Several processes may work beside each other: claims keep them apart."""

    def __init__(self, ctx: Context, tell: Teller, *, patience_s: float | None = None) -> None:
        """`patience_s`: how long a step waits for answers; None is until all have come."""
        self._ctx = ctx
        self._tell = tell
        self._patience_s = patience_s
        self._addresses = ThreadPoolExecutor(ADDRESSES, thread_name_prefix="webhook")
        self._calls = ThreadPoolExecutor(ADDRESSES * AT_ONCE, thread_name_prefix="webhook-call")
        self._going: dict[Future[None], Address] = {}
        self._dice = random.SystemRandom()

    def step(self) -> bool:
        """A round over all groups. True when one of them may have more."""
        self._forget_answered()
        began = [self._round(group_id) for group_id in load_group_ids(self._ctx.db)]
        wait(self._going, self._patience_s)
        self._forget_answered()
        return any(began)

    def prune(self) -> bool:
        """Calls that are over, and keys of requests that are a day old."""
        for group_id in load_group_ids(self._ctx.db):
            prune(self._ctx, group_id)
            forget_requests(self._ctx, group_id)
        return False

    def close(self) -> None:
        """Wait for what is in hand."""
        self._addresses.shutdown(wait=True)
        self._calls.shutdown(wait=True)

    def _forget_answered(self) -> None:
        """A fault of what is over is the step's fault, once."""
        over = [one for one in self._going if one.done()]
        for one in over:
            del self._going[one]
        for one in over:
            one.result()

    def _round(self, group_id: UUID) -> bool:
        gather(self._ctx, group_id)
        room = ADDRESSES - len(self._going)
        if room <= 0:
            return False
        busy = {hook_id for group, hook_id in self._going.values() if group == group_id}
        due = claim_tellings(self._ctx, group_id, addresses=room, each=EACH, busy=busy)
        by_address: dict[UUID, list[ToTell]] = defaultdict(list)
        for one in due:
            by_address[one.due.webhook_id].append(one)
        for hook_id, several in by_address.items():
            told = self._addresses.submit(self._tell_address, group_id, several)
            self._going[told] = (group_id, hook_id)
        return bool(due)

    def _tell_address(self, group_id: UUID, several: list[ToTell]) -> None:
        answered = []
        for at in range(0, len(several), AT_ONCE):
            some = several[at : at + AT_ONCE]
            said = self._calls.map(self._tell, [one.telling for one in some])
            answered += [(one.due, heard) for one, heard in zip(some, said, strict=True)]
        chances = [self._dice.random() for _ in answered]
        record_tellings(self._ctx, group_id, answered, chances)
