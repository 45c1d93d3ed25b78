"""A round of calls that are each acknowledged once what they brought is committed.

The limit first, then the product; afterwards it is counted that all that was acknowledged is there.

Not here: what is posted (`inbound`, `outbound`).
"""

from __future__ import annotations

from collections.abc import Sequence

from lotline.config.bench.figures import latencies
from lotline.config.bench.house import House
from lotline.config.bench.limits import durable_inserts
from lotline.config.bench.wire import closed_loop

CONNECTIONS = 64


def round_of(
    house: House, requests: Sequence[bytes], *, kept: str, seconds: float
) -> dict[str, float]:
    """`kept` counts what the database has of it; the limit is measured for so many `seconds`."""
    limit = durable_inserts(house, seconds)
    before, spent = house.count(kept), house.cpu("web")
    load = closed_loop(house.port, requests, CONNECTIONS)
    spent = house.cpu("web") - spent
    there = house.count(kept) - before
    assert load.refused == 0, f"{load.refused} calls were refused"
    assert there == len(requests), f"{len(requests)} were acknowledged and {there} are kept"
    return {
        "value": load.rate,
        "limit": limit,
        "ratio": load.rate / limit,
        "texts per CPU second": len(requests) / spent,
        **latencies(load.latencies),
    }
