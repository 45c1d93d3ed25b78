"""The barrier between a stop and a text that is on its way out of the house.

A row lock cannot be held while a carrier is spoken to, so a text could reach the carrier just
after a stop was stored. Therefore whoever hands texts over holds each contact's gate open from
before the last look until the carrier answered, and whoever stores a stop first shuts the gate:
it waits for those texts, and those that come later see the stop.

Not here: the last look itself (`actions.dispatch`), storing the stop (`actions.entries`).
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from lotline.store.database import TimedOut

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from uuid import UUID

    from lotline.store.database import Database, Tx

# The request was on the wire long before; a carrier that answers slowly must not cost the stop.
PATIENCE_MS = 3000
_SIGN = 1 << 63
_LOW = (1 << 64) - 1


@contextmanager
def handing_over(db: Database, contact_ids: Iterable[UUID]) -> Iterator[None]:
    """Hold these contacts' gates open. Needs a connection of its own, not through a pooler."""
    gates = _gates(contact_ids)
    with db.session() as session:
        session.run("barrier.enter", gates=gates)
        try:
            yield
        finally:
            session.run("barrier.leave", gates=gates)


def shut(tx: Tx, contact_ids: Iterable[UUID]) -> None:
    """Wait until nothing to these contacts is in a carrier's hands. Before any row lock."""
    gates = _gates(contact_ids)
    if not gates:
        return
    try:
        with tx.attempt():
            tx.one("barrier.patience", patience=f"{PATIENCE_MS}ms")
            tx.all("barrier.shut", gates=gates)
            tx.one("barrier.patience", patience="0")
    except TimedOut:
        return  # a stop is never lost for a slow carrier


def _gates(contact_ids: Iterable[UUID]) -> list[int]:
    """The random half of each id as PostgreSQL's signed key, in one order for everybody."""
    return sorted({_signed(one.int & _LOW) for one in contact_ids})


def _signed(number: int) -> int:
    return number - (1 << 64) if number >= _SIGN else number
