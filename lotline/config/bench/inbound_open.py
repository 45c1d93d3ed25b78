"""Texts come in at 2,000 a second, each at its own time: how soon is one answered?"""

from __future__ import annotations

from lotline.config.bench.accepting import CONNECTIONS
from lotline.config.bench.figures import Asked, Bench, Goal, latencies
from lotline.config.bench.hooked import arrivals
from lotline.config.bench.house import opened_house
from lotline.config.bench.town import CUSTOMERS
from lotline.config.bench.wire import closed_loop, open_loop

PER_SECOND = 2000.0
SECONDS = 2


def measure(asked: Asked) -> list[dict[str, float]]:
    """Rounds on one house."""
    customers, count = (1000, 300) if asked.short else (CUSTOMERS, round(PER_SECOND * SECONDS))
    rounds = []
    with opened_house(customers=customers, profile=asked.profile) as house:
        house.start_web()
        closed_loop(house.port, arrivals(house, 1000), CONNECTIONS)  # warm
        for _ in range(asked.rounds):
            load = open_loop(house.port, arrivals(house, count), PER_SECOND)
            assert load.refused == 0, f"{load.refused} calls were refused"
            rounds.append({"value": load.rate, **latencies(load.latencies)})
    return rounds


BENCH = Bench(
    name="inbound-open",
    place=11,
    says="2,000 texts a second at their own times, to acknowledgement",
    unit="texts/s",
    goals=(Goal("p50_ms", at_most=3.0), Goal("p99_ms", at_most=10.0)),
    measure=measure,
)
