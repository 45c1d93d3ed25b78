"""A database whose client may die between any two statements.

The product's own `Database`, whose every statement is counted: at a chosen one the process ends.
What was not committed never was, as after `kill -9`; what was, stays, and nobody was told.

Not here: who dies when (`life`).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

import psycopg

from lotline.store.database import Database
from tests.sim.house import Died


class Mortal(Database):
    """Dies at its n-th statement from now on, commits among them."""

    left = 0

    def breathe(self) -> None:
        if self.left:
            self.left -= 1
            if not self.left:
                raise Died

    @contextmanager
    def _begun(self, begin: str) -> Iterator[psycopg.Connection[Any]]:
        self.breathe()
        with super()._begun(begin) as conn:
            yield cast("psycopg.Connection[Any]", _Counted(conn, self))
            self.breathe()
        self.breathe()


class _Counted:
    """A connection that counts."""

    def __init__(self, conn: psycopg.Connection[Any], owner: Mortal) -> None:
        self._conn = conn
        self._owner = owner

    def execute(self, *args: Any, **kwargs: Any) -> Any:
        self._owner.breathe()
        return self._conn.execute(*args, **kwargs)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._conn, name)
