"""The viewer: which member looks, from which signed-in device, and what they may reach.

A device that was ended gives nobody, from the next request on. A suspended member and a device
left alone too long are somebody, who reaches nothing.

Not here: signing in (`web`), ending and locking devices (`actions.devices`).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from lotline.core.people.rights import held
from lotline.core.people.roles import must_use_second_factor
from lotline.store.sealed import open_words, session_hashes
from lotline.store.shown import Viewer, idle_minutes

if TYPE_CHECKING:
    from uuid import UUID

    from lotline.store.database import Database, Tx


def load_viewer(
    db: Database, account_id: UUID, session_key: str, now: datetime | None = None
) -> Viewer | None:
    """None: no seat, no such device, or one that was ended."""
    with db.door() as door:
        seat = door.one("viewer.seat", account_id=account_id)
    if seat is None:
        return None
    with db.transaction(seat.group_id) as tx:
        return load_viewer_in(tx, seat.member_id, session_key, now)


class EndedSession(NamedTuple):
    """How a session ended, for the page that stands in its place; it tells nothing else."""

    at: datetime
    why: str
    by_role: str  # of whoever ended it
    by_oneself: bool


def load_ended(db: Database, account_id: UUID, session_key: str) -> EndedSession | None:
    """None when the session was never a device, or has not ended."""
    with db.door() as door:
        seat = door.one("viewer.seat", account_id=account_id)
    if seat is None:
        return None
    with db.transaction(seat.group_id) as tx:
        hashes = session_hashes(tx.keys, session_key)
        row = tx.one("devices.by_session", session_hashes=hashes)
    if row is None or row.ended_at is None or row.member_id != seat.member_id:
        return None
    oneself = row.ended_by in {None, row.member_id}
    return EndedSession(row.ended_at, row.ended_why or "", row.ended_by_role or "", oneself)


def load_viewer_in(
    tx: Tx, member_id: UUID, session_key: str, now: datetime | None = None
) -> Viewer | None:
    """As `load_viewer`, where the seat is known."""
    row = tx.one(
        "viewer.load",
        member_id=member_id,
        session_hashes=session_hashes(tx.keys, session_key),
        now=now,
    )
    return None if row is None else _viewer(tx, row)


def _viewer(tx: Tx, row: Any) -> Viewer:
    settings = row.group_settings
    shared = row.tablet_id is not None
    idle = timedelta(minutes=idle_minutes(settings, shared=shared))
    role = held(
        "staff" if row.by_pin else row.role, () if row.by_pin else row.given or (), row.taken or ()
    )
    active = not row.suspended
    asks_training = settings.get("training_required", False)
    return Viewer(
        group_id=tx.group_id,
        member_id=row.member_id,
        device_id=row.device_id,
        name=open_words(tx.keys, row.name_ct, "members", "name_ct", tx.group_id, row.member_id),
        role=role,
        hue=row.hue,
        settings=row.settings,
        store_ids=frozenset(row.store_ids or ()) if active else frozenset(),
        line_ids=frozenset(row.line_ids or ()) if active else frozenset(),
        active=active,
        policy_signed=policy_is_signed(row, settings, row.at),
        trained=not asks_training or (row.trained_until is not None and row.trained_until > row.at),
        sign_by=row.sign_by if _signs_again(row, settings) else None,
        trained_until=row.trained_until if asks_training else None,
        locked=row.locked_at is not None or row.seen_at <= row.at - idle,
        company=open_words(tx.keys, row.company_ct, "groups", "name_ct", tx.group_id, tx.group_id),
        mfa_required=must_use_second_factor(role),
        group_settings=settings,
        tablet_id=row.tablet_id,
        by_pin=row.by_pin,
        since=row.created_at - timedelta(microseconds=1),
    )


def _signs_again(row: Any, settings: dict[str, Any]) -> bool:
    """A version is in force that they have not signed, and their earlier signature counts still."""
    if row.policy_version is None or row.signed_version is None:
        return False
    return row.signed_version < row.policy_version and policy_is_signed(row, settings, row.at)


def policy_is_signed(row: Any, settings: dict[str, Any], at: datetime) -> bool:
    """The policy in force, or until its day the one before it. With none to sign, nobody must."""
    if row.policy_version is None or not settings.get("policy_required", True):
        return True
    if row.signed_version is None:
        return False
    return bool(row.signed_version >= row.policy_version or at < row.sign_by)
