"""A program asks for texts, one a call: accepted with the gate's decision, durably."""

from __future__ import annotations

import json

from lotline.actions.programs import Choice, make_program
from lotline.config.bench.accepting import CONNECTIONS, round_of
from lotline.config.bench.dice import throw
from lotline.config.bench.figures import Asked, Bench, Goal
from lotline.config.bench.house import House, opened_house
from lotline.config.bench.town import line_of
from lotline.config.bench.wire import closed_loop

_OURS = "select count(*) from texts where direction = 'out'"


def measure(asked: Asked) -> list[dict[str, float]]:
    """Rounds of limit and product, on one house."""
    customers, count = (1000, 200) if asked.short else (5000, 1000)
    with opened_house(customers=customers, profile=asked.profile) as house:
        choice = Choice("Bench", ("texts:write",), whole_group=True, per_minute=1_000_000)
        token = make_program(house.ctx, house.town.viewer, choice).token
        house.start_web()
        closed_loop(house.port, _requests(house, token, 200, 0), CONNECTIONS)  # warm
        seconds = 1.0 if asked.short else 3.0
        return [
            round_of(house, _requests(house, token, count, n + 1), kept=_OURS, seconds=seconds)
            for n in range(asked.rounds)
        ]


def _requests(house: House, token: str, count: int, seed: int) -> list[bytes]:
    town, dice = house.town, throw(seed)
    made = []
    for n in range(count):
        customer = dice.randrange(len(town.customers))
        asked = {
            "to": town.customers[customer],
            "line": town.lines[line_of(town, customer)],
            "purpose": "update",
            "body": f"Your car is ready whenever you are, order {seed}-{n}.",
        }
        body = json.dumps(asked).encode()
        head = (
            f"POST /api/v1/texts HTTP/1.1\r\nHost: 127.0.0.1:{house.port}\r\n"
            f"Authorization: Bearer {token}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        made.append(head.encode() + body)
    return made


BENCH = Bench(
    name="outbound",
    place=20,
    says="accepted by the API with its decision, durable, 64 connections",
    unit="texts/s",
    goals=(Goal("ratio", at_least=0.5), Goal("p99_ms", at_most=15.0)),
    measure=measure,
)
