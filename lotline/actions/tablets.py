"""Shared tablets: one is marked as shared, its people set a PIN there, and switch by it.

A PIN opens a session of its member on that tablet alone, never with more than the staff role, and
whoever was there before is out by the same act. Wrong tries are counted under the tablet's lock, so
that guessing at once is guessing in turn; after a few the PIN rests, after more it is void.

Not here: the browser's key and its session (`web.tablets`), the idle lock (`store.viewer`).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from lotline.actions.allowed import must, must_be_here
from lotline.actions.devices import tell_ended
from lotline.actions.errors import NotAllowed, NotYours, Refused
from lotline.core.people.rights import Role
from lotline.core.people.roles import may_sign_out_others
from lotline.store.access import record_act
from lotline.store.sealed import session_hashes
from lotline.store.tablets import Key, hash_pin, is_pin, record_tablet

if TYPE_CHECKING:
    from lotline.actions.context import Context
    from lotline.store.database import Tx
    from lotline.store.shown import Viewer

SHORTEST, LONGEST = 4, 8
RESTS_AFTER, VOID_AFTER, TABLET_AFTER = 5, 10, 20
RESTS = timedelta(minutes=5)
TABLET_RESTS = timedelta(minutes=15)
LONGEST_LABEL = 60
_WRONG = "That isn’t right. Type your own PIN, then tap your own name."
_RESTS = "Too many wrong PINs. Wait five minutes, or sign in with your password or passkey."
_TABLET_RESTS = "Too many wrong PINs on this tablet. Sign in with a password or passkey."
_VOID = "Too many wrong PINs. Sign in with your password or passkey and set a new one."


class Switched(NamedTuple):
    """Whose session may begin; or why none does."""

    account_id: UUID | None
    problem: str


def share(ctx: Context, viewer: Viewer, label: str, secret: str) -> UUID:
    """Make the browser that will hold `secret` a shared tablet."""
    must(viewer, may_sign_out_others)
    if viewer.by_pin or viewer.tablet_id is not None:
        raise Refused("This is a shared tablet already.")
    name = " ".join(label.split())
    if not name or len(name) > LONGEST_LABEL:
        raise Refused("Give the tablet a name, like Showroom tablet.")
    with ctx.db.transaction(viewer.group_id) as tx:
        tablet_id, at = ctx.new_id(), ctx.now()
        record_tablet(tx, tablet_id, secret, name, viewer.member_id, at)
        _record(ctx, tx, viewer.member_id, "tablet_shared", tablet_id)
        return tablet_id


def unshare(ctx: Context, viewer: Viewer, tablet_id: UUID) -> int:
    """Nobody switches there again; how many sessions ended with it."""
    must(viewer, may_sign_out_others)
    with ctx.db.transaction(viewer.group_id) as tx:
        at = ctx.now()
        by, sees_all = viewer.member_id, viewer.sees_all
        if not tx.run("tablets.end", id=tablet_id, by=by, sees_all=sees_all, at=at):
            raise NotYours
        tx.run("tablets.void_all", tablet_id=tablet_id)
        rows = tx.all(
            "tablets.end_sessions", tablet_id=tablet_id, by=by, why="tablet", but=None, at=at
        )
        for row in rows:
            tell_ended(tx, row.member_id, [row.id], at)
        _record(ctx, tx, by, "tablet_unshared", tablet_id, sessions=len(rows))
        return len(rows)


def set_pin(ctx: Context, viewer: Viewer, pin: str) -> None:
    """One's own, on the tablet that one is signed in to in full."""
    must_be_here(viewer)
    if viewer.tablet_id is None or viewer.by_pin or viewer.role == Role.AUDITOR:
        raise NotAllowed
    if not pin.isascii() or not pin.isdigit() or not SHORTEST <= len(pin) <= LONGEST:
        raise Refused("A PIN is 4 to 8 digits.")
    if is_easy(pin):
        raise Refused("That PIN is among the first that anybody tries. Choose another.")
    with ctx.db.transaction(viewer.group_id) as tx:
        tx.run(
            "tablets.set_pin",
            tablet_id=viewer.tablet_id,
            member_id=viewer.member_id,
            pin_hash=hash_pin(tx, viewer.tablet_id, viewer.member_id, pin),
            at=ctx.now(),
        )
        _record(ctx, tx, viewer.member_id, "pin_set", viewer.tablet_id)


def check_pin(ctx: Context, key: Key, member_id: UUID, pin: str) -> Switched:
    """Whether this is the member's PIN here. Every wrong one is counted before this returns."""
    with ctx.db.transaction(key.group_id) as tx:
        hashes = session_hashes(tx.keys, key.secret)
        tablet = tx.one("tablets.lock", id=key.tablet_id, hashes=hashes)
        now = ctx.now()
        if tablet is None:
            return Switched(None, "This tablet is shared no more.")
        if _rests(tablet.shut_until, now):
            return Switched(None, _TABLET_RESTS)
        row = tx.one("tablets.pin", tablet_id=key.tablet_id, member_id=member_id)
        if row is not None and _rests(row.shut_until, now):
            return Switched(None, _RESTS)
        short = pin[: LONGEST + 1]
        if row is not None and is_pin(tx, key.tablet_id, member_id, short, row.pin_hash):
            _count(tx, key, member_id, 0, None)
            _count_tablet(tx, key, 0, None)
            return Switched(row.account_id, "")
        wrong = tablet.wrong + 1
        until = now + TABLET_RESTS if wrong >= TABLET_AFTER else None
        _count_tablet(tx, key, 0 if until else wrong, until)
        if row is None:
            return Switched(None, _WRONG)
        return Switched(None, _went_wrong(ctx, tx, key, member_id, row.wrong + 1))


def is_easy(pin: str) -> bool:
    """All the same, or a row of neighbours, up or down."""
    steps = {(int(b) - int(a)) % 10 for a, b in pairwise(pin)}
    return len(steps) == 1 and steps <= {0, 1, 9}


def _went_wrong(ctx: Context, tx: Tx, key: Key, member_id: UUID, wrong: int) -> str:
    if wrong >= VOID_AFTER:
        tx.run("tablets.void_pin", tablet_id=key.tablet_id, member_id=member_id)
        _record(ctx, tx, None, "pin_void", member_id, tablet=str(key.tablet_id))
        return _VOID
    until = ctx.now() + RESTS if wrong == RESTS_AFTER else None
    _count(tx, key, member_id, wrong, until)
    return _RESTS if until else _WRONG


def _count(tx: Tx, key: Key, member_id: UUID, wrong: int, until: datetime | None) -> None:
    tx.run(
        "tablets.count_pin",
        tablet_id=key.tablet_id,
        member_id=member_id,
        wrong=wrong,
        shut_until=until,
    )


def _count_tablet(tx: Tx, key: Key, wrong: int, until: datetime | None) -> None:
    tx.run("tablets.count_tablet", tablet_id=key.tablet_id, wrong=wrong, shut_until=until)


def _rests(until: datetime | None, now: datetime) -> bool:
    return until is not None and now < until


def _record(
    ctx: Context, tx: Tx, by: UUID | None, what: str, about: UUID, **detail: object
) -> None:
    record_act(tx, ctx.new_id(), what, actor_id=by, about_id=about, at=ctx.now(), detail=detail)
