"""Faults: what goes wrong, on demand.

A fault has a name, what it matches and how often it strikes. One invariant: with no fault set,
nothing goes wrong; with a seed, the same faults strike in the same places.

Names for sending: refuse, 429, 5xx_before, 5xx_after_accept, timeout_before,
timeout_after_accept. Names for webhooks: late, lost, doubled, reordered, bad_signature,
drop_callbacks.
"""

from __future__ import annotations

import random
from typing import Annotated, Any

import msgspec

SENDING = (
    "refuse",
    "429",
    "5xx_before",
    "5xx_after_accept",
    "timeout_before",
    "timeout_after_accept",
)
HOOKS = ("late", "lost", "doubled", "reordered", "bad_signature", "drop_callbacks")
FAULTS_MAX = 200


class Match(msgspec.Struct, forbid_unknown_fields=True):
    """What a fault strikes; what is not said matches anything."""

    to: str | None = None
    from_number: str | None = msgspec.field(default=None, name="from")
    kind: str | None = None  # inbound | status
    status: str | None = None  # of a status callback: sent, delivered, ...
    body: str | None = None  # a part of the words


class Fault(msgspec.Struct, forbid_unknown_fields=True):
    """One kind of trouble. `count` null strikes until it is cleared."""

    name: str
    match: Match = msgspec.field(default_factory=Match)
    count: Annotated[int, msgspec.Meta(ge=1)] | None = 1
    chance: Annotated[float, msgspec.Meta(gt=0, le=1)] = 1.0
    code: int | None = None  # of `refuse`
    status: Annotated[int, msgspec.Meta(ge=500, le=599)] = 503  # of `5xx_*`
    delay_s: Annotated[float, msgspec.Meta(ge=0, le=3600)] | None = None
    retry_after_s: Annotated[int, msgspec.Meta(ge=0, le=3600)] = 1  # of `429`
    struck: int = 0

    def __post_init__(self) -> None:
        """A misspelt fault would strike nothing, and a test would pass for that."""
        if self.name not in SENDING + HOOKS:
            known = ", ".join(SENDING + HOOKS)
            raise ValueError(f"no fault is called {self.name!r}; known are {known}")
        if self.name == "refuse" and self.code is None:
            raise ValueError("refuse needs a code")


class Faults:
    """All faults set at the moment."""

    def __init__(self, dice: random.Random) -> None:
        """Chances are thrown with `dice`, so that a seed repeats them."""
        self._dice = dice
        self.all: list[Fault] = []

    def add(self, faults: list[Fault]) -> None:
        """Set some more; refused beyond a sane number."""
        if len(self.all) + len(faults) > FAULTS_MAX:
            raise ValueError("too many faults at once")
        self.all += faults

    def clear(self) -> None:
        """All is well."""
        self.all = []

    def take(self, names: tuple[str, ...], facts: dict[str, Any]) -> Fault | None:
        """The first that strikes here, counted."""
        for fault in self.all:
            if fault.name in names and _matches(fault.match, facts):
                if fault.chance < 1 and self._dice.random() >= fault.chance:
                    continue
                fault.struck += 1
                if fault.count is not None and fault.struck >= fault.count:
                    self.all = [one for one in self.all if one is not fault]
                return fault
        return None

    def take_each(self, names: tuple[str, ...], facts: dict[str, Any]) -> dict[str, Fault]:
        """At most one of each name, for a webhook may be late and doubled at once."""
        taken = {name: self.take((name,), facts) for name in names}
        return {name: fault for name, fault in taken.items() if fault is not None}


def _matches(match: Match, facts: dict[str, Any]) -> bool:
    return (
        match.to in {None, facts.get("to")}
        and match.from_number in {None, facts.get("from")}
        and match.kind in {None, facts.get("kind")}
        and match.status in {None, facts.get("status")}
        and (match.body is None or match.body in facts.get("body", ""))
    )
