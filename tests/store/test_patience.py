"""Nobody waits for ever: limits on each connection, and gates left when missed."""

from __future__ import annotations

from contextlib import nullcontext, suppress
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import pytest

from lotline.store import barrier
from lotline.store.database import Crossed, Tx, Unavailable
from lotline.store.groups import load_group_ids
from tests.conftest import Database
from tests.town import Clock, make_context

GATES = "select count(*) from pg_locks where locktype = 'advisory' and granted"


def _shown(session: Tx, name: str) -> Any:
    return session._conn.execute(f"select current_setting('{name}')".encode()).fetchall()[0][0]


def test_every_connection_has_its_limits(db: Database, tmp_path: Path) -> None:
    ctx = make_context(db.app, tmp_path, clock=Clock())
    with ctx.db.session() as session:
        said = {
            name: _shown(session, name)
            for name in ("lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout")
        }
    ctx.db.close()
    assert said == {
        "lock_timeout": "15s",
        "statement_timeout": "2min",
        "idle_in_transaction_session_timeout": "1min",
    }


def test_an_owner_may_say_otherwise(db: Database, tmp_path: Path) -> None:
    ctx = make_context(f"{db.app}&options=-c%20lock_timeout%3D3s", tmp_path, clock=Clock())
    with ctx.db.session() as session:
        assert _shown(session, "lock_timeout") == "3s"
    ctx.db.close()


def test_a_connection_that_forgot_what_was_prepared_is_used_once_more(
    db: Database, tmp_path: Path
) -> None:
    """A full disk did it: the driver took for prepared what the server could not prepare, and each
    call over that connection failed until it was closed.
    """
    ctx = make_context(db.app, tmp_path, clock=Clock())
    ctx.db.close()
    alone = type(ctx.db)(db.app, ctx.db.keys, max_size=1).open()

    group, raises = ctx.new_id(), pytest.raises(Crossed)

    def ask() -> None:
        with alone.transaction(group) as tx:
            tx.all("outbox.lines", ids=[])

    for act, meets in ((partial(load_group_ids, alone), nullcontext()), (ask, raises)):
        for _ in range(7):
            act()
        with alone.session() as session:  # behind the driver's back
            session._conn.execute(b"do $$ begin execute 'deallocate all'; end $$")
        with meets:
            act()
        act()
    alone.close()


def test_a_gate_that_is_not_to_be_had_leaves_none_open(db: Database, tmp_path: Path) -> None:
    """One of two gates is shut for longer than anybody waits: the other must not stay open."""
    ctx = make_context(f"{db.app}&options=-c%20lock_timeout%3D50ms", tmp_path, clock=Clock())
    one, other = ctx.new_id(), ctx.new_id()
    last = max(barrier._gates([one, other]))
    with psycopg.connect(db.owner) as stop:
        stop.execute("select pg_advisory_xact_lock(%s)", [last])
        with pytest.raises(Unavailable), barrier.handing_over(ctx.db, [one, other]):
            raise AssertionError("it was not to be had")
        assert stop.execute(GATES.encode()).fetchone() == (1,), "the stop's own"
    with suppress(Unavailable), barrier.handing_over(ctx.db, [one, other]) as still_open:
        assert still_open()
    ctx.db.close()
