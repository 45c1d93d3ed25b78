"""What the carrier answered: kept once, folded with every other word heard on the text.

A receipt may be quicker than the answer to the call it is about, so the answer is one more word
and never overwrites. A refusal because the customer stopped at the carrier is a stop for us too.

Not here: the call (`workers.sender`), receipts that come in later (`receipts`).
"""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID

from lotline.actions.carrier_stops import CarrierStopped, lock_with_holders, take_carrier_stops
from lotline.actions.context import again
from lotline.core.carriers.port import (
    Busy,
    Outcome,
    ReceiptWord,
    RefusalKind,
    Refused,
    Sent,
    Unknown,
)
from lotline.core.carriers.receipts import Fate, fate_of, merge
from lotline.core.ledger.leaf import LeafKind
from lotline.core.messaging.text import TextState, state_of
from lotline.core.oversight.content import TEXT, text_part
from lotline.store.arrivals import ReceiptRow, load_fates, record_receipts
from lotline.store.buckets import give_back
from lotline.store.events import Happened, record_events, wake_workers
from lotline.store.ledger import Leaves, load_present
from lotline.store.outbox import Returned, record_returns
from lotline.store.standing import (
    Contact,
)
from lotline.store.texts import (
    Told,
    lock_texts,
    open_body,
    set_fates,
    set_states,
    settle_conversations,
    unmark_sending,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from lotline.actions.context import Context
    from lotline.actions.dispatch import Ready
    from lotline.store.database import Tx

BUSY_LONGEST_S = 300.0
# What a conversation counts differently. Any other answer changes nothing that its row says.
_COUNTS = {"failed", "blocked", "cancelled", "held"}

Answered = tuple["Ready", Outcome]


def record_outcomes(ctx: Context, answered: Sequence[Answered]) -> None:
    """Keep what carriers answered. Doing it twice changes nothing."""
    by_group: dict[UUID, list[Answered]] = defaultdict(list)
    for ready, outcome in answered:
        by_group[ready.due.group_id].append((ready, outcome))
    for group_id, several in by_group.items():
        again(partial(_record, ctx, group_id, several))


def _record(ctx: Context, group_id: UUID, answered: Sequence[Answered]) -> None:
    now = ctx.now()
    with ctx.db.transaction(group_id) as tx:
        opted_out = [one for one, said in answered if _opted_out(said)]
        contacts = lock_with_holders(
            tx,
            (one.due.contact_id for one, _ in answered),
            ((one.due.contact_id, one.outgoing.to) for one in opted_out),
        )
        rows = lock_texts(tx, (one.due.text_id for one, _ in answered))
        heard = [
            receipt
            for one, said in answered
            if (receipt := _word_of(ctx, rows[one.due.text_id], said, now)) is not None
        ]
        names = {one.due.text_id: said for one, said in answered if isinstance(said, Sent)}
        told = _told(rows, heard, load_fates(tx, [one.text_id for one in heard]), names)
        with tx.together():
            record_receipts(tx, heard)
            _note(tx, answered, rows, now)
            set_fates(tx, told, now)
        leaves = Leaves(tx)
        left = [rows[one.due.text_id] for one, said in answered if not isinstance(said, Busy)]
        add_text_leaves(tx, left, contacts, leaves)
        stops = [CarrierStopped(rows[one.due.text_id], one.outgoing.to) for one in opted_out]
        happened = take_carrier_stops(ctx, tx, contacts, stops, leaves=leaves, now=now)
        ended = [one.text_id for one in told if _COUNTS & {one.state, rows[one.text_id].state}]
        with tx.together():
            leaves.write()
            settle_conversations(tx, {rows[one].conversation_id for one in ended})
            record_events(tx, [*happened, *(changed(row) for row in rows.values())], now)
            give_back(tx, [one.due for one, said in answered if isinstance(said, Busy)])


def _word_of(ctx: Context, row: Any, said: Outcome, now: datetime) -> ReceiptRow | None:
    if isinstance(said, Sent):
        return ReceiptRow(ctx.new_id(), row.id, said.word, "accepted", "", now)
    if isinstance(said, Refused):
        return ReceiptRow(ctx.new_id(), row.id, ReceiptWord.FAILED, "failed", said.code, now)
    return None


def _note(tx: Tx, answered: Sequence[Answered], rows: dict[UUID, Any], now: datetime) -> None:
    """What a word cannot say: a wait, or that nobody knows."""
    returned, unknown = [], {}
    for one, said in answered:
        if rows[one.due.text_id].state != TextState.SENDING:
            continue
        if isinstance(said, Busy):
            attempts = one.due.attempts + 1
            wait_s = min(max(said.retry_after_s, 1.0) * 2 ** min(attempts - 1, 8), BUSY_LONGEST_S)
            returned.append(Returned(one.due, now + timedelta(seconds=wait_s), attempts))
        elif isinstance(said, Unknown):
            unknown[one.due.text_id] = TextState.UNKNOWN.value
    unmark_sending(tx, [one.due.text_id for one in returned], now)
    record_returns(tx, returned)
    if returned:
        wake_workers(tx)
    set_states(tx, unknown, now)


def _told(
    rows: dict[UUID, Any],
    heard: Sequence[ReceiptRow],
    fates: Mapping[UUID, Fate],
    names: Mapping[UUID, Sent],
) -> list[Told]:
    """What the carrier's answers add up to with all that it said before them."""
    told = []
    for one in heard:
        row = rows[one.text_id]
        fate = merge(fates.get(row.id, Fate()), fate_of(one.word, one.code))
        state, code = state_of(fate, TextState(row.state)).value, fate.code or None
        took = names.get(row.id)
        if took is not None:
            told.append(Told(row.id, state, code, took.carrier_id, took.segments))
        elif state != row.state or (code is not None and code != row.error_code):
            told.append(Told(row.id, state, code))
    return told


def fold_states(
    tx: Tx, rows: dict[UUID, Any], text_ids: Sequence[UUID], now: datetime
) -> list[UUID]:
    """Set each text to what all its words add up to; returns those that changed."""
    told = []
    for text_id, fate in load_fates(tx, text_ids).items():
        row = rows[text_id]
        state = state_of(fate, TextState(row.state))
        code = fate.code or None
        if state.value != row.state or (code is not None and code != row.error_code):
            told.append(Told(text_id, state.value, code))
    set_fates(tx, told, now)
    return [one.text_id for one in told]


def add_text_leaves(
    tx: Tx, rows: Sequence[Any], contacts: dict[UUID, Contact], leaves: Leaves
) -> None:
    """That these were handed to a carrier, once each."""
    there = load_present(tx, [row.id for row in rows])
    for row in rows:
        contact = contacts[row.contact_id]
        if row.id in there or row.handed_at is None:
            continue
        body, added = open_body(tx, contact.key, row)
        part = text_part(
            row.id,
            contact=row.contact_id,
            line=row.line_id,
            direction="out",
            sender=row.sender,
            author=row.author_id,
            purpose=row.purpose,
            body=body,
            added=added or None,
            media=(),
            written_at=row.created_at,
        )
        leaves.add(LeafKind.TEXT, row.id, {TEXT: part}, row.handed_at, contact.chain)


def changed(row: Any) -> Happened:
    """A text's state is worth a look."""
    return Happened(
        "text.state",
        line_id=row.line_id,
        conversation_id=row.conversation_id,
        contact_id=row.contact_id,
        subject_id=row.id,
    )


def _opted_out(said: Outcome) -> bool:
    return isinstance(said, Refused) and said.kind is RefusalKind.OPTED_OUT
