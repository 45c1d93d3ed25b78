"""The sender: claims what is due, lets it be looked at again, and offers each text once.

While a text is in a carrier's hands its contact's gate is held open, so that a stop that is being
stored waits for the answer; whatever goes wrong after the offer began is an unknown, never a retry.
What goes through one account is handed over by itself: as long as a carrier's account does not
answer, nothing more is claimed for its lines, and the others go on.

Not here: the second look and what is kept (`actions.dispatch`, `actions.outcome`).
"""

from __future__ import annotations

import logging
import threading
from collections import defaultdict
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import TYPE_CHECKING
from uuid import UUID

from lotline.actions.dispatch import Ready, claim, prepare
from lotline.actions.outcome import record_outcomes
from lotline.core.carriers.port import Busy, Outcome, Unknown
from lotline.store.barrier import handing_over

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from lotline.actions.context import Context
    from lotline.store.outbox import Due

log = logging.getLogger("lotline.sender")

AT_ONCE = 16
PER_LINE = 4
HANDS = 6  # accounts that are spoken to at once; each holds a connection of the database meanwhile
NO_CARRIER_S = 60.0
LATE_S = 1.0

Account = tuple[UUID, str]  # of a group; a line that was never sent from stands for itself


class Sender:
    """One worker's hands. Several may work beside each other: claims keep them apart."""

    def __init__(
        self, ctx: Context, name: str, *, at_once: int = AT_ONCE, patience_s: float | None = None
    ) -> None:
        """`patience_s`: how long a step waits for its own; None is until all is answered."""
        self._ctx = ctx
        self._name = name
        self._at_once = at_once
        self._patience_s = patience_s
        self._hands = ThreadPoolExecutor(HANDS, thread_name_prefix=name)
        self._pools: dict[Account, ThreadPoolExecutor] = {}
        self._lines: dict[UUID, threading.Semaphore] = defaultdict(
            lambda: threading.Semaphore(PER_LINE)
        )
        self._accounts: dict[UUID, Account] = {}
        self._going: dict[Future[None], set[UUID]] = {}  # and the lines of what is handed over

    def step(self) -> bool:
        """One batch from claim to kept answer. False when nothing was due."""
        self._forget_answered()
        if len(self._going) >= HANDS:
            wait(self._going, self._patience_s, return_when=FIRST_COMPLETED)
            return True
        due = claim(self._ctx, self._name, self._at_once, self._busy())
        if not due:
            return False
        new = {}
        for several in self._by_account(due):
            new[self._hands.submit(self._hand_over, several)] = {one.line_id for one in several}
        self._going.update(new)
        wait(new, self._patience_s)
        self._forget_answered()
        return True

    def close(self) -> None:
        """Wait for what is in hand."""
        self._hands.shutdown(wait=True)
        for pool in self._pools.values():
            pool.shutdown(wait=True)

    def _forget_answered(self) -> None:
        """A fault of what is over is the step's fault, once."""
        over = [one for one in self._going if one.done()]
        for one in over:
            del self._going[one]
        for one in over:
            one.result()

    def _busy(self) -> list[UUID]:
        """Lines that have a text in hand, and those that share an account with one."""
        lines = set().union(*self._going.values())
        accounts = {self._accounts[line] for line in lines if line in self._accounts}
        shared = {line for line, account in self._accounts.items() if account in accounts}
        return list(lines | shared)

    def _by_account(self, due: Sequence[Due]) -> list[list[Due]]:
        """In the order they became due; an account whose lines are new to us may come in parts."""
        parts: dict[Account, list[Due]] = defaultdict(list)
        for one in due:
            parts[self._accounts.get(one.line_id, (one.group_id, str(one.line_id)))].append(one)
        return list(parts.values())

    def _hand_over(self, due: Sequence[Due]) -> None:
        with handing_over(self._ctx.db, (one.contact_id for one in due)) as still_open:
            ready = prepare(self._ctx, self._name, due)
            offers = [self._pool_of(one).submit(self._offer, still_open, one) for one in ready]
            answered = [(one, offer.result()) for one, offer in zip(ready, offers, strict=True)]
        record_outcomes(self._ctx, answered)

    def _pool_of(self, ready: Ready) -> ThreadPoolExecutor:
        """An account's own threads: whoever does not answer keeps nobody else's."""
        account = (ready.due.group_id, ready.outgoing.account)
        self._accounts[ready.due.line_id] = account
        pool = self._pools.get(account)
        if pool is None:
            pool = ThreadPoolExecutor(self._at_once, thread_name_prefix=f"{self._name}-http")
            pool = self._pools.setdefault(account, pool)
        return pool

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
