"""Leaving on record: who left, when, by whose hand, and what became of what was theirs.

A leaving is written once and never changed; what it did is counts and ids, never a name.

Not here: what leaving does and in which order (`actions.leaving`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lotline.store.database import Tx


@dataclass(frozen=True, slots=True)
class Effect:
    """What there is of a member: the page shows it before, the receipt afterwards."""

    sessions: int
    templates: int
    programs: int
    waiting: int
    open_by_line: dict[UUID, int]

    @property
    def open_count(self) -> int:
        return sum(self.open_by_line.values())


@dataclass(frozen=True, slots=True)
class Leaving:
    """A leaving as it was written."""

    id: UUID
    left_at: datetime
    let_go_by: UUID | None
    receipt: dict[str, Any]


def load_effect(tx: Tx, member_id: UUID) -> Effect:
    """As things stand now."""
    row = tx.only("leaving.effect", member_id=member_id)
    lines = tx.all("leaving.open_conversations", member_id=member_id)
    by_line = {one.line_id: one.open for one in lines}
    return Effect(row.sessions, row.templates, row.programs, row.waiting, by_line)


def load_leaving(tx: Tx, member_id: UUID) -> Leaving | None:
    """None: they have not left."""
    row = tx.one("leaving.of_member", member_id=member_id)
    return None if row is None else Leaving(row.id, row.left_at, row.let_go_by, row.receipt)


def record_leaving(
    tx: Tx,
    leaving_id: UUID,
    member_id: UUID,
    *,
    by: UUID | None,
    at: datetime,
    receipt: Mapping[str, Any],
    moves: Mapping[UUID, UUID | None],
) -> None:
    """`moves`: to whom each conversation went; None is nobody."""
    tx.run(
        "leaving.record",
        id=leaving_id,
        member_id=member_id,
        by=by,
        at=at,
        receipt=dict(receipt),
    )
    if moves:
        tx.run(
            "leaving.record_moves",
            leaving_id=leaving_id,
            ids=list(moves),
            member_ids=list(moves.values()),
        )
