"""A store's watch: what happens when a screen finds something, and how many texts are sampled.

Invariant: each step of the ladder does what those below it do: off, warn, flag, hold, block. What
nobody chose is the careful default. A customer's text is flagged or it is not: it has arrived.

Not here: finding (`screens`), the verdict (`gate.rules.house.screened`), rows (`store.watch`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from functools import cache
from hashlib import sha256
from typing import Any
from uuid import UUID

from lotline.core.gate.facts import Mark
from lotline.core.oversight.screens import Found, load_screens

SAMPLED = 50  # one of so many texts is read, unless the owner chose another number
MOST_SAMPLED = 10_000
MOST_WORDS = 500


class Step(IntEnum):
    """What happens to a text in which something was found."""

    OFF = 0
    WARN = 1  # said before Send
    FLAG = 2  # a manager reads it afterwards
    HOLD = 3  # it waits until a manager lets it go
    BLOCK = 4


OF_OURS = ("off", "warn", "flag", "hold", "block")
OF_THEIRS = ("off", "flag")


@dataclass(frozen=True, slots=True)
class Watch:
    """What one store chose."""

    out: Mapping[str, Step]
    came: Mapping[str, Step]
    mask: frozenset[str]
    sample: int = SAMPLED
    words: tuple[str, ...] = field(default=(), repr=False)
    known: tuple[str, ...] = ()  # sites and numbers that are ours, beside the lines themselves

    def step(self, found: Found, *, ours: bool) -> Step:
        return (self.out if ours else self.came).get(found.screen, Step.OFF)


def watchable() -> tuple[str, ...]:
    """The screens for which a store may choose what happens."""
    return tuple(name for name in load_screens() if name not in {"purpose", "sampled", "by_hand"})


def maskable() -> tuple[str, ...]:
    """Those whose finds can be hidden."""
    return tuple(name for name in watchable() if load_screens()[name].mask)


@cache
def careful() -> Watch:
    """What holds as long as nobody chose."""
    screens = load_screens()
    return Watch(
        out={name: Step[screens[name].out.upper()] for name in watchable()},
        came={name: Step[screens[name].came.upper()] for name in watchable()},
        mask=frozenset(maskable()),
    )


def read_watch(plain: Mapping[str, Any], words: Sequence[str] = ()) -> Watch:
    """What was chosen, with the careful default wherever nothing or nothing sensible was."""
    base = careful()
    out, came = plain.get("out", {}), plain.get("came", {})
    masked = plain.get("mask")
    sample = plain.get("sample", SAMPLED)
    return Watch(
        out={name: _step(out.get(name), OF_OURS, base.out[name]) for name in watchable()},
        came={name: _step(came.get(name), OF_THEIRS, base.came[name]) for name in watchable()},
        mask=base.mask if masked is None else frozenset(maskable()).intersection(masked),
        sample=sample if isinstance(sample, int) and 0 <= sample <= MOST_SAMPLED else SAMPLED,
        words=tuple(words),
        known=tuple(plain.get("known", ())),
    )


def watch_to_json(watch: Watch) -> dict[str, Any]:
    """Plain values to keep; the words are kept elsewhere, sealed."""
    return {
        "out": {name: step.name.lower() for name, step in watch.out.items()},
        "came": {name: step.name.lower() for name, step in watch.came.items()},
        "mask": sorted(watch.mask),
        "sample": watch.sample,
        "known": list(watch.known),
    }


def _step(said: object, allowed: tuple[str, ...], default: Step) -> Step:
    return Step[said.upper()] if isinstance(said, str) and said in allowed else default


_MARKS = {Step.WARN: Mark.SCREEN_WARN, Step.FLAG: Mark.SCREEN_FLAG}
_MARKS |= {Step.HOLD: Mark.SCREEN_HOLD, Step.BLOCK: Mark.SCREEN_BLOCK}


def marks_of(found: Iterable[Found], watch: Watch) -> frozenset[str]:
    """What the gate is told of a text of ours: which screens spoke, and what is to follow."""
    steps = {one.screen: watch.step(one, ours=True) for one in found}
    return frozenset(f"{_MARKS[step]}{name}" for name, step in steps.items() if step in _MARKS)


def reasons_of(marks: Iterable[str]) -> tuple[str, ...]:
    """The screens for which a text with these marks is put to a manager, in the list's order."""
    named = {
        mark.removeprefix(kind)
        for mark in marks
        for kind in (Mark.SCREEN_FLAG, Mark.SCREEN_HOLD)
        if mark.startswith(kind)
    }
    return tuple(name for name in load_screens() if name in named)


def reasons_for(found: Iterable[Found], watch: Watch) -> tuple[str, ...]:
    """The screens for which a customer's text is put to a manager."""
    named = {one.screen for one in found if watch.step(one, ours=False) >= Step.FLAG}
    return tuple(name for name in load_screens() if name in named)


def is_sampled(text_id: UUID, one_in: int) -> bool:
    """The same text is in the sample or is not, whoever asks and whenever."""
    if one_in <= 0:
        return False
    return int.from_bytes(sha256(text_id.bytes).digest()[:8], "big") % one_in == 0
