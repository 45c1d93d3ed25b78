"""Listening: one connection that is woken when something was committed.

A notification is only a wake-up; what happened is read from the tables. When the connection is
lost the listener says so once, as a wake-up, and connects again: whoever waits looks and goes on.

Not here: who sleeps (`workers.loop`, the live stream), writing notifications (`events`).
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any, Self

import psycopg
from psycopg import sql

from lotline.store.database import CUT_OFF

if TYPE_CHECKING:
    from types import TracebackType


class Listener:
    """Not through a pooler: LISTEN belongs to a connection."""

    def __init__(self, direct_dsn: str, *channels: str) -> None:
        self._dsn = direct_dsn
        self._channels = channels
        self._conn: psycopg.Connection[Any] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def wait(self, timeout_s: float) -> set[str] | None:
        """The payloads heard in the meantime, as soon as there is one; empty when none came.

        None: there is no connection now. The caller waits by itself and asks again.
        """
        try:
            if self._conn is None:
                self._conn = self._connect()
                return {""}  # what was said before we listened is not known
            heard = self._conn.notifies(timeout=timeout_s, stop_after=1)
            return {one.payload for one in heard}
        except (psycopg.OperationalError, psycopg.InterfaceError):
            self.close()
            return None

    def close(self) -> None:
        if self._conn is not None:
            with contextlib.suppress(psycopg.Error):
                self._conn.close()
            self._conn = None

    def _connect(self) -> psycopg.Connection[Any]:
        conn = psycopg.connect(
            self._dsn, autocommit=True, application_name="lotline-listen", **CUT_OFF
        )
        for channel in self._channels:
            conn.execute(sql.SQL("listen {}").format(sql.Identifier(channel)))
        return conn
