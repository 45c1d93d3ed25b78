"""A carrier's own stop list: whoever stands on it has stopped for us too.

The stop is of the number, not of the person the text was for: that one may have been erased since,
and have written anew. Whom the number finds is locked together with whom the text was for, behind
gates that are shut before any row.

Not here: how a carrier says it: an answer (`outcome`), a receipt (`receipts`), its own list of
texts (`reconcile`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import UUID

from lotline.actions.entries import take_entries
from lotline.core.consent.entry import Entry, How, Says, Scope, Source
from lotline.core.consent.standing import is_stopped_after_all
from lotline.store.barrier import shut
from lotline.store.database import Crossed
from lotline.store.standing import (
    Contact,
    EntryRow,
    find_by_numbers,
    keep_number,
    load_entries,
    load_last_in,
    lock_contacts,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from lotline.actions.context import Context
    from lotline.store.database import Tx
    from lotline.store.events import Happened
    from lotline.store.ledger import Leaves


@dataclass(frozen=True, slots=True)
class CarrierStopped:
    """A carrier's stop list holds `number`; it said so of the text in `row`."""

    row: Any
    number: str = field(repr=False)  # empty when the carrier did not say


def lock_with_holders(
    tx: Tx, contact_ids: Iterable[UUID], stopped: Iterable[tuple[UUID, str]]
) -> dict[UUID, Contact]:
    """These contacts under lock, and whoever has the number of one that the carrier calls stopped.

    `stopped`: whom the text was for, and the number it names. Call it before any other lock.
    """
    told = list(stopped)
    holders = _holders(tx, (number for _, number in told)).values()
    shut(tx, [*(meant for meant, _ in told), *holders])
    return lock_contacts(tx, [*contact_ids, *holders])


def take_carrier_stops(
    ctx: Context,
    tx: Tx,
    contacts: dict[UUID, Contact],
    stops: Sequence[CarrierStopped],
    *,
    leaves: Leaves,
    now: datetime,
) -> list[Happened]:
    """A stop that a carrier told us of, for who has none yet. `contacts`: as they were locked."""
    if not stops:
        return []
    holders = _holders(tx, (one.number for one in stops))
    if not contacts.keys() >= set(holders.values()):
        raise Crossed("a number found its contact while we waited")
    new: dict[UUID, EntryRow] = {}
    for one in stops:
        meant: UUID = one.row.contact_id
        new[meant] = _entry(ctx, meant, one.row.id, now)
        if one.number and one.number not in holders and contacts[meant].key is None:
            # An erased contact whose number was forgotten has it back as a hash, as if the stop
            # had been there before: a stop outlives its person.
            keep_number(tx, meant, one.number)
            holders[one.number] = meant
        holder = holders.get(one.number, meant)
        if holder not in new:  # their entry names no text: it was another's, who is erased
            new[holder] = _entry(ctx, holder, None, now)
    known, wrote = load_entries(tx, new), load_last_in(tx, new)
    rows = [
        row for who, row in new.items() if not is_stopped_after_all(known[who], wrote.get(who), now)
    ]
    return take_entries(ctx, tx, contacts, rows, leaves=leaves, now=now, known=known)


def _holders(tx: Tx, numbers: Iterable[str]) -> dict[str, UUID]:
    """Who has these numbers now."""
    wanted = {one for one in numbers if one}
    found = find_by_numbers(tx, wanted) if wanted else {}
    return {number: one.id for number, one in found.items()}


def _entry(ctx: Context, contact_id: UUID, text_id: UUID | None, now: datetime) -> EntryRow:
    """Whoever refuses for them speaks for them."""
    entry = Entry(
        id=ctx.new_id(),
        says=Says.STOP,
        scope=Scope.ALL,
        said_at=now,
        heard_at=now,
        source=Source.CARRIER,
        how=How.KEYWORD,
    )
    return EntryRow(contact_id, entry, text_id=text_id, heard={"layer": "carrier"})
