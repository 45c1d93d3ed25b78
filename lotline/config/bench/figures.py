"""What a bench is, and what came out of it: medians and spread of rounds, held against goals.

Not here: how anything is measured, how it is printed (`table`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any


@dataclass(frozen=True, slots=True)
class Asked:
    """How much was asked for. `short` is for the suite: it still measures, but not to be quoted."""

    rounds: int = 5
    profile: bool = False
    short: bool = False
    texts: int = 0  # how long a past, where there is one; 0: as long as the goal says
    write: bool = False


@dataclass(frozen=True, slots=True)
class Goal:
    """`figure` names a column of the rounds: at least, or at most, so much."""

    figure: str
    at_least: float | None = None
    at_most: float | None = None

    def is_met(self, value: float) -> bool:
        if self.at_least is not None:
            return value >= self.at_least
        return self.at_most is None or value <= self.at_most

    def __str__(self) -> str:
        if self.at_least is not None:
            return f"{self.figure} ≥ {shown(self.at_least)}"
        return f"{self.figure} ≤ {shown(self.at_most or 0.0)}"


@dataclass(frozen=True, slots=True)
class Bench:
    """One thing that is measured. A round is a row of named figures, `value` the first."""

    name: str
    place: int  # in the table
    says: str
    unit: str
    goals: tuple[Goal, ...]
    measure: Callable[[Asked], Sequence[dict[str, float]]]

    def run(self, asked: Asked) -> Measured:
        return Measured(self, list(self.measure(asked)))


@dataclass(frozen=True, slots=True)
class Measured:
    """A bench and its rounds."""

    bench: Bench
    rounds: list[dict[str, float]] = field(default_factory=list)

    def middle(self, figure: str) -> float | None:
        values = [one[figure] for one in self.rounds if figure in one]
        return median(values) if values else None

    def spread(self, figure: str) -> tuple[float, float]:
        values = [one[figure] for one in self.rounds if figure in one]
        return min(values), max(values)

    def misses(self) -> list[Goal]:
        return [goal for goal in self.bench.goals if not self._meets(goal)]

    def _meets(self, goal: Goal) -> bool:
        value = self.middle(goal.figure)
        return value is not None and goal.is_met(value)

    def to_json(self) -> dict[str, Any]:
        """One object; what a bench does not have is null."""
        figures = sorted({name for one in self.rounds for name in one})
        return {
            "bench": self.bench.name,
            "value": self.middle("value"),
            "unit": self.bench.unit,
            "limit": self.middle("limit"),
            "ratio": self.middle("ratio"),
            "rounds": len(self.rounds),
            "p50_ms": self.middle("p50_ms"),
            "p99_ms": self.middle("p99_ms"),
            "figures": {name: self.middle(name) for name in figures},
            "spread": {name: list(self.spread(name)) for name in figures},
            "goals": {str(goal): self._meets(goal) for goal in self.bench.goals},
        }


def shown(value: float) -> str:
    """Three figures are all that a shared machine can mean."""
    if value >= 1000:
        return f"{round(value, 2 - len(str(int(value))) + 1):,.0f}"
    return f"{value:.3g}"


def quantile(sorted_values: Sequence[float], part: float) -> float:
    """Of values in order; 0 of none."""
    if not sorted_values:
        return 0.0
    return sorted_values[min(len(sorted_values) - 1, int(len(sorted_values) * part))]


def latencies(seconds: list[float]) -> dict[str, float]:
    """The usual two, in milliseconds."""
    seconds.sort()
    return {
        "p50_ms": quantile(seconds, 0.5) * 1000,
        "p99_ms": quantile(seconds, 0.99) * 1000,
    }
