"""The barrier between a stop and a text that is on its way out of the house.

A row lock cannot be held while a carrier is spoken to, so a text could reach the carrier just
after a stop was stored. Therefore whoever hands texts over holds each contact's gate open from
before the last look until the carrier answered, and whoever stores a stop first shuts the gate:
it waits for those texts, and those that come later see the stop.

Not here: the last look itself (`actions.dispatch`), storing the stop (`actions.entries`).
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from lotline.store.database import LOCK_TIMEOUT_MS, TimedOut

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from uuid import UUID

    from lotline.store.database import Database, Tx

# The request was on the wire long before; a carrier that answers slowly must not cost the stop.
PATIENCE_MS = 3000
# How long after the gates were opened a text may still be handed over: well within the patience of
# a stop, so that nothing sets out after a stop that waited in vain was stored.
FRESH_S = PATIENCE_MS / 2000
SHORTEST_MS = 20
_SIGN = 1 << 63
_LOW = (1 << 64) - 1


@contextmanager
def handing_over(db: Database, contact_ids: Iterable[UUID]) -> Iterator[Callable[[], bool]]:
    """Hold these contacts' gates open. Needs a connection of its own, not through a pooler.

    What is given says whether a text may still set out: not once it waited too long for its turn,
    and not when the database went away meanwhile, and our hold with it.
    """
    gates = _gates(contact_ids)
    with db.session() as session:
        until = time.monotonic() + FRESH_S

        def still_open() -> bool:
            return time.monotonic() < until and session.lives()

        try:
            # Inside, for some may be open already when another cannot be: all are left again.
            session.run("barrier.enter", gates=gates)
            until = time.monotonic() + FRESH_S
            yield still_open
        finally:
            session.run("barrier.leave", gates=gates)


def shut(tx: Tx, contact_ids: Iterable[UUID]) -> None:
    """Wait until nothing to these contacts is in a carrier's hands. Before any row lock.

    Most are free and are shut at once. The others one after the other and all in one time: a
    carrier that keeps one text for long costs that gate alone, and a stop is never lost for it.
    """
    ends = time.monotonic() + PATIENCE_MS / 1000
    gates = _gates(contact_ids)
    shut_at_once = [row.shut for row in tx.all("barrier.shut_free", gates=gates)] if gates else []
    for gate, is_shut in zip(gates, shut_at_once, strict=True):
        if is_shut:
            continue
        left_ms = max(SHORTEST_MS, round((ends - time.monotonic()) * 1000))
        try:
            with tx.attempt():
                tx.one("barrier.patience", patience=f"{left_ms}ms")
                tx.all("barrier.shut", gates=[gate])
                tx.one("barrier.patience", patience=f"{LOCK_TIMEOUT_MS}ms")
        except TimedOut:
            continue


def _gates(contact_ids: Iterable[UUID]) -> list[int]:
    """The random half of each id as PostgreSQL's signed key, in one order for everybody."""
    return sorted({_signed(one.int & _LOW) for one in contact_ids})


def _signed(number: int) -> int:
    return number - (1 << 64) if number >= _SIGN else number
