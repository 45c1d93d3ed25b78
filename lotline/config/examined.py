"""What a doctor finds: one thing looked at, how it is, and what to do about it.

Not here: the looking (`examine_machine`, `examine_database`, `examine_traffic`).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Mark(StrEnum):
    """How it is. `fail`: something does not work, or a promise does not hold."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Examined:
    """One line of the report. `do` is what helps, in words or as a command."""

    what: str
    mark: Mark
    says: str
    do: str = ""


def fine(what: str, says: str) -> Examined:
    return Examined(what, Mark.OK, says)


def odd(what: str, says: str, do: str) -> Examined:
    return Examined(what, Mark.WARN, says, do)


def bad(what: str, says: str, do: str) -> Examined:
    return Examined(what, Mark.FAIL, says, do)
