"""What a long past is made of and with: the company, its conversations to come, dice and ids.

Not here: the rows (`past`, `customers`), the people who work there (`crowd`).
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from lotline.core.base.ids import uuid7_from
from lotline.core.base.sealing import DataKey
from lotline.core.ledger.leaf import Head

if TYPE_CHECKING:
    from lotline.core.base.sealing import GroupKeys

SPAN = timedelta(days=900)
AT_ONCE = 20_000
NONE = "\\N"

Say = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class Company:
    """Whose past it will be: its lines with their stores, and who works on each store."""

    group_id: UUID
    account: str  # at the carrier
    lines: Sequence[tuple[UUID, UUID]]  # line, store
    staff: dict[UUID, list[UUID]]  # by store
    numbers: Sequence[str]
    decision: dict[str, Any]  # columns of one that was really made, as they are copied


@dataclass(slots=True, eq=False)
class Talk:
    """One conversation as it will stand at the end."""

    id: str
    contact: str
    aad_key: DataKey
    line: UUID
    store: UUID
    staff: str
    text: str = NONE
    at: str = ""
    in_at: str = NONE
    out_at: str = NONE
    waits: str = NONE
    line_hex: str = ""
    level: str = "none"  # of the customer, from `agreed_ms` on
    agreed_ms: int = 0
    entry: str = NONE
    source: str = ""
    credited: bool | None = None  # somebody had texted them before they agreed
    asked: tuple[str, int, str] | None = None  # the customer's text that waits for an answer
    head: Head | None = None  # of the ledger's chain


@dataclass(frozen=True, slots=True)
class Making:
    """What everything is made with."""

    company: Company
    keys: GroupKeys
    dice: random.Random
    tell: Say
    now: datetime


class Names:
    """Ids that grow from a moment on, a millisecond each."""

    def __init__(self, first: datetime) -> None:
        self._ms = int(first.timestamp() * 1000)

    def __call__(self) -> UUID:
        self._ms += 1
        return uuid7_from(self._ms, self._ms.to_bytes(10, "big"))
