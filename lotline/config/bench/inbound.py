"""Texts come in: 64 connections of a carrier, each call signed, one in fifty a stop.

A call is answered once what it brought is verified, heard, encrypted, in the ledger and committed.
"""

from __future__ import annotations

from lotline.config.bench.figures import Asked, Bench, Goal, latencies
from lotline.config.bench.hooked import arrivals
from lotline.config.bench.house import House, opened_house
from lotline.config.bench.limits import durable_inserts
from lotline.config.bench.wire import closed_loop

CONNECTIONS = 64
_ARRIVED = "select count(*) from texts where direction = 'in'"


def measure(asked: Asked) -> list[dict[str, float]]:
    """Rounds of limit and product, on one house."""
    customers, count = (1000, 600) if asked.short else (5000, 3000)
    with opened_house(customers=customers, profile=asked.profile) as house:
        house.start_web()
        closed_loop(house.port, arrivals(house, min(1000, count)), CONNECTIONS)  # warm
        return [one_round(house, count, asked) for _ in range(asked.rounds)]


def one_round(house: House, count: int, asked: Asked) -> dict[str, float]:
    limit = durable_inserts(house, 1.0 if asked.short else 3.0)
    requests = arrivals(house, count)
    before, spent = house.count(_ARRIVED), house.cpu("web")
    load = closed_loop(house.port, requests, CONNECTIONS)
    spent = house.cpu("web") - spent
    kept = house.count(_ARRIVED) - before
    assert load.refused == 0, f"{load.refused} calls were refused"
    assert kept == count, f"{count} were acknowledged and {kept} are kept"
    return {
        "value": load.rate,
        "limit": limit,
        "ratio": load.rate / limit,
        "texts per CPU second": count / spent,
        **latencies(load.latencies),
    }


BENCH = Bench(
    name="inbound",
    place=10,
    says="64 connections, signed webhooks, 2 % stops, acknowledged after commit",
    unit="texts/s",
    goals=(Goal("ratio", at_least=0.5), Goal("texts per CPU second", at_least=7000)),
    measure=measure,
)
