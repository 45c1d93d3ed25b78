"""A database that times each statement, so that a page's cost there is told from its own.

The time is what the page waits: to the socket and back, rows read. Not here: what is asked.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from lotline.config.bench.figures import quantile
from lotline.config.bench.processes import busy_s
from lotline.store.database import Database, Tx

if TYPE_CHECKING:
    import psycopg


@dataclass(frozen=True, slots=True)
class Asked:
    """One statement, how long it took and with what it was asked."""

    name: str
    seconds: float
    params: dict[str, Any]


class TimedTx(Tx):
    """Keeps what it was asked."""

    __slots__ = ("kept",)

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.kept: list[Asked] = []

    def _ask(self, name: str, params: dict[str, Any]) -> psycopg.Cursor[Any]:
        begun = time.perf_counter()
        cursor = super()._ask(name, params)
        self.kept.append(Asked(name, time.perf_counter() - begun, params))
        return cursor


class TimedDatabase(Database):
    """What its transactions asked since `asked` was emptied."""

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self.asked: list[Asked] = []

    def busy_s(self) -> float:
        """CPU seconds of its one backend so far: what a loaded machine does not change."""
        with self.session() as tx:
            pid = tx._conn.info.backend_pid  # noqa: SLF001  # the same connection
        return busy_s(pid)

    @contextmanager
    def transaction(self, group_id: UUID, *, by_key: bool = False) -> Iterator[Tx]:
        with super().transaction(group_id, by_key=by_key) as tx:
            timed = TimedTx(tx._conn, group_id, self.keys)  # noqa: SLF001  # the same connection
            try:
                yield timed
            finally:
                self.asked += timed.kept


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
