"""Points: what a house may choose of the rulebook, and how far from the careful reading it is.

Invariant: the choices of a point stand strictest first, and whatever comes after the careful one
is looser than careful. A point whose rule nobody disputes has nothing there, so it can't be
loosened by anybody.

Not here: the data (`rulebook/points.toml`), what a house chose (`profile`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Choice:
    """One way to read a point. `law` sets values of `law.toml`; `state` eases a state's hours."""

    name: str
    says: str
    law: tuple[tuple[str, str, Any], ...] = ()  # section, key, value
    state: str = ""  # federal | sundays | holidays


@dataclass(frozen=True, slots=True)
class Point:
    """`id` is the rule it is about; `choices` stand strictest first."""

    id: str
    title: str
    choices: tuple[Choice, ...]
    careful: str
    standard: str

    def choice(self, name: str) -> Choice:
        """By name; an unknown one is a `KeyError`, never a guess."""
        return self.choices[self.place(name)]

    def place(self, name: str) -> int:
        """How loose a choice is: 0 is the strictest."""
        for place, one in enumerate(self.choices):
            if one.name == name:
                return place
        raise KeyError(name)

    def looser(self, name: str, than: str = "") -> bool:
        """Whether a choice is looser than another, or than the careful one."""
        return self.place(name) > self.place(than or self.careful)

    @property
    def can_be_loosened(self) -> bool:
        """Whether anything looser than careful is offered at all."""
        return self.choices[-1].name != self.careful


def read_points(raw: dict[str, Any]) -> dict[str, Point]:
    """The points as the data says, by rule. What is odd raises `ValueError` or `KeyError`."""
    points = {name: _point(name, one) for name, one in raw["points"].items()}
    for point in points.values():
        if point.looser(point.careful) or point.place(point.standard) < point.place(point.careful):
            raise ValueError(f"points.toml: {point.id} has a standard stricter than careful")
    return points


def _point(name: str, raw: dict[str, Any]) -> Point:
    choices = tuple(
        Choice(
            name=one["name"],
            says=one["says"],
            law=tuple(
                (section, key, value)
                for section, keys in one.get("law", {}).items()
                for key, value in keys.items()
            ),
            state=one.get("state", ""),
        )
        for one in raw["choices"]
    )
    if len({one.name for one in choices}) != len(choices):
        raise ValueError(f"points.toml: {name} has two choices of one name")
    point = Point(name, raw["title"], choices, raw["careful"], raw["standard"])
    careful = point.choice(point.careful)
    if careful.law or careful.state:
        raise ValueError(f"points.toml: {name}: the careful choice is what law.toml says")
    return point
