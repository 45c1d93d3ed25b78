"""Erasing a person for ever: their key goes, and with it every word of theirs, wherever it lies.

The ledger stays whole, with a leaf that says who was erased, by whom and why. A stop outlives its
person: as long as one stands, the hash of the number is kept, so that nobody texts it again.

Not here: who may (`contacts.erase` for pages; whoever runs the installation, for commands).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from lotline.actions.entries import stop_waiting
from lotline.actions.errors import Refused
from lotline.core.consent.standing import Level, level
from lotline.core.ledger.leaf import LeafKind
from lotline.store.access import record_act
from lotline.store.barrier import shut
from lotline.store.erasure import Erasure, forget_past, load_erasures, load_foreseen
from lotline.store.events import Happened, record_events
from lotline.store.groups import load_group_ids
from lotline.store.holds import load_held, load_waiting, record_asked, share_holds
from lotline.store.ledger import Leaves
from lotline.store.outbox import load_waiting_for, remove
from lotline.store.standing import (
    load_conversations_of,
    load_standings,
    lock_contacts,
    record_erasure,
)
from lotline.store.texts import lock_texts, set_states, settle_conversations

if TYPE_CHECKING:
    from datetime import datetime

    from lotline.actions.context import Context
    from lotline.store.database import Tx
    from lotline.store.shown import Viewer

ERASE_REASONS = ("asked", "retention", "mistake")
AFTER_RESTORE = "restored"  # erased before, and brought back by an older backup
WAITS = "A legal hold stands on this customer. The erasure waits and is done when it is lifted."
_WAITS = frozenset({"queued", "held"})
_STOPPED = frozenset({Level.OUT, Level.CHECK})


def erase_by_command(ctx: Context, group_id: UUID, contact_id: UUID, reason: str) -> bool:
    """False when there was nothing left to erase. Refused, and kept waiting, under a legal hold."""
    if reason not in ERASE_REASONS:
        raise Refused(f"Say why: {', '.join(ERASE_REASONS)}.")
    with ctx.db.transaction(group_id) as tx:
        done = forget_or_wait(ctx, tx, contact_id, actor_id=None, reason=reason)
    if done == "waits":
        raise Refused(WAITS)
    return done == "erased"


def forget_or_wait(
    ctx: Context, tx: Tx, contact_id: UUID, *, actor_id: UUID | None, reason: str
) -> str:
    """Says "erased"; "waits" while a hold stands on them; or nothing when nothing was left."""
    share_holds(tx)
    if not load_held(tx, [contact_id]):
        return "erased" if forget(ctx, tx, contact_id, actor_id=actor_id, reason=reason) else ""
    now = ctx.now()
    if record_asked(tx, ctx.new_id(), contact_id, reason=reason, by=actor_id, at=now):
        record_act(
            tx,
            ctx.new_id(),
            "erasure_waits",
            actor_id=actor_id,
            about_id=contact_id,
            at=now,
            detail={"reason": reason},
            contact_id=contact_id,
        )
    return "waits"


def erase_waiting(ctx: Context, group_id: UUID) -> int:
    """Those that nothing holds any more; each by itself, so that one can't hold up the others."""
    with ctx.db.transaction(group_id) as tx:
        waiting = [one for one in load_waiting(tx) if not one.held]
    done = 0
    for one in waiting:
        with ctx.db.transaction(group_id) as tx:
            share_holds(tx)
            if not load_held(tx, [one.contact_id]):
                done += forget(ctx, tx, one.contact_id, actor_id=one.asked_by, reason=one.reason)
    return done


def erase_again(ctx: Context, erasures: Iterable[tuple[UUID, Erasure]]) -> int:
    """After an older backup was restored: who was erased since is erased anew. How many were."""
    done = 0
    for group_id, one in erasures:
        with ctx.db.transaction(group_id) as tx:
            done += forget(ctx, tx, one.contact_id, actor_id=None, reason=AFTER_RESTORE)
    return done


def list_erasures(ctx: Context, since: datetime | None = None) -> list[tuple[UUID, Erasure]]:
    """Every erasure of every company, as `erase_again` takes them."""
    found = []
    for group_id in load_group_ids(ctx.db):
        with ctx.db.transaction(group_id) as tx:
            found += [(group_id, one) for one in load_erasures(tx, since)]
    return found


def _take_back(tx: Tx, contact_id: UUID, now: datetime) -> None:
    """What still waits has no words any more, and must not meet them when they write again."""
    waiting = load_waiting_for(tx, [contact_id])
    texts = lock_texts(tx, waiting)
    set_states(tx, {one: "cancelled" for one, row in texts.items() if row.state in _WAITS}, now)
    remove(tx, waiting)
    settle_conversations(tx, {row.conversation_id for row in texts.values()})


def foresee(ctx: Context, viewer: Viewer, contact_id: UUID) -> Foreseen:
    """What erasing them would take, what must stay of it, and whether it would have to wait."""
    with ctx.db.transaction(viewer.group_id) as tx:
        found = load_foreseen(tx, contact_id)
        standing = load_standings(tx, [contact_id], ctx.now())[contact_id]
        return Foreseen(
            **found,
            stops=level(standing) in _STOPPED or bool(standing.stopped_lines),
            held=bool(load_held(tx, [contact_id])),
        )


@dataclass(frozen=True, slots=True)
class Foreseen:
    """Counts for whoever decides. `stops` when an opt-out stands, which outlives them."""

    texts: int
    notes: int
    waiting: int
    entries: int
    decisions: int
    exports: int
    stops: bool
    held: bool


def forget(ctx: Context, tx: Tx, contact_id: UUID, *, actor_id: UUID | None, reason: str) -> bool:
    """All of it, in the caller's transaction. False: no such contact, or no key of theirs."""
    # What is in a carrier's hands arrives first: whoever writes anew from that number is somebody
    # else to us, and their stop would not wait for it.
    shut(tx, [contact_id])
    found = lock_contacts(tx, [contact_id])
    if contact_id not in found or found[contact_id].key is None:
        return False
    number, now = found[contact_id].number, ctx.now()
    record_erasure(tx, contact_id, now)
    leaves = Leaves(tx)
    happened = stop_waiting(ctx, tx, lock_contacts(tx, [contact_id]), leaves, now)
    leaves.write()
    _take_back(tx, contact_id, now)
    standing = load_standings(tx, [contact_id], now)[contact_id]
    keeps_number = level(standing) in _STOPPED or bool(
        standing.stopped is not None or standing.stopped_lines
    )
    forget_past(tx, contact_id, number, keeps_number=keeps_number)
    record_act(
        tx,
        ctx.new_id(),
        "erased",
        actor_id=actor_id,
        about_id=contact_id,
        at=now,
        detail={"reason": reason, "number_kept": keeps_number},
        kind=LeafKind.ERASURE,
        contact_id=contact_id,
    )
    happened += [
        Happened("conversation", talk.store_id, talk.line_id, talk.id, contact_id)
        for talk in load_conversations_of(tx, [contact_id])
    ]
    record_events(tx, happened, now)
    return True
