"""Customers' texts come in: stored, heard and followed, in one transaction, before the carrier
is told that we have them.

Hearing comes before everything else. A stop empties the queue to that person in the same
transaction, and what is in a carrier's hands at that moment is waited for.

Not here: proving that a call came from the carrier (`web.edge.hooks`), receipts (`receipts`).
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

from lotline.actions.context import again
from lotline.actions.entries import take_entries
from lotline.actions.heard import ask_about, detach_strangers
from lotline.actions.hearing import (
    BURST,
    PIECES,
    SHUTS,
    Before,
    answers_to,
    entries_of,
    hear_arrival,
    level_after,
)
from lotline.actions.notices import Answer, send_notices
from lotline.actions.screening import flag_arrived
from lotline.core.carriers.port import Arrival
from lotline.core.consent.entry import Entry, Scope
from lotline.core.consent.hearing.hear import Heard
from lotline.core.consent.standing import Level, Standing, standing_on_record
from lotline.core.ledger.leaf import LeafKind
from lotline.core.oversight.content import TEXT, text_part
from lotline.store.arrivals import (
    ArrivalRow,
    ArrivedText,
    Thread,
    ask_for_threads,
    record_arrivals,
    record_arrived,
)
from lotline.store.barrier import shut
from lotline.store.conversations import Happening, record_happenings
from lotline.store.events import Happened, record_events
from lotline.store.heard import ask_for_said
from lotline.store.ledger import Leaves
from lotline.store.standing import (
    Contact,
    EntryRow,
    Known,
    ask_by_hashes,
    ask_for_entries,
    ask_to_lock,
    find_by_numbers,
    hashes_of,
    record_contacts,
    revive,
)
from lotline.store.watch import ask_for_watches

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lotline.actions.context import Context
    from lotline.store.database import Tx
    from lotline.store.heard import Said
    from lotline.store.watch import Watches

_UNANSWERED = frozenset({"none", "hold", "partial"})


@dataclass(frozen=True, slots=True)
class Verified:
    """A call that was proved to come from the carrier, for one of our lines."""

    group_id: UUID
    line_id: UUID
    arrival: Arrival
    raw: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one call. `repeated`: it was there already, and nothing was done."""

    repeated: bool
    text_id: UUID | None = None
    heard: str = ""


@dataclass(slots=True)
class _Item:
    """One call on its way through the transaction."""

    verified: Verified
    text_id: UUID
    arrival_id: UUID
    contact_id: UUID
    heard: Heard
    thread: Thread | None = None


def receive(ctx: Context, arrivals: Sequence[Verified]) -> list[Outcome]:
    """All of them or none: one transaction for each group. Answers come in the order asked."""
    by_group: dict[UUID, list[int]] = defaultdict(list)
    for n, one in enumerate(arrivals):
        by_group[one.group_id].append(n)
    outcomes: dict[int, Outcome] = {}
    for group_id, places in by_group.items():
        several = [arrivals[n] for n in places]
        done = again(partial(_receive, ctx, group_id, several))
        outcomes.update(zip(places, done, strict=True))
    return [outcomes[n] for n in range(len(arrivals))]


def _receive(ctx: Context, group_id: UUID, arrivals: Sequence[Verified]) -> list[Outcome]:
    now = ctx.now()
    with ctx.db.transaction(group_id, by_key=True) as tx:
        hashes = hashes_of(tx, {one.arrival.from_number for one in arrivals})
        with tx.together():
            known = ask_by_hashes(tx, hashes)
            said = ask_for_said(tx, hashes, now - BURST, PIECES)
            watched = ask_for_watches(tx)
            by_number = _contacts_of(ctx, tx, arrivals, known(), now)
            recent = said({one.id: one.key for one in by_number.values()})
            watches = watched()
        items = _heard(ctx, arrivals, by_number, recent)
        # Nothing may be in a carrier's hands when a stop is stored; before any row is locked.
        shut(tx, (one.contact_id for one in items if one.heard.decision in SHUTS))
        ids = {one.contact_id for one in items}
        with tx.together():
            locked = ask_to_lock(tx, ids)
            opened = ask_for_threads(
                tx, ((one.contact_id, one.verified.line_id) for one in items), ctx.new_id, now
            )
            entered = ask_for_entries(tx, ids)
            contacts, threads, entries = locked(), opened(), entered()
            for one in items:
                one.thread = threads[one.contact_id, one.verified.line_id]
            new_ids = record_arrivals(tx, [_arrival_row(one, contacts, now) for one in items])
            new = [one for one in items if one.arrival_id in new_ids]
            if new:
                _follow(ctx, tx, new, contacts, entries=entries, watches=watches, now=now)
    return [
        Outcome(False, one.text_id, one.heard.decision)
        if one.arrival_id in new_ids
        else Outcome(True)
        for one in items
    ]


def _contacts_of(
    ctx: Context, tx: Tx, arrivals: Sequence[Verified], known: dict[str, Known], now: datetime
) -> dict[str, Known]:
    """The contact behind each number, made where a stranger writes for the first time."""
    numbers = {one.arrival.from_number for one in arrivals}
    strangers = sorted(numbers - known.keys())
    if strangers:
        record_contacts(tx, strangers, ctx.new_id, now)
        known |= find_by_numbers(tx, strangers)
    for number, one in known.items():
        if one.erased:
            revive(tx, one.id, number)
    return known


def _heard(
    ctx: Context,
    arrivals: Sequence[Verified],
    by_number: dict[str, Known],
    recent: dict[UUID, Said],
) -> list[_Item]:
    """Each text heard, beside what we sent them last and what they wrote just before."""
    levels = {one.id: one.level for one in by_number.values()}
    items = []
    for one in arrivals:
        known = by_number[one.arrival.from_number]
        ours, said = recent[known.id]
        before = Before(
            ours=tuple(ours),
            theirs=tuple(said),
            out=levels[known.id] == Level.OUT,
            doubted=levels[known.id] == Level.CHECK,
        )
        heard = hear_arrival(one.arrival, before)
        levels[known.id] = level_after(levels[known.id], heard)
        if heard.decision in {"none", "hold"}:
            said.append(one.arrival.body)
        else:
            said.clear()
        items.append(_Item(one, ctx.new_id(), ctx.new_id(), known.id, heard))
    return items


def _arrival_row(one: _Item, contacts: dict[UUID, Contact], now: datetime) -> ArrivalRow:
    arrival = one.verified.arrival
    return ArrivalRow(
        id=one.arrival_id,
        carrier=arrival.carrier,
        account=arrival.account,
        carrier_id=arrival.carrier_id,
        kind=arrival.kind,
        raw=one.verified.raw,
        at=now,
        contact_id=one.contact_id,
        text_id=one.text_id,
        key=contacts[one.contact_id].key,
    )


def _follow(
    ctx: Context,
    tx: Tx,
    new: Sequence[_Item],
    contacts: dict[UUID, Contact],
    *,
    entries: dict[UUID, list[Entry]],
    watches: Watches,
    now: datetime,
) -> None:
    """Keep the texts, then what was heard in them, then what must be answered at once."""
    leaves = Leaves(tx)
    texts = [_text_of(one, contacts[one.contact_id], now) for one in new]
    record_arrived(tx, texts)
    flag_arrived(ctx, tx, texts, watches, now)
    for text in texts:
        _add_leaf(leaves, text, contacts[text.thread.contact_id])
    standings = {one: standing_on_record(said, now) for one, said in entries.items()}
    rows: list[EntryRow] = []
    told, answers = [], []
    for one, text in zip(new, texts, strict=True):
        before = standings[one.contact_id]
        arrival = one.verified.arrival
        acts = entries_of(ctx, arrival, one.heard, before=before, text=text, now=now)
        told += [(text, row) for row in acts]
        rows += acts
        which = answers_to(arrival, one.heard, before)
        if which is not None:
            answers.append(Answer(which, text.thread, contacts[one.contact_id]))
            standings[one.contact_id] = _after(before, one.heard, now)
    happened = [_came_in(text) for text in texts]
    happened += take_entries(ctx, tx, contacts, rows, leaves=leaves, now=now, known=entries)
    ask_about(ctx, tx, told, now)
    detach_strangers(tx, rows, contacts)
    happened += send_notices(ctx, tx, answers, leaves, now)
    leaves.write()
    _note_happenings(ctx, tx, new, now)
    record_events(tx, happened, now)


def _text_of(one: _Item, contact: Contact, now: datetime) -> ArrivedText:
    arrival, heard = one.verified.arrival, one.heard
    assert one.thread is not None, "each text has its conversation by now"
    assert contact.key is not None, "who writes has a key"
    return ArrivedText(
        id=one.text_id,
        thread=one.thread,
        body=arrival.body,
        key=contact.key,
        carrier_id=arrival.carrier_id,
        at=now,
        segments=arrival.segments,
        heard={
            "decision": heard.decision,
            "label": heard.label,
            "scope": heard.scope,
            "layer": heard.layer,
            "score": heard.score,
            "because": heard.because,
        },
        flagged=heard.decision in {"hold", "partial", "wrong_number"},
        waits=heard.decision in _UNANSWERED,
        media=[{"url": one.url, "type": one.content_type} for one in arrival.media],
    )


def _add_leaf(leaves: Leaves, text: ArrivedText, contact: Contact) -> None:
    part = text_part(
        text.id,
        contact=text.thread.contact_id,
        line=text.thread.line_id,
        direction="in",
        sender="customer",
        author=None,
        purpose=None,
        body=text.body,
        added=None,
        media=text.media,
        written_at=text.at,
    )
    leaves.add(LeafKind.TEXT, text.id, {TEXT: part}, text.at, contact.chain)


def _came_in(text: ArrivedText) -> Happened:
    thread = text.thread
    return Happened(
        "text.in", thread.store_id, thread.line_id, thread.id, thread.contact_id, text.id
    )


_HAPPENINGS = {
    "block": "stop",
    "partial": "stop_offers",
    "start": "start",
    "wrong_number": "wrong_number",
    "hold": "doubt",
}


def _note_happenings(ctx: Context, tx: Tx, new: Sequence[_Item], now: datetime) -> None:
    """A line in the conversation where a text changed what may be sent."""
    noted = [
        Happening(
            ctx.new_id(),
            one.thread.id,
            one.contact_id,
            _HAPPENINGS[one.heard.decision],
            {"layer": one.heard.layer},
        )
        for one in new
        if one.heard.decision in _HAPPENINGS and one.thread is not None
    ]
    record_happenings(tx, noted, now)


def _after(before: Standing, heard: Heard, now: datetime) -> Standing:
    """Enough of the new standing that the next text of the same batch is not confirmed again."""
    if heard.decision == "block":
        return replace(before, stopped=Scope.ALL, stopped_at=now)
    return before
