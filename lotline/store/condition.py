"""The condition of a running house, in counts and instants: what a doctor looks at.

Not here: what is good or bad about it (`config.doctor`), metrics (`web.edge`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from lotline.store.events import WORK_CHANNEL
from lotline.store.sealed import open_words

if TYPE_CHECKING:
    from datetime import datetime

    from lotline.store.database import Tx


class Account(NamedTuple):
    """A carrier's account, and one of our numbers there, or ""."""

    carrier: str
    account: str
    base_url: str
    number: str


class LedgerCondition(NamedTuple):
    """Leaves without a place, and the newest signature."""

    waiting: int
    oldest: datetime | None
    signed_at: datetime | None


class Many(NamedTuple):
    """How many, and since when."""

    n: int
    oldest: datetime | None


def load_accounts(tx: Tx) -> list[Account]:
    found = []
    for row in tx.all("condition.accounts"):
        number = ""
        if row.line_id is not None:
            place = ("lines", "number_ct", tx.group_id, row.line_id)
            number = open_words(tx.keys, row.number_ct, *place)
        found.append(Account(row.carrier, row.account, row.base_url, number))
    return found


def count_orphan_lines(tx: Tx) -> int:
    """Lines that can never send, for nobody gave us their account."""
    return int(tx.only("condition.orphan_lines").n)


def load_ledger_condition(tx: Tx) -> LedgerCondition:
    return LedgerCondition(*tx.only("condition.ledger"))


def load_unknown_texts(tx: Tx) -> Many:
    return Many(*tx.only("condition.unknown_texts"))


def load_last_arrival(tx: Tx) -> datetime | None:
    at: datetime | None = tx.only("condition.arrivals").last_at
    return at


def load_turned_away_since(tx: Tx, since: datetime) -> dict[str, int]:
    """By reason, the most frequent first."""
    return {row.reason: row.n for row in tx.all("condition.turned_away", since=since)}


def load_overdue(tx: Tx, before: datetime, now: datetime) -> Many:
    """What was due before and could have left by now. Asked at the door."""
    return Many(*tx.only("condition.overdue", before=before, now=now))


def count_workers(tx: Tx) -> int:
    """Loops of workers that listen for work now."""
    return int(tx.only("condition.listeners", what=f'%"{WORK_CHANNEL}"%').n)
