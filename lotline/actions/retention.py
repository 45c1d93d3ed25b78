"""Records go when their time is over: class by class, in small batches, each one transaction.

What a hold stands on stays. Opt-outs, consent entries, decisions and the ledger stay whatever is
chosen; each batch is an entry of the ledger, which verifies afterwards as it did before.

Not here: how long each class is kept (`core.oversight.retention`), erasing on request (`erase`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from lotline.actions.allowed import must
from lotline.actions.erase import forget
from lotline.actions.errors import Refused
from lotline.core.oversight.retention import (
    Class,
    before_of,
    class_named,
    load_records,
    may_choose,
    months_of,
)
from lotline.core.people.roles import may_change_rules
from lotline.store.access import record_act
from lotline.store.barrier import shut
from lotline.store.holds import share_holds
from lotline.store.retention import (
    BY_ID,
    Batch,
    Due,
    count_due,
    load_batch,
    load_choices,
    load_totals,
    lock_retention,
    record_choice,
    record_run,
    retire_arrivals,
    retire_at_once,
    retire_notes,
    set_mark,
    wipe_texts,
)
from lotline.store.standing import lock_contacts

if TYPE_CHECKING:
    from datetime import datetime

    from lotline.actions.context import Context
    from lotline.store.database import Tx
    from lotline.store.shown import Viewer

AT_ONCE = {"customers": 20, "texts": 200}
MOST_AT_ONCE = 500
FILES = "exports"  # their rows are of the scheduled export, and so is their going


@dataclass(frozen=True, slots=True)
class Standing:
    """A class as it stands today: how long it is kept, what is due, what went so far."""

    kind: Class
    months: int
    chosen: bool
    before: datetime | None
    due: Due
    retired: int
    last_at: datetime | None


def choose(ctx: Context, viewer: Viewer, name: str, months: int | None) -> None:
    """The owner keeps a class longer, or shorter down to its floor; None is for ever."""
    must(viewer, may_change_rules)
    try:
        kind = class_named(name)
    except KeyError as error:
        raise Refused("There is no such class of records.") from error
    if not may_choose(kind, months):
        raise Refused(f"{kind.title}: at least {kind.floor} months, or for ever.")
    now = ctx.now()
    with ctx.db.transaction(viewer.group_id) as tx:
        record_choice(tx, ctx.new_id(), name, months, by=viewer.member_id, at=now)
        record_act(
            tx,
            ctx.new_id(),
            "retention_chosen",
            actor_id=viewer.member_id,
            about_id=None,
            at=now,
            detail={"class": name, "months": months},
        )


def foresee(ctx: Context, group_id: UUID) -> list[Standing]:
    """Every class, and what would go now. Nothing is changed."""
    now = ctx.now()
    with ctx.db.transaction(group_id) as tx:
        chosen, totals = load_choices(tx), load_totals(tx)
        found = []
        for kind in load_records()[0]:
            months = months_of(kind, chosen)
            before = before_of(months, now)
            due = Due(0, 0) if before is None else count_due(tx, kind.name, before)
            gone, last = totals.get(kind.name, (0, None))
            found.append(Standing(kind, months, kind.name in chosen, before, due, gone, last))
    return found


def retire(ctx: Context, group_id: UUID) -> int:
    """One batch of each class. How many rows went; 0 when nothing is due."""
    return sum(_retire(ctx, group_id, kind) for kind in load_records()[0] if kind.name != FILES)


def _retire(ctx: Context, group_id: UUID, kind: Class) -> int:
    now = ctx.now()
    with ctx.db.transaction(group_id) as tx:
        if not lock_retention(tx):
            return 0
        share_holds(tx)
        before = before_of(months_of(kind, load_choices(tx)), now)
        if before is None:
            return 0
        gone = _batch(ctx, tx, kind.name, before)
        if gone:
            note_run(ctx, tx, kind.name, before, gone)
        return gone


def note_run(ctx: Context, tx: Tx, name: str, before: datetime, gone: int) -> None:
    """That something went: counted, and in the ledger."""
    now = ctx.now()
    record_run(tx, ctx.new_id(), name, before=before, retired=gone, at=now)
    record_act(
        tx,
        ctx.new_id(),
        "retired",
        actor_id=None,
        about_id=None,
        at=now,
        detail={"class": name, "count": gone, "before": before.isoformat()},
    )


def _batch(ctx: Context, tx: Tx, name: str, before: datetime) -> int:
    limit = AT_ONCE.get(name, MOST_AT_ONCE)
    if name not in BY_ID and name != "customers":
        return retire_at_once(tx, name, before, limit)
    batch = load_batch(tx, name, before, limit)
    if not batch.ids:
        return 0
    if name == "customers":
        shut(tx, batch.ids)  # of all, before the row of any is locked
        return sum(forget(ctx, tx, one, actor_id=None, reason="retention") for one in batch.ids)
    if name == "texts":
        gone = _texts(ctx, tx, batch)
    else:
        gone = (retire_notes if name == "notes" else retire_arrivals)(tx, batch.ids)
    set_mark(tx, name, batch.ids[-1])
    return gone


def _texts(ctx: Context, tx: Tx, batch: Batch) -> int:
    """Words go, and on each customer's chain stands whose words those were."""
    of: dict[UUID, list[UUID]] = {}
    for text, contact in zip(batch.ids, batch.owners, strict=True):
        of.setdefault(contact, []).append(text)
    lock_contacts(tx, list(of))
    gone = wipe_texts(tx, batch.ids)
    for contact, texts in sorted(of.items()):
        record_act(
            tx,
            ctx.new_id(),
            "words_retired",
            actor_id=None,
            about_id=contact,
            at=ctx.now(),
            detail={"texts": [str(one) for one in texts]},
            contact_id=contact,
        )
    return gone
