"""What a person's entries add up to at an instant.

Standing is never stored as truth: it is folded from the entries, so the same entries read at the
same instant give the same answer, today and in a dispute. A stored copy is a cache of this fold.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from lotline.core.consent.entry import Kind, Scope

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID


class Level(StrEnum):
    """The one-word state shown beside a customer's name (`ui.md` 4.3)."""

    OFFERS = "offers"
    REPLIES = "replies"
    NONE = "none"
    OUT = "out"
    CHECK = "check"


@dataclass(frozen=True, slots=True)
class Standing:
    """`stopped` is the widest stop in force; `kind` the strongest yes since it, per purpose."""

    stopped: Scope | None = None
    stopped_at: datetime | None = None
    stopped_by: UUID | None = None
    stopped_lines: frozenset[UUID] = frozenset()
    updates: Kind | None = None
    updates_by: UUID | None = None
    offers: Kind | None = None
    offers_by: UUID | None = None
    doubted_at: datetime | None = None
    wrong_number_at: datetime | None = None
