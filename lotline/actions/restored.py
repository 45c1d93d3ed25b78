"""After an older backup was restored: what people refused since then holds all the same.

Only what closes is carried over: a stop, a wrong number, a doubt. A later yes is not, for its proof
stayed behind; the customer can say it again.

Not here: restoring (`config.restoring`), the erased (`erase`).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from lotline.actions.entries import take_entries
from lotline.store.events import record_events
from lotline.store.groups import load_group_ids
from lotline.store.ledger import Leaves
from lotline.store.restored import LaterStop, load_present_contacts, load_stops_since
from lotline.store.standing import EntryRow, find_by_numbers, lock_contacts, record_contacts

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from lotline.actions.context import Context
    from lotline.store.database import Tx


def list_later_stops(ctx: Context, since: datetime) -> dict[UUID, list[LaterStop]]:
    """By company; asked of the database that will be replaced."""
    found = {}
    for group_id in load_group_ids(ctx.db):
        with ctx.db.transaction(group_id) as tx:
            found[group_id] = load_stops_since(tx, since)
    return found


def carry_stops_over(ctx: Context, stops: dict[UUID, list[LaterStop]]) -> int:
    """Into the restored one; how many. A company that the backup does not know is left out."""
    known = set(load_group_ids(ctx.db))
    done = 0
    for group_id, several in stops.items():
        if group_id in known and several:
            with ctx.db.transaction(group_id) as tx:
                done += _carry(ctx, tx, several)
    return done


def _carry(ctx: Context, tx: Tx, stops: list[LaterStop]) -> int:
    now = ctx.now()
    here = load_present_contacts(tx, {one.contact_id for one in stops})
    numbers = {one.number for one in stops if one.contact_id not in here and one.number}
    by_number = find_by_numbers(tx, numbers)
    record_contacts(tx, sorted(numbers - by_number.keys()), ctx.new_id, now)
    by_number |= find_by_numbers(tx, numbers)
    rows = []
    for one in stops:
        contact_id = one.contact_id
        if contact_id not in here:
            if one.number not in by_number:
                continue  # erased, and unknown to the backup: there is nobody to stop for
            contact_id = by_number[one.number].id
        entry = replace(one.entry, id=ctx.new_id(), heard_at=now)
        rows.append(EntryRow(contact_id, entry, heard={"layer": "restored"}))
    leaves = Leaves(tx)
    contacts = lock_contacts(tx, (row.contact_id for row in rows))
    happened = take_entries(ctx, tx, contacts, rows, leaves=leaves, now=now)
    leaves.write()
    record_events(tx, happened, now)
    return len(rows)
