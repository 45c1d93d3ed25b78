"""Acts about access: who signed in or out, whose role or reach changed, who read what is another's.

Each is a row and a leaf of the ledger, written in the transaction of the act itself. A row holds
ids and plain words, never a name or anything a customer said.

Not here: the acts themselves (`actions.members`, `actions.devices`, ...).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from lotline.core.ledger.leaf import LeafKind
from lotline.core.oversight.content import ACT, act_part
from lotline.store.ledger import record_leaf
from lotline.store.sealed import open_words
from lotline.store.shown import AccessAct

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from lotline.store.database import Tx
    from lotline.store.shown import Viewer

_LAST_ID = UUID(int=2**128 - 1)


def record_act(
    tx: Tx,
    act_id: UUID,
    what: str,
    *,
    actor_id: UUID | None,
    about_id: UUID | None,
    at: datetime,
    detail: Mapping[str, Any] | None = None,
    kind: LeafKind = LeafKind.ACCESS,
    contact_id: UUID | None = None,
) -> None:
    """The act and its leaf, on a contact's chain when it is about one."""
    kept = dict(detail or {})
    tx.run(
        "access.record",
        id=act_id,
        what=what,
        actor_id=actor_id,
        about_id=about_id,
        detail=kept,
        at=at,
    )
    part = act_part(act_id, what, actor=actor_id, about=about_id, detail=kept)
    record_leaf(tx, kind, act_id, contact_id, {ACT: part}, at)


def load_acts(
    tx: Tx,
    viewer: Viewer,
    *,
    about_id: UUID | None = None,
    before: UUID | None = None,
    limit: int = 50,
) -> list[AccessAct]:
    """The newest first; nothing for anybody but owners and auditors."""
    if not viewer.sees_all or not viewer.active or viewer.locked:
        return []
    rows = tx.all("access.list", about_id=about_id, before=before or _LAST_ID, limit=limit)
    return [
        AccessAct(
            id=row.id,
            what=row.what,
            actor_id=row.actor_id,
            actor_name=_name(tx, row.actor_id, row.actor_ct),
            about_id=row.about_id,
            about_name=_name(tx, row.about_id, row.about_ct),
            detail=row.detail,
            happened_at=row.happened_at,
        )
        for row in rows
    ]


def _name(tx: Tx, member_id: UUID | None, sealed: bytes | None) -> str:
    if member_id is None or sealed is None:
        return ""
    return open_words(tx.keys, sealed, "members", "name_ct", tx.group_id, member_id)
