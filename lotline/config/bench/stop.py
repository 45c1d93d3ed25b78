"""A stop among 2,000 texts a second: from the carrier's call to the instant from which nothing that
it covers can leave.

That instant is the commit; the answer comes after it, so what is timed is a little too long.
Customers who stop have a text waiting, and each round counts that none of them has one any more.
"""

from __future__ import annotations

from datetime import timedelta

from lotline.config.bench.accepting import CONNECTIONS
from lotline.config.bench.backlog import queue_texts
from lotline.config.bench.figures import Asked, Bench, Goal, latencies
from lotline.config.bench.hooked import arrivals
from lotline.config.bench.house import opened_house
from lotline.config.bench.town import CUSTOMERS
from lotline.config.bench.wire import closed_loop, open_loop

PER_SECOND = 2000.0
_LEFT = """
select count(*) from outbox o join contacts c on c.group_id = o.group_id and c.id = o.contact_id
where c.level = 'out' and o.kind <> 'notice'
"""


def measure(asked: Asked) -> list[dict[str, float]]:
    """Rounds on one house; each begins with customers who have not stopped."""
    customers, count = (1000, 300) if asked.short else (CUSTOMERS, 3000)
    rounds = []
    with opened_house(customers=customers, profile=asked.profile) as house:
        house.start_web()
        queue_texts(house, customers // 2, house.ctx.now() + timedelta(days=1))
        closed_loop(house.port, arrivals(house, 500, stops=0), CONNECTIONS)  # warm
        for _ in range(asked.rounds):
            requests = arrivals(house, count)
            load = open_loop(house.port, requests, PER_SECOND)
            assert load.refused == 0, f"{load.refused} calls were refused"
            assert house.count(_LEFT) == 0, "something waits for a customer who stopped"
            stops = [took for at, took in load.timed if _is_stop(requests[at])]
            rounds.append({"value": len(stops) / load.seconds, **latencies(stops)})
    return rounds


def _is_stop(request: bytes) -> bool:
    body = request.partition(b"Body=")[2].partition(b"&")[0].lower()
    return body.startswith((b"stop", b"unsubscribe", b"remove"))


BENCH = Bench(
    name="stop",
    place=40,
    says="from the carrier's call to the moment no covered text can leave, at 2,000 texts a second",
    unit="stops/s",
    goals=(Goal("p99_ms", at_most=15.0),),
    measure=measure,
)
