"""The sender: claims what is due, lets it be looked at again, and offers each text once.

While a text is in a carrier's hands its contact's gate is held open, so that a stop that is being
stored waits for the answer; whatever goes wrong after the offer began is an unknown, never a retry.

Not here: the second look and what is kept (`actions.dispatch`, `actions.outcome`).
"""

from __future__ import annotations

import logging
import threading
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

from lotline.actions.dispatch import Ready, claim, prepare
from lotline.actions.outcome import record_outcomes
from lotline.core.carriers.port import Busy, Outcome, Unknown
from lotline.store.barrier import handing_over

if TYPE_CHECKING:
    from collections.abc import Callable

    from lotline.actions.context import Context

log = logging.getLogger("lotline.sender")

AT_ONCE = 16
PER_LINE = 4
NO_CARRIER_S = 60.0
LATE_S = 1.0


class Sender:
    """One worker's hands. Several may work beside each other: claims keep them apart."""

    def __init__(self, ctx: Context, name: str, *, at_once: int = AT_ONCE) -> None:
        self._ctx = ctx
        self._name = name
        self._at_once = at_once
        self._pool = ThreadPoolExecutor(at_once, thread_name_prefix=f"{name}-http")
        self._lines: dict[UUID, threading.Semaphore] = defaultdict(
            lambda: threading.Semaphore(PER_LINE)
        )

    def step(self) -> bool:
        """One batch from claim to kept answer. False when nothing was due."""
        due = claim(self._ctx, self._name, self._at_once)
        if not due:
            return False
        with handing_over(self._ctx.db, (one.contact_id for one in due)) as still_open:
            ready = prepare(self._ctx, self._name, due)
            offers = self._pool.map(partial(self._offer, still_open), ready)
            answered = list(zip(ready, offers, strict=True))
        record_outcomes(self._ctx, answered)
        return True

    def close(self) -> None:
        """Wait for what is in hand."""
        self._pool.shutdown(wait=True)

    def _offer(self, still_open: Callable[[], bool], ready: Ready) -> Outcome:
        try:
            carrier = self._ctx.carrier_for(ready.due.group_id, ready.outgoing.account)
        except Exception as trouble:  # noqa: BLE001  # nothing was offered yet, so it may wait, whatever is wrong
            log.error("no carrier for a line: %s", type(trouble).__name__)  # noqa: TRY400  # its words may hold secrets
            return Busy(NO_CARRIER_S, type(trouble).__name__)
        with self._lines[ready.due.line_id]:
            if not still_open():  # a stop may have been stored while this one waited for its turn
                return Busy(LATE_S, "late")
            try:
                return carrier.send(ready.outgoing)
            except Exception as trouble:  # noqa: BLE001  # it may have left: no fault of ours may make it look unsent
                log.error("an offer broke: %s", type(trouble).__name__)  # noqa: TRY400  # its words may hold a customer's
                return Unknown(type(trouble).__name__)
