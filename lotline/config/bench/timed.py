"""A database that times each statement, so that a page's cost there is told from its own.

The time is what the page waits: to the socket and back, rows read. Of several that are sent
together each is charged with what is waited for at its rows. Not here: what is asked.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass
from threading import get_ident
from typing import TYPE_CHECKING, Any

from lotline.config.bench.figures import quantile
from lotline.config.bench.processes import busy_s
from lotline.store.database import CONNECT_TIMEOUT_S, Database, Tx

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from uuid import UUID

    import psycopg


@dataclass(slots=True)
class Asked:
    """One statement, how long it took and with what it was asked."""

    name: str
    seconds: float
    params: dict[str, Any]


class _Waited:
    """A statement that was sent with others: its rows are waited for when they are read."""

    def __init__(self, cursor: psycopg.Cursor[Any], asked: Asked) -> None:
        self._cursor, self._asked = cursor, asked

    def fetchone(self) -> Any:
        return self._timed(self._cursor.fetchone)

    def fetchall(self) -> list[Any]:
        rows: list[Any] = self._timed(self._cursor.fetchall)
        return rows

    @property
    def rowcount(self) -> int:
        return self._cursor.rowcount

    def _timed(self, read: Callable[[], Any]) -> Any:
        begun = time.perf_counter()
        found = read()
        self._asked.seconds += time.perf_counter() - begun
        return found


class TimedTx(Tx):
    """Tells its database what it was asked."""

    __slots__ = ("_told",)

    def __init__(self, *given: Any, told: list[Asked], **more: Any) -> None:
        super().__init__(*given, **more)
        self._told = told

    @property
    def backend(self) -> int:
        """The process that answers."""
        return self._conn.info.backend_pid

    def planned_once(self) -> list[str]:
        """Statements of this connection whose plan is no longer made for each asking."""
        rows = self._conn.execute(
            "select statement from pg_prepared_statements where generic_plans > 0"
        ).fetchall()
        return [row[0] for row in rows]

    def _ask(self, name: str, params: dict[str, Any]) -> Any:
        begun = time.perf_counter()
        cursor = super()._ask(name, params)
        asked = Asked(name, time.perf_counter() - begun, params)
        self._told.append(asked)
        return cursor if self._pipeline is None else _Waited(cursor, asked)


class TimedDatabase(Database):
    """What its transactions asked since `asked` was emptied. It has one connection, for one thread:
    what a page leaves to another is asked aside and not timed.
    """

    def __init__(self, *given: Any, every_thread: bool = False) -> None:
        """`every_thread`: whoever asks is timed, over two connections."""
        super().__init__(*given, min_size=1, max_size=2 if every_thread else 1)
        self.asked: list[Asked] = []
        self._aside = Database(*given, min_size=0)
        self._thread = None if every_thread else get_ident()

    def open(self, *, wait_s: float = CONNECT_TIMEOUT_S) -> Database:
        self._aside.open(wait_s=wait_s)
        return super().open(wait_s=wait_s)

    def close(self) -> None:
        self._aside.close()
        super().close()

    @contextmanager
    def transaction(self, group_id: UUID, *, by_key: bool = False) -> Iterator[Tx]:
        mine = self._thread in {None, get_ident()}
        ask = super().transaction if mine else self._aside.transaction
        with ask(group_id, by_key=by_key) as tx:
            yield tx

    def busy_s(self) -> float:
        """CPU seconds of its one backend so far: what a loaded machine does not change."""
        with self.session() as tx:
            assert isinstance(tx, TimedTx), "this database hands out no other"
            return busy_s(tx.backend)

    def planned_once(self) -> list[str]:
        with self.session() as tx:
            assert isinstance(tx, TimedTx), "ditto"
            return tx.planned_once()

    def _of(
        self, conn: psycopg.Connection[Any], group_id: UUID | None, *, by_key: bool = False
    ) -> TimedTx:
        return TimedTx(conn, group_id, self.keys, by_key=by_key, told=self.asked)


@dataclass(frozen=True, slots=True)
class Took:
    """One page at one size: sorted seconds, and how many statements it was at least and at most."""

    in_database: list[float]
    busy: list[float]  # of that, the database's own CPU
    whole: list[float]
    fewest: int
    most: int

    def in_database_ms(self, part: float) -> float:
        return quantile(self.in_database, part) * 1000

    def whole_ms(self, part: float) -> float:
        return quantile(self.whole, part) * 1000
