"""Lines of a list of numbers, as registries and vendors hand them out.

A line is a number in any common form (also the registry's own, area code and number apart), with a
day after it where the list gives one, and whatever else the vendor adds. An empty line, a remark
and a heading are no numbers and no fault; anything else that is no number is.

Not here: what a list says of who is on it (`core.gate`), where it is kept (`store.lists`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

_LINE = re.compile(
    rb"[\s\"'\xef\xbb\xbf]*(?:\+?1[\s.\-]*)?\(?([2-9]\d\d)\)?[\s.,;\-]*([2-9]\d\d)[\s.\-]*(\d{4})[\"']?\s*"
    rb"(?:[,;\t][\s\"']*(\d{4}-\d\d-\d\d)?(?!\d).*)?",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Listed:
    """One number of a list; `since` is the day beside it, where there is one."""

    e164: str
    since: date | None = None


def read_line(raw: bytes) -> Listed | None:
    """The number of a line, or None where it holds none on purpose. `ValueError`: it is odd."""
    found = _LINE.fullmatch(raw)
    if found is None:
        if not any(48 <= byte <= 57 for byte in raw) or raw.lstrip().startswith(b"#"):
            return None
        raise ValueError("no number that can exist")
    area, exchange, rest, day = found.groups()
    since = None if day is None else date.fromisoformat(day.decode())
    return Listed(f"+1{area.decode()}{exchange.decode()}{rest.decode()}", since)
