"""Texts come in while each flush of the disk takes 5 ms longer: batches carry many on one flush."""

from __future__ import annotations

from lotline.config.bench.accepting import CONNECTIONS
from lotline.config.bench.figures import Asked, Bench, Goal
from lotline.config.bench.hooked import arrivals
from lotline.config.bench.house import opened_house
from lotline.config.bench.inbound import one_round
from lotline.config.bench.town import CUSTOMERS
from lotline.config.bench.wire import closed_loop

SLOWER_US = 5000


def measure(asked: Asked) -> list[dict[str, float]]:
    """Rounds of limit and product, both on the slow disk."""
    customers, count = (1000, 300) if asked.short else (CUSTOMERS, 2000)
    with opened_house(customers=customers, profile=asked.profile) as house:
        house.start_web()
        closed_loop(house.port, arrivals(house, min(1000, count)), CONNECTIONS)  # warm
        house.configure(commit_delay=str(SLOWER_US), commit_siblings="0")
        return [one_round(house, count, asked) for _ in range(asked.rounds)]


BENCH = Bench(
    name="inbound-slow-disk",
    place=12,
    says="a disk that takes 5 ms longer to flush, 64 in flight",
    unit="texts/s",
    goals=(Goal("ratio", at_least=4.0),),
    measure=measure,
)
