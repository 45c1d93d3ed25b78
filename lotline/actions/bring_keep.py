"""What a private phone held comes over as history, as far as its member chose it.

Each text is a leaf on its customer's chain, of a kind of its own, so that evidence shows it by
itself and never as one of ours.

Not here: reading the phone and what follows at once (`bring`), how evidence tells of it
(`core.oversight.brought`).
"""

from __future__ import annotations

from hashlib import sha256
from itertools import groupby
from typing import TYPE_CHECKING, Any

from lotline.actions.allowed import must
from lotline.actions.bring import end_bringing, own_bringing
from lotline.actions.errors import NotAllowed, Refused
from lotline.core.ledger.leaf import LeafKind
from lotline.core.oversight.content import BROUGHT, brought_part
from lotline.core.people.roles import may_record_stop
from lotline.store.access import record_act
from lotline.store.bring import Kept, keep_texts
from lotline.store.ledger import Leaves
from lotline.store.standing import load_within_reach, lock_contacts

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from lotline.actions.context import Context
    from lotline.store.database import Tx
    from lotline.store.shown import Viewer
    from lotline.store.standing import Contact


def keep(ctx: Context, viewer: Viewer, bringing_id: UUID, contact_ids: Sequence[UUID]) -> int:
    """These conversations come over as history; how many texts did."""
    must(viewer, may_record_stop)
    if viewer.by_pin:
        raise NotAllowed
    with ctx.db.transaction(viewer.group_id) as tx:
        row = own_bringing(tx, viewer, bringing_id)
        if row.state != "found":
            raise Refused("This was finished before.")
        wanted = sorted(load_within_reach(tx, viewer, contact_ids))
        contacts = lock_contacts(tx, wanted)
        at = ctx.now()
        kept = keep_texts(tx, bringing_id, viewer.member_id, wanted, at)
        whose = {who: list(texts) for who, texts in groupby(kept, lambda one: one.contact_id)}
        for contact_id, texts in whose.items():
            _record_leaves(tx, row, contacts[contact_id], texts, at)
            detail = {
                "bringing": str(bringing_id),
                "kind": row.kind,
                "texts": len(texts),
                "first": texts[0].said_at.isoformat(),
                "last": texts[-1].said_at.isoformat(),
                "sha256": sha256(b"".join(sorted(bytes(one.digest) for one in texts))).hexdigest(),
            }
            record_act(
                tx,
                ctx.new_id(),
                "brought_in",
                actor_id=viewer.member_id,
                about_id=contact_id,
                at=at,
                detail=detail,
                contact_id=contact_id,
            )
        end_bringing(tx, ctx, bringing_id, "kept")
        total = len(kept)
        detail = {"kind": row.kind, "customers": len(whose), "texts": total}
        record_act(
            tx,
            ctx.new_id(),
            "brought",
            actor_id=viewer.member_id,
            about_id=bringing_id,
            at=at,
            detail=detail,
        )
        return total


def _record_leaves(tx: Tx, row: Any, contact: Contact, texts: Sequence[Kept], at: datetime) -> None:
    """A leaf for each text, so that evidence shows each by itself and a changed one is named."""
    if contact.key is None:
        return
    leaves = Leaves(tx)
    for one in texts:
        part = brought_part(
            one.id,
            contact=contact.id,
            bringing=row.id,
            by=row.member_id,
            phone=row.kind,
            direction=one.direction,
            body=one.body(contact.key, tx.group_id),
            said_at=one.said_at,
        )
        leaves.add(LeafKind.BROUGHT, one.id, {BROUGHT: part}, at, contact.chain)
    leaves.write()
