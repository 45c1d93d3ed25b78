"""Settling an unknown text by the carrier's own list.

A carrier's list does not show our reference, so a text is known by number, words and time. When
two could be the one, or the list was cut short, a person decides: a wrong match would hide a
text that never left, a wrong miss would send one twice.

Not here: asking the carrier (`adapters`), what is done about it (`workers.reconciler`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from lotline.core.carriers.port import Found, Outgoing, Seen


@dataclass(frozen=True, slots=True)
class Matched:
    """Exactly one text of the list can be this one."""

    text: Seen


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """Several can be, or we could not see them all. A person decides."""

    candidates: tuple[Seen, ...]


@dataclass(frozen=True, slots=True)
class Absent:
    """The whole list was seen and it is not there."""


def decide_match(
    text: Outgoing, found: Found, taken: AbstractSet[str] = frozenset()
) -> Matched | Ambiguous | Absent:
    """Which of the carrier's texts is ours; `taken` are carrier ids that belong to other texts."""
    candidates = tuple(
        seen for seen in found.texts if seen.carrier_id not in taken and _alike(text, seen)
    )
    if len(candidates) == 1 and found.complete:
        return Matched(candidates[0])
    if not candidates and found.complete:
        return Absent()
    return Ambiguous(candidates)


def _alike(text: Outgoing, seen: Seen) -> bool:
    if seen.to != text.to:
        return False
    if text.from_number and seen.from_number and seen.from_number != text.from_number:
        return False
    if text.messaging_service and seen.messaging_service not in {None, text.messaging_service}:
        return False
    ours, theirs = " ".join(text.body.split()), " ".join(seen.body.split())
    # A trial account prefixes every text, so the end is what must agree.
    return theirs == ours or (bool(ours) and theirs.endswith(" - " + ours))
