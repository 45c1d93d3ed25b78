"""A town with a long past, made as quickly as the reading benches need it: how many texts a second.

Not here: what is made (`past`), reading in it (`reads`).
"""

from __future__ import annotations

from lotline.config.bench.figures import Asked, Bench, Goal
from lotline.config.bench.grown import fill
from lotline.config.bench.house import opened_house

SIZE, SHORT = 100_000, 2_000


def measure(asked: Asked) -> list[dict[str, float]]:
    """A fresh town each round, and thrown away."""
    texts = SHORT if asked.short else asked.texts or SIZE
    return [_one_round(texts) for _ in range(asked.rounds)]


def _one_round(texts: int) -> dict[str, float]:
    with opened_house(customers=1) as house:
        _, past = fill(house, texts)
        size = house.count("select pg_database_size(current_database())")
    return {
        "value": texts / past.written_s,
        "with indexes and counts, texts/s": texts / past.made_s,
        "bytes a text": size / texts,
    }


BENCH = Bench(
    name="town",
    place=90,
    says="a town with a long past, made: rows written, then indexes and counts",
    unit="texts/s written",
    goals=(Goal("value", at_least=30_000),),
    measure=measure,
)
