"""Texts come in: 64 connections of a carrier, each call signed, one in fifty a stop.

A call is answered once what it brought is verified, heard, encrypted, in the ledger and committed.
"""

from __future__ import annotations

from lotline.config.bench.accepting import CONNECTIONS, round_of
from lotline.config.bench.figures import Asked, Bench, Goal
from lotline.config.bench.hooked import arrivals
from lotline.config.bench.house import House, opened_house
from lotline.config.bench.town import CUSTOMERS
from lotline.config.bench.wire import closed_loop

_ARRIVED = "select count(*) from texts where direction = 'in'"


def measure(asked: Asked) -> list[dict[str, float]]:
    """Rounds of limit and product, on one house."""
    customers, count = (1000, 600) if asked.short else (CUSTOMERS, 3000)
    with opened_house(customers=customers, profile=asked.profile) as house:
        house.start_web()
        closed_loop(house.port, arrivals(house, min(1000, count)), CONNECTIONS)  # warm
        return [one_round(house, count, asked) for _ in range(asked.rounds)]


def one_round(house: House, count: int, asked: Asked) -> dict[str, float]:
    seconds = 1.0 if asked.short else 3.0
    return round_of(house, arrivals(house, count), kept=_ARRIVED, seconds=seconds)


BENCH = Bench(
    name="inbound",
    place=10,
    says="64 connections, signed webhooks, 2 % stops, acknowledged after commit",
    unit="texts/s",
    goals=(Goal("ratio", at_least=0.5), Goal("texts per CPU second", at_least=7000)),
    measure=measure,
)
