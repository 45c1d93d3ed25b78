"""The sender: claims what is due in batches, lets it be looked at again, and offers each text once.

While a text is in a carrier's hands its contact's gate is held open, so that a stop that is being
stored waits for the answer; whatever goes wrong after the offer began is an unknown, never a retry.
What goes through one account is handed over by itself: as long as a carrier's account does not
answer, nothing more is claimed for its lines, and the others go on.

A batch is as large as could be handed over in time: it doubles while all of it sets out, and is
halved when a part of it came too late. So a slow machine or carrier holds few gates at a time.

Not here: the second look and what is kept (`actions.dispatch`, `actions.outcome`).
"""

from __future__ import annotations

import logging
import threading
from collections import defaultdict
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import TYPE_CHECKING
from uuid import UUID

from lotline.actions.dispatch import Ready, accounts_of, claim, prepare
from lotline.actions.outcome import record_outcomes
from lotline.core.carriers.port import Busy, Outcome, TakesMany, Unknown
from lotline.store.barrier import handing_over

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from lotline.actions.context import Context
    from lotline.core.carriers.port import Carrier
    from lotline.store.outbox import Due

log = logging.getLogger("lotline.sender")

AT_ONCE = 200
FIRST = 50
SMALLEST = 8
IN_HAND = 400  # of one sender at most: each text in hand is a lock in a table of the database
THREADS = 16  # for a carrier that takes one text at a time
PER_LINE = 4
HANDS = 6  # accounts that are spoken to at once; each holds a connection of the database meanwhile
NO_CARRIER_S = 60.0
LATE_S = 1.0
_LATE = Busy(LATE_S, "late")

Account = tuple[UUID, str]  # of a group


class Sender:
    """One worker's hands. Several may work beside each other: claims keep them apart."""

    def __init__(
        self, ctx: Context, name: str, *, at_once: int = AT_ONCE, patience_s: float | None = None
    ) -> None:
        """`patience_s`: how long a step waits for its own; None is until all is answered."""
        self._ctx = ctx
        self._name = name
        self._at_once = at_once
        self._size = min(FIRST, at_once)
        self._patience_s = patience_s
        self._hands = ThreadPoolExecutor(HANDS, thread_name_prefix=name)
        self._pools: dict[Account, ThreadPoolExecutor] = {}
        self._lines: dict[UUID, threading.Semaphore] = defaultdict(
            lambda: threading.Semaphore(PER_LINE)
        )
        self._accounts: dict[UUID, Account] = {}
        self._going: dict[Future[bool], list[Due]] = {}

    def step(self) -> bool:
        """One batch from claim to kept answer. False when nothing was due."""
        self._forget_answered()
        if len(self._going) >= HANDS or self._is_full():
            wait(self._going, self._patience_s, return_when=FIRST_COMPLETED)
            return True
        room = IN_HAND - sum(len(several) for several in self._going.values())
        due = claim(self._ctx, self._name, min(self._size, room), self._busy())
        if not due:
            return False
        new = {
            self._hands.submit(self._hand_over, several): several
            for several in self._by_account(due)
        }
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
        over = {one: len(self._going[one]) for one in self._going if one.done()}
        for one in over:
            del self._going[one]
        for one, size in over.items():
            self._measure(size, in_time=one.result())

    def _measure(self, size: int, *, in_time: bool) -> None:
        if not in_time:
            self._size = max(min(SMALLEST, self._at_once), size // 2)
        elif size * 2 > self._size:
            self._size = min(self._at_once, self._size * 2)

    def _is_full(self) -> bool:
        return sum(len(several) for several in self._going.values()) >= IN_HAND

    def _busy(self) -> list[UUID]:
        """Lines that have a text in hand, and those that share an account with one."""
        lines = {one.line_id for several in self._going.values() for one in several}
        accounts = {self._accounts[line] for line in lines if line in self._accounts}
        shared = {line for line, account in self._accounts.items() if account in accounts}
        return list(lines | shared)

    def _by_account(self, due: Sequence[Due]) -> list[list[Due]]:
        """In the order they became due. Lines that are new to us are asked for once."""
        new: dict[UUID, set[UUID]] = defaultdict(set)
        for one in due:
            if one.line_id not in self._accounts:
                new[one.group_id].add(one.line_id)
        self._accounts |= accounts_of(self._ctx, new)
        parts: dict[Account, list[Due]] = defaultdict(list)
        for one in due:
            parts[self._accounts[one.line_id]].append(one)
        return list(parts.values())

    def _hand_over(self, due: Sequence[Due]) -> bool:
        """From open gates to kept answers; False when some set out no more, for it was too late."""
        with handing_over(self._ctx.db, (one.contact_id for one in due)) as still_open:
            ready = prepare(self._ctx, self._name, due)
            by_account: dict[Account, list[Ready]] = defaultdict(list)
            for one in ready:
                account = (one.due.group_id, one.outgoing.account)
                self._accounts[one.due.line_id] = account
                by_account[account].append(one)
            offers = [self._offer_all(still_open, *both) for both in by_account.items()]
            answered = [one for offered in offers for one in offered()]
        record_outcomes(self._ctx, [(one, said or _LATE) for one, said in answered])
        return all(said is not None for _, said in answered)

    def _offer_all(
        self, still_open: Callable[[], bool], account: Account, ready: list[Ready]
    ) -> Callable[[], list[tuple[Ready, Outcome | None]]]:
        """Begin; what is given waits for the answers. Whoever does not answer keeps nobody else's.

        None in place of an outcome: a stop may have been stored while it waited for its turn.
        """
        try:
            carrier = self._ctx.carrier_for(*account)
        except Exception as trouble:  # noqa: BLE001  # nothing was offered yet, so it may wait, whatever is wrong
            log.error("no carrier for a line: %s", type(trouble).__name__)  # noqa: TRY400  # its words may hold secrets
            why = Busy(NO_CARRIER_S, type(trouble).__name__)
            return lambda: [(one, why) for one in ready]
        pool = self._pool_of(account)
        if isinstance(carrier, TakesMany):
            every = pool.submit(_offer_many, still_open, carrier, ready)
            return lambda: list(zip(ready, every.result(), strict=True))
        alone = [pool.submit(self._offer, still_open, carrier, one) for one in ready]
        return lambda: [(one, offer.result()) for one, offer in zip(ready, alone, strict=True)]

    def _pool_of(self, account: Account) -> ThreadPoolExecutor:
        """An account's own threads."""
        pool = self._pools.get(account)
        if pool is None:
            pool = ThreadPoolExecutor(THREADS, thread_name_prefix=f"{self._name}-http")
            pool = self._pools.setdefault(account, pool)
        return pool

    def _offer(
        self, still_open: Callable[[], bool], carrier: Carrier, ready: Ready
    ) -> Outcome | None:
        with self._lines[ready.due.line_id]:
            if not still_open():
                return None
            try:
                return carrier.send(ready.outgoing)
            except Exception as trouble:  # noqa: BLE001  # it may have left: no fault of ours may make it look unsent
                return _broken(trouble)


def _offer_many(
    still_open: Callable[[], bool], carrier: TakesMany, ready: Sequence[Ready]
) -> list[Outcome | None]:
    try:
        return carrier.send_many([one.outgoing for one in ready], still_open)
    except Exception as trouble:  # noqa: BLE001  # some may have left: no fault of ours may make them look unsent
        return [_broken(trouble)] * len(ready)


def _broken(trouble: Exception) -> Unknown:
    log.error("an offer broke: %s", type(trouble).__name__)  # its words may hold a customer's
    return Unknown(type(trouble).__name__)
