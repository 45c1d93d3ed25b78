"""Legal holds as rows: what stands, what was lifted, and which erasures wait for the end of one.

Not here: who may place one (`actions.holds`), whether a contact is held (`is_held`, beside the
tables: whatever retires asks it in the same statement).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from lotline.core.base.sealing import SealBroken
from lotline.store.evidence import load_names, load_numbers
from lotline.store.sealed import contact_key, open_words, seal_words

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from lotline.store.database import Tx
    from lotline.store.shown import Viewer

_REASON = ("legal_holds", "reason_ct")
_COUNSEL = ("legal_holds", "counsel_ct")
_LIFTED = ("legal_hold_lifts", "reason_ct")


@dataclass(frozen=True, slots=True)
class Hold:
    """One hold, standing or lifted."""

    id: UUID
    kind: str
    subject_id: UUID | None
    about: str
    reason: str
    counsel: str
    placed_by: str
    placed_at: datetime
    lifted_why: str
    lifted_by: str
    lifted_at: datetime | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """An erasure that was asked for and not done yet."""

    contact_id: UUID
    name: str
    reason: str
    asked_by: UUID | None
    asked_at: datetime
    held: bool


def lock_holds(tx: Tx) -> None:
    """Until the end of this transaction nothing is erased or retired: a hold is being placed."""
    tx.one("holds.lock")


def share_holds(tx: Tx) -> None:
    """Until the end of this transaction no hold is placed: something is erased or retired."""
    tx.one("holds.lock_shared")


def load_held(tx: Tx, contacts: Iterable[UUID]) -> set[UUID]:
    """Those a hold stands on."""
    return {row.id for row in tx.all("holds.held", ids=list(contacts))}


def count_holds(tx: Tx) -> int:
    return int(tx.only("holds.standing").n)


def is_there(tx: Tx, kind: str, subject_id: UUID) -> bool:
    return bool(tx.only("holds.subject_is_there", kind=kind, id=subject_id).here)


def record_hold(
    tx: Tx,
    hold_id: UUID,
    kind: str,
    subject_id: UUID | None,
    *,
    reason: str,
    counsel: str,
    by: UUID,
    at: datetime,
) -> None:
    group = tx.group_id
    tx.run(
        "holds.record",
        id=hold_id,
        kind=kind,
        subject_id=subject_id,
        reason_ct=seal_words(tx.keys, reason, *_REASON, group, hold_id),
        counsel_ct=seal_words(tx.keys, counsel, *_COUNSEL, group, hold_id),
        by=by,
        at=at,
    )


def record_lift(tx: Tx, hold_id: UUID, *, reason: str, by: UUID, at: datetime) -> bool:
    """False when it was lifted before."""
    sealed = seal_words(tx.keys, reason, *_LIFTED, tx.group_id, hold_id)
    done = tx.run("holds.lift", hold_id=hold_id, reason_ct=sealed, by=by, at=at)
    tx.run("holds.forget_marks")
    return bool(done)


def load_holds(tx: Tx, viewer: Viewer) -> list[Hold]:
    """Those that stand first; nothing for anybody but owners and auditors."""
    if not viewer.sees_all or not viewer.active or viewer.locked:
        return []
    rows = tx.all("holds.list")
    members = {row.subject_id for row in rows if row.kind == "member"}
    members |= {one for row in rows for one in (row.placed_by, row.lifted_by) if one}
    names = load_names(tx, members)
    lines = load_numbers(tx, {row.subject_id for row in rows if row.kind == "line"})
    group = tx.group_id
    found = []
    for row in rows:
        about = {"member": names, "line": lines}.get(row.kind, {}).get(row.subject_id, "")
        if row.kind == "customer":
            about = _called(tx, row.subject_id, row)
        lift = ""
        if row.lift_ct is not None:
            lift = open_words(tx.keys, row.lift_ct, *_LIFTED, group, row.id)
        found.append(
            Hold(
                id=row.id,
                kind=row.kind,
                subject_id=row.subject_id,
                about=about or ("the whole company" if row.kind == "company" else "erased"),
                reason=open_words(tx.keys, row.reason_ct, *_REASON, group, row.id),
                counsel=open_words(tx.keys, row.counsel_ct, *_COUNSEL, group, row.id),
                placed_by=names.get(row.placed_by, ""),
                placed_at=row.placed_at,
                lifted_why=lift,
                lifted_by=names.get(row.lifted_by, ""),
                lifted_at=row.lifted_at,
            )
        )
    return found


def record_asked(
    tx: Tx, row_id: UUID, contact_id: UUID, *, reason: str, by: UUID | None, at: datetime
) -> bool:
    """False when one waits for this contact already."""
    done = tx.run(
        "holds.ask_erasure", id=row_id, contact_id=contact_id, reason=reason, by=by, at=at
    )
    return bool(done)


def load_waiting(tx: Tx) -> list[Waiting]:
    """Erasures that were asked for and not done, oldest first."""
    return [
        Waiting(
            row.contact_id,
            _called(tx, row.contact_id, row),
            row.reason,
            row.asked_by,
            row.asked_at,
            row.held,
        )
        for row in tx.all("holds.waiting_erasures")
    ]


def _called(tx: Tx, contact_id: UUID, row: object) -> str:
    """Name or number of a contact's joined row; nothing once they are erased."""
    wrapped, erased = getattr(row, "key_wrapped", None), getattr(row, "erased_at", None)
    key = contact_key(tx, contact_id, wrapped, erased)
    for column in ("name_ct", "number_ct"):
        try:
            sealed = getattr(row, column)
            words = open_words(key, sealed, "contacts", column, tx.group_id, contact_id)
        except SealBroken:
            words = ""
        if words:
            return words
    return ""
