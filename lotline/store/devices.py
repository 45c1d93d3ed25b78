"""Devices: signed-in sessions. A session is known by a keyed hash; its key is kept nowhere.

Not here: what a device may see (`viewer`), ending and locking them (`actions.devices`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lotline.store.reach import reach_of
from lotline.store.sealed import open_words, seal_words, session_hash
from lotline.store.shown import DeviceCard

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from lotline.store.database import Tx
    from lotline.store.shown import Viewer


def load_devices(
    tx: Tx, viewer: Viewer, member_id: UUID | None = None, now: datetime | None = None
) -> list[DeviceCard]:
    """Open ones first, then what ended in the last month: the viewer's, and of whom they lead."""
    reach = reach_of(viewer)
    rows = tx.all(
        "devices.list",
        of=member_id,
        member_id=reach.member_id,
        line_ids=reach.line_ids,
        sees_all=reach.sees_all,
        leads=viewer.leads,
        now=now,
    )
    return [_card(tx, row) for row in rows]


def record_device(
    tx: Tx,
    device_id: UUID,
    *,
    member_id: UUID,
    session_key: str,
    label: str,
    address: str,
    at: datetime,
    tablet_id: UUID | None = None,
    by_pin: bool = False,
) -> None:
    """A session begins."""
    address_ct = None
    if address:
        place = ("devices", "address_ct", tx.group_id, device_id)
        address_ct = seal_words(tx.keys, address, *place)
    tx.run(
        "devices.record",
        id=device_id,
        member_id=member_id,
        session_hash=session_hash(tx.keys, session_key),
        label_ct=seal_words(tx.keys, label, "devices", "label_ct", tx.group_id, device_id),
        address_ct=address_ct,
        at=at,
        tablet_id=tablet_id,
        by_pin=by_pin,
    )


def _card(tx: Tx, row: Any) -> DeviceCard:
    group = tx.group_id
    return DeviceCard(
        id=row.id,
        member_id=row.member_id,
        member_name=open_words(tx.keys, row.name_ct, "members", "name_ct", group, row.member_id),
        label=open_words(tx.keys, row.label_ct, "devices", "label_ct", group, row.id),
        address=open_words(tx.keys, row.address_ct, "devices", "address_ct", group, row.id),
        signed_in_at=row.signed_in_at,
        seen_at=row.seen_at,
        ended_at=row.ended_at,
        ended_why=row.ended_why or "",
        notices=row.notices,
    )
