"""Rights given to one member beyond their role, or taken from it.

Not here: the table of rights (`core.people.rights`), who may give one (`actions.rights`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from lotline.core.people.rights import Right

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from lotline.store.database import Tx


@dataclass(frozen=True, slots=True)
class Bent:
    """How one member's rights differ from their role's."""

    given: frozenset[Right] = frozenset()
    taken: frozenset[Right] = frozenset()

    def as_detail(self) -> dict[str, list[str]]:
        return {
            "given": sorted(one.value for one in self.given),
            "taken": sorted(one.value for one in self.taken),
        }


def load_bent(tx: Tx, member_id: UUID) -> Bent:
    """What was given to and taken from a member."""
    rows = tx.all("members.rights", member_id=member_id)
    return _bent((row.name, row.given) for row in rows)


def record_bent(tx: Tx, member_id: UUID, bent: Bent, *, by: UUID | None, at: datetime) -> None:
    """These, in place of those before."""
    tx.run("members.clear_rights", member_id=member_id)
    rows = sorted([(one, True) for one in bent.given] + [(one, False) for one in bent.taken])
    if rows:
        tx.run(
            "members.record_rights",
            member_id=member_id,
            names=[name.value for name, _ in rows],
            given=[given for _, given in rows],
            by=by,
            at=at,
        )


def _bent(rows: Iterable[tuple[str, bool]]) -> Bent:
    every = set(Right)
    known = [(Right(name), given) for name, given in rows if name in every]
    return Bent(
        frozenset(one for one, given in known if given),
        frozenset(one for one, given in known if not given),
    )
