"""What follows when a contact agrees or refuses, by whichever door it came.

The entry is kept with its proof and its leaf; what lists show is refreshed; what was waiting to
leave is asked about again at once, so that a stop empties the queue in the same transaction.

Not here: what the entries add up to (`core.consent`), hearing them in a text (`receive`).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from lotline.actions.deciding import decide_again
from lotline.core.consent.entry import Entry, Says, Scope
from lotline.core.consent.standing import level, standing_on_record
from lotline.core.gate.decision import Verdict
from lotline.core.ledger.leaf import LeafKind
from lotline.core.oversight.content import (
    ENTRY,
    PROOF,
    WORDING,
    entry_part,
    proof_part,
    wording_part,
)
from lotline.store.events import Happened
from lotline.store.optin import load_wording
from lotline.store.outbox import load_waiting_for, remove
from lotline.store.standing import (
    keep_drafts,
    load_conversations_of,
    load_entries,
    load_last_in,
    record_entries,
    set_levels,
)
from lotline.store.texts import lock_texts, set_states, settle_conversations

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from lotline.actions.context import Context
    from lotline.store.database import Tx
    from lotline.store.ledger import Leaves
    from lotline.store.optin import Wording
    from lotline.store.standing import Contact, EntryRow

_CLOSING = frozenset({Says.STOP, Says.WRONG_NUMBER, Says.DOUBT})
_WAITS = frozenset({"queued", "held"})


def take_entries(
    ctx: Context,
    tx: Tx,
    contacts: dict[UUID, Contact],
    rows: Sequence[EntryRow],
    *,
    leaves: Leaves,
    now: datetime,
    known: dict[UUID, list[Entry]] | None = None,
) -> list[Happened]:
    """Keep the entries and do what follows. Their contacts are under lock; returns the events.

    `known` are the earlier entries of these contacts, if they were just read under that lock.
    """
    if not rows:
        return []
    touched = {row.contact_id for row in rows}
    before = known if known is not None else load_entries(tx, touched)
    rows = _last_words(tx, rows, before, now)
    record_entries(tx, rows, contacts)
    wordings = {row.wording_id: load_wording(tx, row.wording_id) for row in rows if row.wording_id}
    for row in rows:
        wording = wordings.get(row.wording_id) if row.wording_id else None
        _add_leaf(leaves, row, contacts[row.contact_id], wording)
        before[row.contact_id].append(row.entry)
    levels = {one: level(standing_on_record(before[one], now)).value for one in touched}
    set_levels(tx, levels, now)
    closed = {row.contact_id for row in rows if row.entry.says in _CLOSING}
    out = {row.contact_id for row in rows if _shuts_the_box(row)}
    happened = stop_waiting(ctx, tx, {one: contacts[one] for one in closed}, leaves, now)
    if out:
        keep_drafts(tx, out, "stop")
    for thread in load_conversations_of(tx, touched):
        for name in ("consent", "consent.stop") if thread.contact_id in out else ("consent",):
            happened.append(
                Happened(name, thread.store_id, thread.line_id, thread.id, thread.contact_id)
            )
    return happened


def _last_words(
    tx: Tx, rows: Sequence[EntryRow], before: dict[UUID, list[Entry]], now: datetime
) -> list[EntryRow]:
    """By a clock that was put back, a stop said now would stand before the yes that it ends, and
    before the question that it closes. What is said now was said after all that is on record.
    """
    closing = [row for row in rows if row.entry.says in _CLOSING and row.entry.said_at == now]
    if not closing:
        return list(rows)
    wrote = load_last_in(tx, {row.contact_id for row in closing})
    return [
        replace(row, entry=say_last(row.entry, before[row.contact_id], wrote.get(row.contact_id)))
        if row in closing
        else row
        for row in rows
    ]


def say_last(entry: Entry, before: Sequence[Entry], wrote_at: datetime | None) -> Entry:
    """The entry, said no earlier than any other and than the customer's newest text."""
    stamps = [one.said_at for one in before]
    newest = max([entry.said_at, *stamps, *([wrote_at] if wrote_at is not None else [])])
    return entry if newest == entry.said_at else replace(entry, said_at=newest)


def stop_waiting(
    ctx: Context, tx: Tx, contacts: dict[UUID, Contact], leaves: Leaves, now: datetime
) -> list[Happened]:
    """Ask again about all that waits for these contacts; what is refused leaves the queue."""
    waiting = load_waiting_for(tx, contacts) if contacts else []
    texts = lock_texts(tx, waiting)
    asked = [row for row in texts.values() if row.state in _WAITS]
    blocked = {
        text_id: "blocked"
        for text_id, decision in decide_again(
            ctx, tx, asked, leaves, now, contacts=contacts, only=Verdict.BLOCK
        )
        if decision.verdict is Verdict.BLOCK
    }
    set_states(tx, blocked, now)
    remove(tx, blocked)
    settle_conversations(tx, {texts[one].conversation_id for one in blocked})
    return [
        Happened(
            "text.state",
            line_id=texts[one].line_id,
            conversation_id=texts[one].conversation_id,
            contact_id=texts[one].contact_id,
            subject_id=one,
        )
        for one in blocked
    ]


def _add_leaf(leaves: Leaves, row: EntryRow, contact: Contact, shown: Wording | None) -> None:
    entry = row.entry
    parts = {
        ENTRY: entry_part(
            entry,
            contact=row.contact_id,
            text=row.text_id,
            member=row.member_id,
            wording=row.wording_id,
        )
    }
    if row.words is not None:
        parts[PROOF] = proof_part(entry.id, row.words)
    if shown is not None:
        parts[WORDING] = wording_part(
            shown.id, name=shown.name, version=shown.version, body=shown.body
        )
    leaves.add(LeafKind.CONSENT, entry.id, parts, entry.heard_at, contact.chain)


def _shuts_the_box(row: EntryRow) -> bool:
    says = row.entry.says
    return says is Says.WRONG_NUMBER or (says is Says.STOP and row.entry.scope is Scope.ALL)
