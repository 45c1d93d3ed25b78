"""How fast our lines may send: what the carrier approved, said by an owner, and the buckets of it.

Not here: drawing from them (`dispatch`), the values (`core.carriers.throughput`).
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from lotline.actions.allowed import must
from lotline.actions.errors import NotYours, Refused
from lotline.core.carriers.throughput import brands, volumes
from lotline.core.people.roles import may_change_rules
from lotline.store.access import record_act
from lotline.store.buckets import find_service, forget_full, meter_lines, record_registration
from lotline.store.events import wake_workers
from lotline.store.groups import load_group_ids

if TYPE_CHECKING:
    from uuid import UUID

    from lotline.actions.context import Context
    from lotline.store.shown import Viewer

FORGOTTEN_AFTER = timedelta(days=1)  # by then any bucket of the moment has been full again
AT_ONCE = 5000


def meter(ctx: Context) -> None:
    """Every line has the buckets that this version's data wants for it."""
    for group_id in load_group_ids(ctx.db):
        with ctx.db.transaction(group_id) as tx:
            meter_lines(tx, ctx.now())


def say_approved(ctx: Context, viewer: Viewer, line_id: UUID, volume: str, brand: str) -> None:
    """What the carrier approved for this line's campaign, and the tier of the whole company."""
    must(viewer, may_change_rules)
    if volume not in {one.name for one in volumes()}:
        raise Refused("Choose the class that your campaign was given.")
    if brand not in {one.name for one in brands()}:
        raise Refused("Choose the tier that your company was given.")
    now = ctx.now()
    with ctx.db.transaction(viewer.group_id) as tx:
        service = find_service(tx, line_id) if line_id in viewer.line_ids else None
        if service is None:
            raise NotYours
        record_registration(
            tx,
            ctx.new_id(),
            service,
            volume=volume,
            brand=brand,
            said_by=viewer.member_id,
            at=now,
        )
        meter_lines(tx, now)
        record_act(
            tx,
            ctx.new_id(),
            "throughput_said",
            actor_id=viewer.member_id,
            about_id=line_id,
            at=now,
            detail={"volume": volume, "brand": brand},
        )
        wake_workers(tx)


def forget_full_buckets(ctx: Context) -> bool:
    """Buckets of the moment that were left alone. True when there are more."""
    with ctx.db.door() as tx:
        return forget_full(tx, ctx.now() - FORGOTTEN_AFTER, AT_ONCE) >= AT_ONCE
