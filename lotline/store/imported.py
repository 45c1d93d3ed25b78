"""Imported: what a dealer's own system knows of a contact. Shown, used by the gate, never edited.

The card (vehicle, stock number, visit) is sealed under the contact's key; the day of a purchase
stands in clear beside it, because the gate counts months from it.

Not here: reading another system's files, what is shown of a card (`contacts`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lotline.store.sealed import seal_json, stock_tokens
from lotline.store.standing import load_key

if TYPE_CHECKING:
    from datetime import date
    from uuid import UUID

    from lotline.store.database import Tx


def record_imported(
    tx: Tx,
    contact_id: UUID,
    *,
    card: dict[str, Any],
    language: str = "en",
    bought_on: date | None = None,
) -> bool:
    """False when the contact was erased."""
    key = load_key(tx, contact_id)
    if key is None:
        return False
    place = ("contacts", "card_ct", tx.group_id, contact_id)
    return (
        tx.run(
            "imported.record",
            contact_id=contact_id,
            card_ct=seal_json(key, card, *place) if card else None,
            language=language,
            bought_on=bought_on,
            tokens=stock_tokens(tx.keys, str(card.get("stock") or "")),
        )
        == 1
    )
