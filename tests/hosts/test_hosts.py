"""Two hosts, one database: claimed once, rates kept over both, timers run once, streams see all.

Each host is a network namespace with a web and a worker; PgBouncer stands before the database. They
lose parts, wires and everything they had, and the pooler dies. `python -m tests.hosts` does more.
"""

from __future__ import annotations

import pytest

from tests.conftest import temporary_dir
from tests.hosts.house import several_hosts, why_no_hosts
from tests.hosts.lives import live

pytestmark = [pytest.mark.peers, pytest.mark.slow]


def test_two_hosts_through_a_pooler() -> None:
    if why_no_hosts():
        pytest.skip(why_no_hosts())
    with (
        temporary_dir() as folder,
        temporary_dir() as carrier,
        several_hosts(folder, 3, carrier) as house,
    ):
        seen = live(house, 15.0, 3)
    assert seen.left > 5
    assert seen.stops > 1
    assert len(seen.struck) == 5, "each kind of trouble was there"
