"""What the carrier answered: kept once, folded with every other word heard on the text.

A receipt may be quicker than the answer to the call it is about, so the answer is one more word
and never overwrites. A refusal because the customer stopped at the carrier is a stop for us too,
and of the number: whoever the text was for may have been erased since, and have written anew.

Not here: the call (`workers.sender`), receipts that come in later (`receipts`).
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID

from lotline.actions.context import again
from lotline.actions.entries import take_entries
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
from lotline.core.consent.entry import Entry, How, Says, Scope, Source
from lotline.core.consent.standing import is_stopped_after_all
from lotline.core.ledger.leaf import LeafKind
from lotline.core.messaging.text import TextState, state_of
from lotline.core.oversight.content import TEXT, text_part
from lotline.store.arrivals import ReceiptRow, load_fates, record_receipts
from lotline.store.barrier import shut
from lotline.store.buckets import give_back
from lotline.store.database import Crossed
from lotline.store.events import Happened, record_events, wake_workers
from lotline.store.ledger import Leaves, load_present
from lotline.store.outbox import Returned, record_returns
from lotline.store.standing import (
    Contact,
    EntryRow,
    find_by_numbers,
    keep_number,
    load_entries,
    load_last_in,
    lock_contacts,
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
    from collections.abc import Iterable, Mapping, Sequence
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
        holders = find_holders(tx, (one.outgoing.to for one in opted_out))
        shut(tx, [*(one.due.contact_id for one in opted_out), *holders])
        contacts = lock_contacts(tx, [*(one.due.contact_id for one, _ in answered), *holders])
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
        happened = take_carrier_stops(ctx, tx, contacts, stops, leaves, now)
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


@dataclass(frozen=True, slots=True)
class CarrierStopped:
    """A carrier's stop list holds `number`; it said so of the text in `row`."""

    row: Any
    number: str = field(repr=False)  # empty when the carrier did not say


def find_holders(tx: Tx, numbers: Iterable[str]) -> list[UUID]:
    """Who has these numbers now, to be locked with those whom the texts were for."""
    wanted = {one for one in numbers if one}
    return [one.id for one in find_by_numbers(tx, wanted).values()] if wanted else []


def take_carrier_stops(  # noqa: PLR0917  # one transaction's worth of values
    ctx: Context,
    tx: Tx,
    contacts: dict[UUID, Contact],
    stops: Sequence[CarrierStopped],
    leaves: Leaves,
    now: datetime,
) -> list[Happened]:
    """A stop that a carrier told us of, for who has none yet."""
    if not stops:
        return []
    new: dict[UUID, EntryRow] = {}
    for one in stops:
        new[one.row.contact_id] = _carrier_stop(ctx, one.row.contact_id, one.row.id, now)
        holder = _holder(tx, contacts, one)
        if holder not in new:  # their entry names no text: it was another's, who is erased
            new[holder] = _carrier_stop(ctx, holder, None, now)
    known, wrote = load_entries(tx, new), load_last_in(tx, new)
    rows = [
        row for who, row in new.items() if not is_stopped_after_all(known[who], wrote.get(who), now)
    ]
    return take_entries(ctx, tx, contacts, rows, leaves=leaves, now=now, known=known)


def _holder(tx: Tx, contacts: dict[UUID, Contact], stopped: CarrierStopped) -> UUID:
    """Whom the number finds. An erased contact whose number was forgotten has it back as a hash, as
    if the stop had been there before: a stop outlives its person.
    """
    meant: UUID = stopped.row.contact_id
    found = find_by_numbers(tx, [stopped.number] if stopped.number else ())
    for known in found.values():
        if known.id not in contacts:
            raise Crossed("a number found its contact while we waited")
        return known.id
    if contacts[meant].key is None and stopped.number:
        keep_number(tx, meant, stopped.number)
    return meant


def _carrier_stop(ctx: Context, contact_id: UUID, text_id: UUID | None, now: datetime) -> EntryRow:
    """The carrier's stop list holds them: whoever refuses for them speaks for them."""
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
