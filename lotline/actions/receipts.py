"""Carriers' words on our texts, as they come: late, doubled, in any order, each kept once.

A receipt finds its text by our reference, or by the carrier's id. One that comes before the answer
to our own call settles what became of the text; one for a text that is not ours changes nothing.

Not here: what the words add up to (`core.carriers.receipts`), the answer to a call (`outcome`).
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID

from lotline.actions.carrier_stops import CarrierStopped, lock_with_holders, take_carrier_stops
from lotline.actions.context import again
from lotline.actions.outcome import add_text_leaves, changed, fold_states
from lotline.core.carriers.errors import meaning_of
from lotline.core.carriers.port import Receipt, RefusalKind
from lotline.core.carriers.receipts import fate_of
from lotline.core.messaging.text import TextState, state_of
from lotline.store.arrivals import ArrivalRow, ReceiptRow, record_arrivals, record_receipts
from lotline.store.events import record_events
from lotline.store.ledger import Leaves
from lotline.store.standing import Contact
from lotline.store.texts import (
    Told,
    find_by_carrier,
    load_texts,
    lock_texts,
    set_fates,
    settle_conversations,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lotline.actions.context import Context
    from lotline.store.database import Tx

_BEFORE_ANSWER = frozenset({TextState.SENDING.value, TextState.UNKNOWN.value})


@dataclass(frozen=True, slots=True)
class Heard:
    """A receipt that was proved to come from the carrier."""

    group_id: UUID
    receipt: Receipt
    raw: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Noted:
    """What became of one receipt. `known` is False when no text of ours is meant."""

    known: bool
    repeated: bool = False


def take_receipts(ctx: Context, heard: Sequence[Heard]) -> list[Noted]:
    """All of them or none, one transaction for each group; answers in the order asked."""
    by_group: dict[UUID, list[int]] = defaultdict(list)
    for n, one in enumerate(heard):
        by_group[one.group_id].append(n)
    noted: dict[int, Noted] = {}
    for group_id, places in by_group.items():
        several = [heard[n] for n in places]
        done = again(partial(_take, ctx, group_id, several))
        noted.update(zip(places, done, strict=True))
    return [noted[n] for n in range(len(heard))]


def _take(ctx: Context, group_id: UUID, heard: Sequence[Heard]) -> list[Noted]:
    now = ctx.now()
    with ctx.db.transaction(group_id) as tx:
        found = [_text_of(tx, one.receipt) for one in heard]
        seen = {row.id: row for row in load_texts(tx, {one for one in found if one is not None})}
        found = [one if one in seen else None for one in found]
        stops = [
            (seen[one].contact_id, said.receipt.to_number)
            for one, said in zip(found, heard, strict=True)
            if one is not None and _opted_out(said.receipt)
        ]
        contacts = lock_with_holders(tx, (row.contact_id for row in seen.values()), stops)
        rows = lock_texts(tx, seen)
        ids = [ctx.new_id() for _ in heard]
        new = record_arrivals(
            tx,
            [
                _arrival_row(row_id, one, rows[text_id], contacts, now)
                for row_id, one, text_id in zip(ids, heard, found, strict=True)
                if text_id is not None
            ],
        )
        fresh = [
            (one.receipt, text_id)
            for row_id, one, text_id in zip(ids, heard, found, strict=True)
            if text_id is not None and row_id in new
        ]
        _fold(ctx, tx, fresh, rows, contacts, now)
    return [
        Noted(known=text_id is not None, repeated=text_id is not None and row_id not in new)
        for row_id, text_id in zip(ids, found, strict=True)
    ]


def _fold(  # noqa: PLR0917  # one transaction's worth of values
    ctx: Context,
    tx: Tx,
    fresh: Sequence[tuple[Receipt, UUID]],
    rows: dict[UUID, Any],
    contacts: dict[UUID, Contact],
    now: datetime,
) -> None:
    if not fresh:
        return
    record_receipts(
        tx,
        [
            ReceiptRow(
                ctx.new_id(),
                text_id,
                receipt.word,
                state_of(fate_of(receipt.word, receipt.code)).value,
                receipt.code,
                receipt.at,
            )
            for receipt, text_id in fresh
        ],
    )
    named = {
        text_id: Told(text_id, rows[text_id].state, carrier_id=receipt.carrier_id)
        for receipt, text_id in reversed(fresh)  # the first that came names it
        if rows[text_id].carrier_id is None and receipt.carrier_id
    }
    set_fates(tx, list(named.values()), now)
    moved = fold_states(tx, rows, [text_id for _, text_id in fresh], now)
    leaves = Leaves(tx)
    echoed = [rows[one] for one in moved if rows[one].state in _BEFORE_ANSWER]
    add_text_leaves(tx, echoed, contacts, leaves)
    stops = [
        CarrierStopped(rows[text_id], receipt.to_number)
        for receipt, text_id in fresh
        if _opted_out(receipt)
    ]
    happened = take_carrier_stops(ctx, tx, contacts, stops, leaves=leaves, now=now)
    leaves.write()
    settle_conversations(tx, {rows[one].conversation_id for one in moved})
    record_events(tx, [*happened, *(changed(rows[one]) for one in moved)], now)


def _text_of(tx: Tx, receipt: Receipt) -> UUID | None:
    """Our own reference first; a carrier's id where the reference was lost on the way."""
    try:
        return UUID(receipt.reference)
    except ValueError:
        return find_by_carrier(tx, receipt.carrier_id)


def _arrival_row(
    row_id: UUID, one: Heard, row: Any, contacts: dict[UUID, Contact], now: datetime
) -> ArrivalRow:
    receipt = one.receipt
    return ArrivalRow(
        id=row_id,
        carrier=receipt.carrier,
        account=receipt.account,
        carrier_id=receipt.carrier_id,
        kind=receipt.kind,
        raw=one.raw,
        at=now,
        contact_id=row.contact_id,
        text_id=row.id,
        key=contacts[row.contact_id].key,
    )


def _opted_out(receipt: Receipt) -> bool:
    known = meaning_of(receipt.carrier, receipt.code) if receipt.code else None
    return known is not None and known.kind is RefusalKind.OPTED_OUT
