"""Customers' texts at their own times, each committed by itself, and when: a program of its own.

It takes them in by the action behind the carrier's hook. Its clock is the machine's, as is that of
whoever waits for the event.

Not here: whoever waits (`streams`), what came of it (`live`).
"""

from __future__ import annotations

import json
import random
import secrets
import sys
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from lotline.config.bench.dice import throw

HANDS = 4


@dataclass
class Texts:
    """By id: when each was committed, and the place of its line."""

    committed: dict[str, float] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)

    @classmethod
    def read(cls, said: str) -> Texts:
        """What the program printed."""
        texts = cls()
        for words in said.splitlines():
            text_id, line, at = words.split()
            texts.committed[text_id], texts.lines[text_id] = float(at), int(line)
        return texts


def main(asked: dict[str, Any]) -> list[str]:
    """A line for each text: its id, its line's place, when it was committed."""
    from lotline.config.settings import load_settings
    from lotline.config.wiring import build_context

    pause = threading.Event().wait
    ctx = build_context(load_settings(), direct=True, connections=HANDS)
    dice, run = throw(), secrets.token_hex(6)
    try:
        first = _take(ctx, asked, dice, f"SM{run}warm")
        with ThreadPoolExecutor(HANDS) as hands:
            taken: list[Future[str]] = []
            due = time.monotonic() + 0.2
            ends = due + asked["seconds"]
            while (due := due + dice.expovariate(asked["per_second"])) < ends:
                pause(max(0.0, due - time.monotonic()))
                taken.append(hands.submit(_take, ctx, asked, dice, f"SM{run}{len(taken):016x}"))
            return [first, *(one.result() for one in taken)]
    finally:
        ctx.db.close()


def _take(ctx: Any, asked: dict[str, Any], dice: random.Random, carrier_id: str) -> str:
    from lotline.actions.receive import Verified, receive
    from lotline.config.bench.town import words
    from lotline.core.carriers.port import Arrival

    customer, line = dice.choice(asked["customers"])
    line_id, number = asked["lines"][line]
    arrival = Arrival(
        "twilio",
        asked["account"],
        carrier_id,
        customer,
        number,
        words(dice),
        ctx.now(),
    )
    outcome = receive(ctx, [Verified(UUID(asked["group_id"]), UUID(line_id), arrival, "")])[0]
    return f"{outcome.text_id} {line} {time.monotonic()}"


if __name__ == "__main__":
    print("\n".join(main(json.load(sys.stdin))))
