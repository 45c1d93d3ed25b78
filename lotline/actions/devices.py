"""Devices: a session opens, locks, wakes and ends. What has ended gets nothing from then on.

Everybody may end their own; who looks after others, theirs. Open pages hear of it by an event for
the member alone; the page that was ended asks, is refused, and empties itself.

Not here: proving who somebody is (`web.session`), what a device may see (`store.viewer`).
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

from lotline.actions.allowed import must_be_here
from lotline.actions.errors import NotAllowed, NotYours, Refused
from lotline.core.people.roles import may_give_role, may_sign_out_others
from lotline.store.access import record_act
from lotline.store.devices import record_device
from lotline.store.events import record_event
from lotline.store.sealed import session_hashes

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lotline.actions.context import Context
    from lotline.store.database import Tx
    from lotline.store.shown import Viewer


class Ended(NamedTuple):
    """What ended, and when."""

    device_ids: tuple[UUID, ...]
    at: datetime


class OnTablet(NamedTuple):
    """The shared tablet that a session begins on, and whether by PIN."""

    group_id: UUID
    tablet_id: UUID
    by_pin: bool


def open_device(
    ctx: Context,
    account_id: UUID,
    session_key: str,
    *,
    label: str = "",
    address: str = "",
    on: OnTablet | None = None,
) -> UUID | None:
    """A session begins; None when the account has no seat, is suspended, or the session is over.

    On a shared tablet, the one before it there ends.
    """
    with ctx.db.door() as door:
        seat = door.one("viewer.seat", account_id=account_id)
    if seat is None:
        return None
    with ctx.db.transaction(seat.group_id) as tx:
        member = tx.one("members.one", id=seat.member_id)
        if member is None or member.suspended:
            return None
        hashes = session_hashes(tx.keys, session_key)
        known = tx.one("devices.by_session", session_hashes=hashes)
        if known is not None:
            same = known.ended_at is None and known.member_id == seat.member_id
            return UUID(str(known.id)) if same else None
        device_id, at = ctx.new_id(), ctx.now()
        tablet_id = on.tablet_id if on is not None and on.group_id == seat.group_id else None
        if on is not None and on.by_pin and tablet_id is None:
            return None
        record_device(
            tx,
            device_id,
            member_id=seat.member_id,
            session_key=session_key,
            label=label,
            address=address,
            at=at,
            tablet_id=tablet_id,
            by_pin=bool(on and on.by_pin),
        )
        if tablet_id is not None:
            _make_way(tx, tablet_id, device_id, seat.member_id, at)
        record_act(
            tx, ctx.new_id(), "signed_in", actor_id=seat.member_id, about_id=device_id, at=at
        )
        record_event(tx, "device.opened", at=at, subject_id=device_id, member_id=seat.member_id)
        return device_id


def end_device(ctx: Context, viewer: Viewer, device_id: UUID, why: str = "signed_out") -> Ended:
    """One session, of one's own or of a member one looks after."""
    with ctx.db.transaction(viewer.group_id) as tx:
        row = tx.one("devices.one", id=device_id)
        if row is None:
            raise NotYours
        _must_end(tx, viewer, row.member_id)
        return _end(ctx, tx, viewer, row.member_id, why, device_id=device_id)


def end_all(
    ctx: Context,
    viewer: Viewer,
    member_id: UUID,
    why: str = "lost",
    *,
    but_this: bool = False,
) -> Ended:
    """Every session of a member; `but_this` spares the one that asks, when it is their own."""
    with ctx.db.transaction(viewer.group_id) as tx:
        _must_end(tx, viewer, member_id)
        if why == "lost":
            tx.run("tablets.void_pins", member_id=member_id)
        spared = viewer.device_id if but_this else None
        return _end(ctx, tx, viewer, member_id, why, spared=spared)


def lock(ctx: Context, viewer: Viewer) -> None:
    """Shut this session until its person proves to be there."""
    with ctx.db.transaction(viewer.group_id) as tx:
        at = ctx.now()
        if tx.run("devices.lock", id=viewer.device_id, at=at):
            _tell_own(tx, viewer, "device.locked", at)


def unlock(ctx: Context, viewer: Viewer) -> None:
    """Its person has just proved to be there; who calls this has seen the proof."""
    if not viewer.active:
        raise NotAllowed
    with ctx.db.transaction(viewer.group_id) as tx:
        at = ctx.now()
        if not tx.run("devices.unlock", id=viewer.device_id, at=at):
            raise NotYours
        _tell_own(tx, viewer, "device.unlocked", at)


def touch(ctx: Context, viewer: Viewer) -> None:
    """Somebody is using it. A session left alone too long is not woken by this."""
    with ctx.db.transaction(viewer.group_id) as tx:
        tx.run(
            "devices.touch",
            id=viewer.device_id,
            at=ctx.now(),
            idle_minutes=viewer.idle_minutes,
        )


def tell_ended(tx: Tx, member_id: UUID, device_ids: Iterable[UUID], at: datetime) -> None:
    """To the member's own screens, each of which knows its device."""
    for device_id in device_ids:
        record_event(tx, "device.ended", at=at, subject_id=device_id, member_id=member_id)


def _make_way(tx: Tx, tablet_id: UUID, device_id: UUID, member_id: UUID, at: datetime) -> None:
    """Whoever was on the tablet before is out, and their open page hears of it."""
    rows = tx.all(
        "tablets.end_sessions",
        tablet_id=tablet_id,
        by=member_id,
        why="switched",
        but=device_id,
        at=at,
    )
    for row in rows:
        tell_ended(tx, row.member_id, [row.id], at)


def _must_end(tx: Tx, viewer: Viewer, member_id: UUID) -> None:
    if member_id == viewer.member_id:
        return  # also from a locked screen: signing out is always possible
    must_be_here(viewer)
    row = tx.one("members.one", id=member_id)
    seen = row is not None and (viewer.sees_all or set(row.line_ids) & viewer.line_ids)
    if not seen:
        raise NotYours
    if not may_sign_out_others(viewer.role) or not may_give_role(viewer.role, row.role):
        raise NotAllowed


def _end(
    ctx: Context,
    tx: Tx,
    viewer: Viewer,
    member_id: UUID,
    why: str,
    *,
    device_id: UUID | None = None,
    spared: UUID | None = None,
) -> Ended:
    at = ctx.now()
    rows: list[Any] = tx.all(
        "devices.end",
        member_id=member_id,
        id=device_id,
        but=spared,
        ended_by=viewer.member_id,
        why=why,
        at=at,
    )
    if not rows and device_id is not None:
        raise Refused("This session had ended already.")
    ended = tuple(row.id for row in rows)
    for one in ended:
        record_act(
            tx,
            ctx.new_id(),
            "device_ended",
            actor_id=viewer.member_id,
            about_id=one,
            at=at,
            detail={"member": str(member_id), "why": why},
        )
    tell_ended(tx, member_id, ended, at)
    return Ended(ended, at)


def _tell_own(tx: Tx, viewer: Viewer, name: str, at: datetime) -> None:
    record_event(tx, name, at=at, subject_id=viewer.device_id, member_id=viewer.member_id)
