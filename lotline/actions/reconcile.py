"""Texts of which nobody knows whether they left: looked for at the carrier, then put to a person.

Nothing here ever sends. A text that the carrier's list shows takes the carrier's word, a stop that
it tells of among them; one that cannot be told apart, or is not there, stays unknown until a person
says what they found.

Not here: the carrier's echo in a receipt, which settles most of them first (`receipts`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID

from lotline.actions.carrier_stops import CarrierStopped, lock_with_holders, take_carrier_stops
from lotline.actions.composing import split
from lotline.actions.context import again, must_reach
from lotline.actions.errors import NotAllowed, NotYours, Refused
from lotline.actions.outcome import add_text_leaves, changed, fold_states
from lotline.core.carriers.errors import meaning_of
from lotline.core.carriers.port import Found, Outgoing, ReceiptWord, RefusalKind, Search, Seen
from lotline.core.carriers.receipts import fate_of
from lotline.core.carriers.unknowns import Matched, decide_match
from lotline.core.messaging.text import TextState, state_of
from lotline.core.people.roles import may_text
from lotline.store.arrivals import ReceiptRow, record_receipts
from lotline.store.events import record_event, record_events
from lotline.store.groups import load_group_ids
from lotline.store.ledger import Leaves
from lotline.store.outbox import load_sending_lines
from lotline.store.standing import lock_contacts
from lotline.store.texts import (
    Told,
    load_taken,
    load_text,
    load_unsettled,
    lock_texts,
    open_body,
    set_fates,
    set_states,
    settle_conversations,
)

if TYPE_CHECKING:
    from collections.abc import Collection

    from lotline.actions.context import Context
    from lotline.store.database import Tx
    from lotline.store.shown import Viewer

_LOOKED_BACK = timedelta(minutes=5)  # the carrier's clock is not ours


@dataclass(frozen=True, slots=True)
class Unsettled:
    """A text that may have left, and what to look for."""

    group_id: UUID
    text_id: UUID
    since: datetime
    search: Search
    outgoing: Outgoing
    carrier: str


def unsettled(ctx: Context, waits: Collection[UUID] = (), limit: int = 50) -> list[Unsettled]:
    """What was being sent when something broke, or got no clear answer; cut-off ones are marked.

    As many of each company as `limit` says, whatever is cut off first; what `waits` is left out,
    and after an hour a person decides, for then the carrier's list knows no better than they.
    """
    found: list[Unsettled] = []
    for group_id in load_group_ids(ctx.db):
        found += again(partial(unsettled_of, ctx, group_id, waits, limit))
    return found


def unsettled_of(
    ctx: Context, group_id: UUID, waits: Collection[UUID] = (), limit: int = 50
) -> list[Unsettled]:
    """The same of one company."""
    now = ctx.now()
    before = now - timedelta(seconds=ctx.settings.settle_after_s)
    since = now - timedelta(seconds=ctx.settings.give_up_s)
    with ctx.db.transaction(group_id) as tx:
        rows = load_unsettled(tx, before, since, waits, limit)
        if not rows:
            return []
        contacts = lock_contacts(tx, (row.contact_id for row in rows))
        texts = lock_texts(tx, (row.id for row in rows))
        cut_off = {one: "unknown" for one, row in texts.items() if row.state == "sending"}
        set_states(tx, cut_off, now)
        record_events(tx, [changed(texts[one]) for one in cut_off], now)
        lines = load_sending_lines(tx, {row.line_id for row in texts.values()})
        still = [row for row in texts.values() if row.state in {"sending", "unknown"}]
        return [
            _to_look_for(tx, row, contacts[row.contact_id], lines[row.line_id]) for row in still
        ]


def _to_look_for(tx: Tx, row: Any, contact: Any, line: Any) -> Unsettled:
    body, added = open_body(tx, contact.key, row)
    since = (row.handed_at or row.created_at) - _LOOKED_BACK
    outgoing = Outgoing(
        reference=str(row.id),
        account=line.account,
        to=contact.number,
        body=split(added).around(body) or "-",
        callback_url="",
        from_number=line.number,
        messaging_service=line.messaging_service,
    )
    search = Search(
        account=line.account,
        to=contact.number,
        since=since,
        from_number=line.number,
        messaging_service=line.messaging_service,
    )
    return Unsettled(tx.group_id, row.id, row.state_at, search, outgoing, line.carrier)


def settle(ctx: Context, one: Unsettled, found: Found) -> bool:
    """Take the carrier's word where exactly one of its texts can be ours. False: still unknown."""
    return again(partial(_settle, ctx, one, found))


def _settle(ctx: Context, one: Unsettled, found: Found) -> bool:
    now = ctx.now()
    with ctx.db.transaction(one.group_id) as tx:
        seen = load_text(tx, one.text_id)
        assert seen is not None, "texts are never deleted"
        told = any(_opted_out(one, text) for text in found.texts)
        stopped = [(seen.contact_id, one.search.to)] if told else []
        contacts = lock_with_holders(tx, [seen.contact_id], stopped)
        rows = lock_texts(tx, [one.text_id])
        row = rows[one.text_id]
        if row.state not in {"sending", "unknown"}:
            return True
        taken = load_taken(tx, (text.carrier_id for text in found.texts))
        match = decide_match(one.outgoing, found, taken)
        if not isinstance(match, Matched):
            return False
        _take_word(ctx, tx, rows, match.text, now)
        leaves = Leaves(tx)
        add_text_leaves(tx, [row], contacts, leaves)
        stops = [CarrierStopped(row, one.search.to)] if _opted_out(one, match.text) else []
        happened = take_carrier_stops(ctx, tx, contacts, stops, leaves=leaves, now=now)
        leaves.write()
        settle_conversations(tx, [row.conversation_id])
        record_events(tx, [*happened, changed(row)], now)
        return True


def _opted_out(one: Unsettled, seen: Seen) -> bool:
    return bool(seen.code) and meaning_of(one.carrier, seen.code).kind is RefusalKind.OPTED_OUT


def _take_word(ctx: Context, tx: Tx, rows: dict[UUID, Any], seen: Seen, now: datetime) -> None:
    (row,) = rows.values()
    state = state_of(fate_of(seen.word, seen.code)).value
    record_receipts(tx, [ReceiptRow(ctx.new_id(), row.id, seen.word, state, seen.code, now)])
    set_fates(tx, [Told(row.id, row.state, None, seen.carrier_id, seen.segments)], now)
    fold_states(tx, rows, [row.id], now)


def settle_by_hand(ctx: Context, viewer: Viewer, text_id: UUID, *, sent: bool) -> None:
    """A person looked at the carrier, or asked the customer, and says what became of it."""
    if not may_text(viewer.role):
        raise NotAllowed
    again(partial(_by_hand, ctx, viewer, text_id, sent=sent))


def _by_hand(ctx: Context, viewer: Viewer, text_id: UUID, *, sent: bool) -> None:
    now = ctx.now()
    with ctx.db.transaction(viewer.group_id) as tx:
        seen = load_text(tx, text_id)
        if seen is None:
            raise NotYours
        must_reach(viewer, seen.line_id)
        contacts = lock_contacts(tx, [seen.contact_id])
        rows = lock_texts(tx, [text_id])
        row = rows[text_id]
        if row.state != TextState.UNKNOWN:
            raise Refused("This text is not unknown any more.")
        word = ReceiptWord.SENT if sent else ReceiptWord.FAILED
        state = state_of(fate_of(word)).value
        code = "" if sent else "by_hand"
        record_receipts(tx, [ReceiptRow(ctx.new_id(), row.id, word, state, code, now)])
        fold_states(tx, rows, [text_id], now)
        if sent:
            leaves = Leaves(tx)
            add_text_leaves(tx, [row], contacts, leaves)
            leaves.write()
        settle_conversations(tx, [row.conversation_id])
        record_event(
            tx,
            "text.state",
            at=now,
            line_id=row.line_id,
            conversation_id=row.conversation_id,
            contact_id=row.contact_id,
            subject_id=row.id,
        )
