"""A few rounds of real faults; `python -m tests.faults --minutes 60` does an hour of them."""

from __future__ import annotations

import os
import time

import psycopg
import pytest

from tests.conftest import Database
from tests.faults.__main__ import run
from tests.faults.cut import HOW, a_way, why_no_namespaces

pytestmark = pytest.mark.peers

SECONDS = float(os.environ.get("LOTLINE_FAULTS_S", "6"))


def test_a_few_rounds_of_faults() -> None:
    """What the attacks on single processes do not do: paused, full, without connections."""
    report = run(SECONDS, 4, ["disk full", "database paused", "out of connections"])
    assert report.broken == [], "\n".join(report.broken)
    assert report.rounds >= 1
    assert report.shown_as_kept > 0
    assert report.told_2xx > 0


def test_a_wire_that_is_cut_says_nothing_until_it_is_mended(db: Database) -> None:
    """Guards the strike: it is neither an error nor an answer, and what was asked comes through."""
    if why_no_namespaces():
        pytest.skip(why_no_namespaces())
    with a_way(db, 9) as way:
        dsn = way.urls(db)["DATABASE_APP_URL"]
        with psycopg.connect(dsn, autocommit=True, connect_timeout=5) as link:
            for how in HOW:
                way.cut(how)
                link.pgconn.send_query(b"select 1")
                time.sleep(0.3)
                link.pgconn.consume_input()
                assert link.pgconn.is_busy(), f"{how}: an answer came"
                way.heal()
                while result := link.pgconn.get_result():
                    assert result.ntuples == 1
            way.cut(HOW[0])
            way.open()
            way.heal()
            with pytest.raises(psycopg.OperationalError):
                link.execute("select 1")
        with psycopg.connect(dsn, connect_timeout=5) as link:
            assert link.execute("select 1").fetchone() == (1,)


@pytest.mark.slow
def test_every_fault() -> None:
    report = run(240, 5)
    assert report.broken == [], "\n".join(report.broken)
