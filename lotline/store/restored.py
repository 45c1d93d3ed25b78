"""What a database that is about to be replaced knows of later stops.

Not here: writing them where the older backup was restored (`actions.restored`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import UUID

from lotline.core.consent.entry import Entry, How, Says, Scope, Source
from lotline.store.sealed import contact_key, open_words

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from lotline.store.database import Tx


@dataclass(frozen=True, slots=True)
class LaterStop:
    """Somebody's no, with the number it came from; "" once they were erased."""

    contact_id: UUID
    entry: Entry
    number: str = field(repr=False)


def load_stops_since(tx: Tx, since: datetime) -> list[LaterStop]:
    """In the order in which they were heard."""
    found = []
    for row in tx.all("restored.stops_since", since=since):
        key = contact_key(tx, row.contact_id, row.key_wrapped, row.erased_at)
        place = ("contacts", "number_ct", tx.group_id, row.contact_id)
        entry = Entry(
            id=row.id,
            says=Says(row.says),
            scope=Scope(row.scope),
            said_at=row.said_at,
            heard_at=row.heard_at,
            source=Source(row.source),
            line_id=row.line_id,
            how=How(row.how),
        )
        found.append(LaterStop(row.contact_id, entry, open_words(key, row.number_ct, *place)))
    return found


def load_present_contacts(tx: Tx, ids: Iterable[UUID]) -> set[UUID]:
    return {row.id for row in tx.all("restored.present", ids=list(ids))}
