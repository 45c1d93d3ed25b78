"""Push: hands over the notices that are due, push service by push service.

A service that takes long delays nobody's texts, for this loop sends none, and no other service:
each has its own few calls in hand, and nothing more is claimed for it until they are answered.

Not here: whom a notice is for and when it is tried again (`actions.push`).
"""

from __future__ import annotations

import random
from collections import defaultdict
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import TYPE_CHECKING
from uuid import UUID

from lotline.actions.push import ToPush, claim_pushes, hear, prune, record_pushes
from lotline.store.groups import load_group_ids

if TYPE_CHECKING:
    from lotline.actions.context import Context
    from lotline.core.people.push import Pusher

SERVICES = 8  # that are told at once
AT_ONCE = 4  # calls of one service
EACH = 16  # are claimed of one service: their time-outs end within the lease

Service = tuple[UUID, str]


class Notices:
    """One for the process. Several processes may work beside each other: claims keep them apart."""

    def __init__(self, ctx: Context, push: Pusher, *, patience_s: float | None = None) -> None:
        """`patience_s`: how long a step waits for answers; None is until all have come."""
        self._ctx = ctx
        self._push = push
        self._patience_s = patience_s
        self._services = ThreadPoolExecutor(SERVICES, thread_name_prefix="push")
        self._calls = ThreadPoolExecutor(SERVICES * AT_ONCE, thread_name_prefix="push-call")
        self._going: dict[Future[None], Service] = {}
        self._dice = random.SystemRandom()

    def step(self) -> bool:
        """A round over all groups. True when one of them may have more."""
        self._forget_answered()
        began = [self._round(group_id) for group_id in load_group_ids(self._ctx.db)]
        wait(self._going, self._patience_s)
        self._forget_answered()
        return any(began)

    def prune(self) -> bool:
        for group_id in load_group_ids(self._ctx.db):
            prune(self._ctx, group_id)
        return False

    def close(self) -> None:
        """Wait for what is in hand."""
        self._services.shutdown(wait=True)
        self._calls.shutdown(wait=True)

    def _forget_answered(self) -> None:
        """A fault of what is over is the step's fault, once."""
        over = [one for one in self._going if one.done()]
        for one in over:
            del self._going[one]
        for one in over:
            one.result()

    def _round(self, group_id: UUID) -> bool:
        hear(self._ctx, group_id)
        room = SERVICES - len(self._going)
        if room <= 0:
            return False
        busy = {service for group, service in self._going.values() if group == group_id}
        due = claim_pushes(self._ctx, group_id, services=room, each=EACH, busy=busy)
        by_service: dict[str, list[ToPush]] = defaultdict(list)
        for one in due:
            by_service[one.due.service].append(one)
        for service, several in by_service.items():
            told = self._services.submit(self._push_to, group_id, several)
            self._going[told] = (group_id, service)
        return bool(due)

    def _push_to(self, group_id: UUID, several: list[ToPush]) -> None:
        answered = []
        for at in range(0, len(several), AT_ONCE):
            some = several[at : at + AT_ONCE]
            said = self._calls.map(self._push, [one.push for one in some])
            answered += [(one.due, heard) for one, heard in zip(some, said, strict=True)]
        record_pushes(self._ctx, group_id, answered, [self._dice.random() for _ in answered])
