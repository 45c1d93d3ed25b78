"""The hands of a test: a carrier in memory, a worker that is stepped, customers who text.

Not here: the town itself (`tests.town`).
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg

from lotline.actions.context import Context
from lotline.actions.dispatch import Ready, claim, prepare
from lotline.actions.outcome import record_outcomes
from lotline.actions.receipts import Heard, Noted, take_receipts
from lotline.actions.receive import Outcome as Received
from lotline.actions.receive import Verified, receive
from lotline.actions.submit import Submitted, submit
from lotline.core.carriers.port import (
    Arrival,
    Busy,
    Carrier,
    Found,
    HookCall,
    HookFault,
    Outcome,
    Outgoing,
    Receipt,
    ReceiptWord,
    Refused,
    Search,
    Seen,
    Sent,
    Unknown,
)
from lotline.store.barrier import handing_over
from tests.conftest import Database
from tests.town import ACCOUNT, Clock, Town, build_town, carrier_double, make_context


@dataclass
class MemoryCarrier:
    """Takes every text, unless told otherwise, and remembers each one that reached it."""

    clock: Clock | None = None
    reached: list[Outgoing] = field(default_factory=list)
    says: Callable[[Outgoing], Outcome | None] = lambda text: None
    looked: list[Search] = field(default_factory=list)
    _ids: Any = field(default_factory=lambda: itertools.count(1))
    _list: list[Seen] = field(default_factory=list)
    name: str = "twilio"
    account: str = ACCOUNT

    def send(self, text: Outgoing) -> Outcome:
        said = self.says(text)
        if isinstance(said, Busy | Refused):
            return said
        assert self.clock is not None
        self.reached.append(text)
        carrier_id = f"SM{next(self._ids):032x}"
        self._list.append(
            Seen(
                carrier_id,
                ReceiptWord.SENT,
                text.to,
                text.from_number,
                text.messaging_service,
                text.body,
                self.clock(),
            )
        )
        return said or Sent(carrier_id, ReceiptWord.QUEUED, 1)

    def find(self, search: Search) -> Found | Refused | Busy | Unknown:
        self.looked.append(search)
        return Found(tuple(one for one in self._list if one.to == search.to))

    def forget(self) -> None:
        """Its list does not go back so far."""
        self._list.clear()

    def verify_hook(
        self, path_and_query: str, headers: Mapping[str, str], body: bytes
    ) -> HookFault | None:
        return None

    def parse_hook(
        self, path_and_query: str, headers: Mapping[str, str], body: bytes, at: datetime
    ) -> HookCall:
        raise NotImplementedError


@contextmanager
def a_house(database: Database, folder: Path, carrier: Carrier | None = None) -> Iterator[House]:
    """One town, one carrier (in memory unless another is given), one worker by hand."""
    memory = MemoryCarrier()
    ctx = make_context(database.app, folder)
    ctx = replace(ctx, carrier_for=carrier_double(memory if carrier is None else carrier))
    town = build_town(ctx, {"policy_required": False})
    memory.clock = town.clock
    made = House(town, memory, database)
    try:
        yield made
    finally:
        made.close()


@dataclass
class House:
    """A town, and hands to move it."""

    town: Town
    carrier: MemoryCarrier
    database: Database
    _sids: Any = field(default_factory=lambda: itertools.count(1))
    _taps: Any = field(default_factory=lambda: itertools.count(1))
    _link: psycopg.Connection[Any] | None = None

    @property
    def ctx(self) -> Context:
        return self.town.ctx

    def arrival(
        self, number: str, body: str, *, line: str = "sales", sid: str = "", **more: Any
    ) -> Verified:
        """A customer's text as the edge hands it in."""
        to_number = {"sales": "+16145550101", "service": "+16145550102", "dock": "+16145550103"}
        arrival = Arrival(
            carrier="twilio",
            account=ACCOUNT,
            carrier_id=sid or f"SMin{next(self._sids):030x}",
            from_number=number,
            to_number=to_number[line],
            body=body,
            at=self.town.clock(),
            **more,
        )
        return Verified(self.town.group_id, self.town.lines[line], arrival, f"Body={body}")

    def text_in(self, number: str, body: str, *, line: str = "sales", **more: Any) -> Received:
        (done,) = receive(self.ctx, [self.arrival(number, body, line=line, **more)])
        return done

    def receipt(self, text_id: UUID, word: ReceiptWord, **more: str) -> Noted:
        (done,) = take_receipts(self.ctx, [self.receipt_of(text_id, word, **more)])
        return done

    def receipt_of(
        self, text_id: UUID, word: ReceiptWord, *, code: str = "", sid: str = "", to: str = ""
    ) -> Heard:
        said = Receipt(
            "twilio",
            ACCOUNT,
            sid or f"SM{text_id.int & 0xFFFF:032x}",
            word,
            self.town.clock(),
            str(text_id),
            code,
            to,
        )
        return Heard(self.town.group_id, said, "MessageStatus=x")

    def conversation(self, number: str, *, line: str = "sales") -> UUID:
        from lotline.store.sealed import number_hashes

        with self.ctx.db.transaction(self.town.group_id) as tx:
            known = tx.all("standing.by_number", hashes=number_hashes(tx.keys, number))
            pairs = [(known[0].id, self.town.lines[line])]
            rows = tx.all("arrivals.conversations", contacts=[pairs[0][0]], lines=[pairs[0][1]])
        found: UUID = rows[0].id
        return found

    def tap(self, number: str, body: str, *, by: str = "ben", **more: Any) -> Submitted:
        """A member presses Send."""
        client_id = more.pop("client_id", None) or UUID(int=next(self._taps))
        return submit(
            self.ctx,
            self.town.sign_in(by),
            self.conversation(number, line=more.pop("line", "sales")),
            body,
            client_id=client_id,
            **more,
        )

    def claim(self, worker: str = "w1", limit: int = 50) -> list[Any]:
        return claim(self.ctx, worker, limit)

    def dispatch(self, worker: str = "w1") -> list[tuple[Ready, Outcome]]:
        """One step of the sender, all of it."""
        due = claim(self.ctx, worker, 50)
        with handing_over(self.ctx.db, (one.contact_id for one in due)):
            ready = prepare(self.ctx, worker, due)
            answered = [(one, self.carrier.send(one.outgoing)) for one in ready]
        record_outcomes(self.ctx, answered)
        return answered

    def ask(self, sql: str, *params: Any) -> list[Any]:
        """Anything, past row-level security: only a test's superuser may."""
        if self._link is None:
            self._link = psycopg.connect(self.database.dsn("superuser"), autocommit=True)
        return self._link.execute(sql.encode(), params).fetchall()

    def close(self) -> None:
        if self._link is not None:
            self._link.close()
        self.ctx.db.close()

    def state(self, text_id: UUID) -> str:
        found: str = self.ask("select state from texts where id = %s", text_id)[0][0]
        return found
