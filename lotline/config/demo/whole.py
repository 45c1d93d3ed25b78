"""A database whose acts are all parts of one transaction: either the whole town is there, or none.

What builds the town is killed at any moment without leaving a street behind, and nothing of it is
seen by anybody before it is complete.

Not here: what is built (`building`, `living`).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from uuid import UUID

import psycopg
from psycopg.rows import namedtuple_row
from psycopg.types.json import JsonbDumper

from lotline.store.database import Database, Tx
from lotline.store.facts import look_up_by_key

if TYPE_CHECKING:
    from lotline.store.database import GroupKeySource


class Whole(Database):
    """Each transaction asked for is a savepoint of the one that `begun` commits."""

    def __init__(self, app_dsn: str, keys: GroupKeySource | None) -> None:
        super().__init__(app_dsn, keys, min_size=0, max_size=1)
        self._link: psycopg.Connection[Any] | None = None

    @contextmanager
    def begun(self) -> Iterator[None]:
        """The one transaction; kept when the block ends well."""
        with psycopg.connect(self.dsn, autocommit=True, row_factory=namedtuple_row) as link:
            link.adapters.register_dumper(dict, JsonbDumper)
            with link.transaction():
                self._link = link
                try:
                    yield
                finally:
                    self._link = None

    @contextmanager
    def transaction(self, group_id: UUID, *, by_key: bool = False) -> Iterator[Tx]:
        with self._part(str(group_id)) as link:
            tx = Tx(link, group_id, self.keys)
            if by_key:
                look_up_by_key(tx)
            yield tx

    @contextmanager
    def door(self) -> Iterator[Tx]:
        with self._part("") as link:
            yield Tx(link, None, self.keys)

    @contextmanager
    def _part(self, group_id: str) -> Iterator[psycopg.Connection[Any]]:
        assert self._link is not None, "acts belong to a transaction that has begun"
        # A UUID's own text, or nothing, so it may stand in the statement.
        tenant = f"select set_config('lotline.group_id', '{group_id}', true)"
        self._link.execute(f"savepoint act; {tenant}".encode())
        try:
            yield self._link
        except BaseException:
            if not self._link.closed:
                self._link.execute("rollback to savepoint act")
            raise
        self._link.execute("release savepoint act")
