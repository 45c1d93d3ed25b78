"""Legal holds: what may not be erased or retired until counsel says so.

A hold covers a customer, all that a member had to do with, a line, or the whole company. It is an
entry of the ledger when it is placed and when it is lifted. An erasure that is asked for meanwhile
is kept waiting, says so, and is done once nothing holds it any more.

Not here: what is erased (`erase`), what is retired by age (`retention`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from lotline.actions.allowed import must
from lotline.actions.errors import NotYours, Refused
from lotline.core.people.roles import may_erase
from lotline.store.access import record_act
from lotline.store.holds import is_there, lock_holds, record_hold, record_lift

if TYPE_CHECKING:
    from lotline.actions.context import Context
    from lotline.store.shown import Viewer

KINDS = ("customer", "member", "line", "company")
LONGEST = 400


def place_hold(
    ctx: Context, viewer: Viewer, kind: str, subject_id: UUID | None, *, reason: str, counsel: str
) -> UUID:
    """From now on nothing it covers goes."""
    must(viewer, may_erase)
    if kind not in KINDS or (kind == "company") != (subject_id is None):
        raise Refused("Choose what is held.")
    reason, counsel = _said(reason, "Say why it is held."), _said(counsel, "Say who asked for it.")
    hold_id, now = ctx.new_id(), ctx.now()
    with ctx.db.transaction(viewer.group_id) as tx:
        lock_holds(tx)
        if subject_id is not None and not is_there(tx, kind, subject_id):
            raise NotYours
        record_hold(
            tx,
            hold_id,
            kind,
            subject_id,
            reason=reason,
            counsel=counsel,
            by=viewer.member_id,
            at=now,
        )
        record_act(
            tx,
            ctx.new_id(),
            "hold_placed",
            actor_id=viewer.member_id,
            about_id=subject_id,
            at=now,
            detail={"hold": str(hold_id), "kind": kind},
        )
    return hold_id


def lift_hold(ctx: Context, viewer: Viewer, hold_id: UUID, *, reason: str) -> None:
    """It ends. What waited for its end goes at the next round of the worker."""
    must(viewer, may_erase)
    reason = _said(reason, "Say why it is lifted.")
    with ctx.db.transaction(viewer.group_id) as tx:
        lock_holds(tx)
        if not tx.all("holds.one", hold_id=hold_id):
            raise NotYours
        if not record_lift(tx, hold_id, reason=reason, by=viewer.member_id, at=ctx.now()):
            raise Refused("It was lifted already.")
        record_act(
            tx,
            ctx.new_id(),
            "hold_lifted",
            actor_id=viewer.member_id,
            about_id=None,
            at=ctx.now(),
            detail={"hold": str(hold_id)},
        )


def _said(words: str, problem: str) -> str:
    plain = " ".join(words.split())
    if not plain or len(plain) > LONGEST:
        raise Refused(problem)
    return plain
