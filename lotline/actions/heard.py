"""What was heard and what a person makes of it: asked, answered, undone, or left to the clock.

A doubt that nobody answers becomes a stop after one business day. A person may say that a text was
misheard, with a reason that the ledger keeps; what a keyword closed, only the customer opens.

Not here: hearing a text (`hearing`), a stop by another door (`consent`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from lotline.actions.allowed import must
from lotline.actions.context import again
from lotline.actions.entries import take_entries
from lotline.actions.errors import NotYours, Refused
from lotline.actions.notices import Answer, send_notices
from lotline.core.consent.entry import Entry, How, Says, Scope, Source
from lotline.core.messaging.notices import Notice
from lotline.core.oversight.deadline import answer_by
from lotline.core.people.roles import may_record_consent, may_record_stop, may_undo_heard_stop
from lotline.store.arrivals import open_threads
from lotline.store.barrier import shut
from lotline.store.conversations import record_happening
from lotline.store.events import record_events
from lotline.store.heard import (
    Question,
    attach,
    detach,
    find_question,
    load_due,
    load_zones,
    overtake,
    record_answer,
    record_questions,
)
from lotline.store.ledger import Leaves
from lotline.store.standing import (
    EntryRow,
    load_conversations_of,
    load_standings,
    lock_contacts,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from lotline.actions.context import Context
    from lotline.store.arrivals import ArrivedText
    from lotline.store.database import Tx
    from lotline.store.shown import Viewer
    from lotline.store.standing import Contact

ANSWERS = ("stop", "offers", "not_a_stop")
_AT_ONCE = 200  # of one group, each time the clock looks
_WAITS = frozenset({"hold", "partial"})
_ASKED = _WAITS | {"block", "wrong_number"}
_HAPPENS = {"stop": "stop", "offers": "stop_offers", "not_a_stop": "not_a_stop"}


def ask_about(
    ctx: Context, tx: Tx, told: Sequence[tuple[ArrivedText, EntryRow]], now: datetime
) -> None:
    """What was heard by wording is put to a person; a plain stop settles what waited."""
    asked = [(text, row) for text, row in told if _by_wording(text, row)]
    plain = [row.contact_id for _, row in told if row.entry.says is Says.STOP]
    overtake(tx, plain, now)
    zones = load_zones(tx, {text.thread.store_id for text, _ in asked})
    record_questions(
        tx,
        [
            Question(
                id=ctx.new_id(),
                contact_id=row.contact_id,
                conversation_id=text.thread.id,
                text_id=text.id,
                entry_id=row.entry.id,
                decision=text.heard["decision"],
                asked_at=now,
                due_at=_due(ctx, text, now, zones[text.thread.store_id]),
            )
            for text, row in asked
        ],
    )


def _by_wording(text: ArrivedText, row: EntryRow) -> bool:
    """A doubt always; a stop only when no keyword said it."""
    decision = text.heard["decision"]
    return decision == "hold" or (decision in _ASKED and row.entry.how is How.WORDING)


def _due(ctx: Context, text: ArrivedText, now: datetime, zone: str) -> datetime | None:
    """Silence stops only what may be a stop, not a wish to come back."""
    if text.heard["decision"] != "hold" or text.heard["label"] == "reopt_in":
        return None
    return answer_by(ctx.book, now, zone)


def detach_strangers(tx: Tx, rows: Sequence[EntryRow], contacts: dict[UUID, Contact]) -> None:
    """A name that is not theirs leaves the number of whoever said so."""
    for row in rows:
        contact = contacts[row.contact_id]
        if row.entry.says is Says.WRONG_NUMBER and contact.key is not None:
            detach(tx, contact.key, contact.id, contact.number)


def answer_heard(
    ctx: Context, viewer: Viewer, question_id: UUID, answer: str, *, reason: str = ""
) -> UUID:
    """A person read it: they meant a stop, offers only, or no stop. The conversation's id."""
    if answer not in ANSWERS:
        raise Refused("Choose what they meant.")
    must(viewer, may_record_consent if answer == "not_a_stop" else may_record_stop)
    return again(partial(_answer, ctx, viewer, question_id, answer, reason.strip()))


def _answer(ctx: Context, viewer: Viewer, question_id: UUID, answer: str, reason: str) -> UUID:
    now = ctx.now()
    with ctx.db.transaction(viewer.group_id) as tx:
        asked = find_question(tx, viewer, question_id)
        if asked is None:
            raise NotYours
        _may(viewer, asked, answer, reason)
        if answer == "stop":
            shut(tx, [asked.contact_id])
        contacts = lock_contacts(tx, [asked.contact_id])
        if not record_answer(tx, question_id, answer, now, viewer.member_id):
            raise Refused("Somebody has answered this already.")
        rows = [
            EntryRow(
                asked.contact_id,
                entry,
                text_id=asked.text_id,
                member_id=viewer.member_id,
                words={"answer": answer, "reason": reason} if reason else {"answer": answer},
            )
            for entry in _entries(ctx, asked, answer, now)
        ]
        contact = contacts[asked.contact_id]
        notices = _confirmations(ctx, tx, asked, answer=answer, contact=contact, now=now)
        act = _Act(_HAPPENS[answer], now, viewer.member_id)
        _follow(ctx, tx, contact, rows, act=act, notices=notices)
        if answer == "not_a_stop" and asked.decision == "wrong_number" and contact.key is not None:
            attach(tx, contact.key, contact.id, contact.number)
        if answer == "stop":
            overtake(tx, [asked.contact_id], now)
        conversation_id: UUID = asked.conversation_id
        return conversation_id


def _may(viewer: Viewer, asked: Any, answer: str, reason: str) -> None:
    """Only what wording closed opens again here, by somebody who does not sell to them, and why."""
    if asked.answered_at is not None:
        raise Refused("Somebody has answered this already.")
    if answer != "not_a_stop" or asked.decision == "hold":
        return
    if asked.how != How.WORDING:
        raise Refused("They said STOP. Only they can undo it, by texting START.")
    must(viewer, may_undo_heard_stop)
    if not reason:
        raise Refused("Say why this is not a stop.")


def _entries(ctx: Context, asked: Any, answer: str, now: datetime) -> list[Entry]:
    """A confirmation clears what was doubted, or voids the entry that was misheard."""
    stands = answer == "offers" and asked.decision == "partial"
    cleared = Entry(
        id=ctx.new_id(),
        says=Says.CONFIRMED,
        scope=Scope.ALL,
        said_at=now,
        heard_at=now,
        source=Source.TEXT,
        how=How.WORDING,
        corrects=None if stands else asked.entry_id,
    )
    if answer == "not_a_stop" or stands:
        return [cleared]  # a stop of offers stands as it was heard: a person has seen it
    scope = Scope.ALL if answer == "stop" else Scope.OFFERS
    # It names what was doubted, so that its confirmation is counted from when that came.
    stop = _stop(ctx, scope, How.WORDING, now, asked.entry_id)
    return [stop] if answer == "stop" else [cleared, stop]


def _stop(
    ctx: Context, scope: Scope, how: How, now: datetime, corrects: UUID | None = None
) -> Entry:
    return Entry(
        id=ctx.new_id(),
        says=Says.STOP,
        scope=scope,
        said_at=now,
        heard_at=now,
        source=Source.TEXT,
        how=how,
        corrects=corrects,
    )


def settle_unanswered(ctx: Context, group_id: UUID) -> int:
    """What nobody answered in time is a stop of everything. How many."""
    return again(partial(_settle, ctx, group_id))


def _settle(ctx: Context, group_id: UUID) -> int:
    now = ctx.now()
    with ctx.db.transaction(group_id) as tx:
        due = load_due(tx, now, _AT_ONCE)
        if not due:
            return 0
        shut(tx, [one.contact_id for one in due])
        contacts = lock_contacts(tx, [one.contact_id for one in due])
        settled = [one for one in due if record_answer(tx, one.id, "unanswered", now)]
        for contact_id in sorted({one.contact_id for one in settled}):
            row = EntryRow(contact_id, _stop(ctx, Scope.ALL, How.UNANSWERED, now))
            _follow(ctx, tx, contacts[contact_id], [row], act=_Act("stop_unanswered", now))
        overtake(tx, [one.contact_id for one in settled], now)
        return len(settled)


def _confirmations(
    ctx: Context, tx: Tx, asked: Any, *, answer: str, contact: Contact, now: datetime
) -> list[Answer]:
    """The one notice that the stop is owed, while it may still go: counted from their text."""
    which = {"stop": Notice.STOP, "offers": Notice.STOP_OFFERS}.get(answer)
    late = (now - asked.asked_at).total_seconds() > ctx.book.law["confirmation"]["max_s"]
    if which is None or asked.decision != "hold" or late:
        return []  # what was heard as a stop at once was confirmed at once
    stopped = load_standings(tx, [contact.id], now)[contact.id].stopped
    if stopped is Scope.ALL or (which is Notice.STOP_OFFERS and stopped is not None):
        return []
    place = (contact.id, asked.line_id)
    return [Answer(which, open_threads(tx, [place], ctx.new_id, now)[place], contact)]


@dataclass(frozen=True, slots=True)
class _Act:
    """What their conversations say of it: by whom, unless it was the clock."""

    kind: str
    at: datetime
    actor_id: UUID | None = None


def _follow(
    ctx: Context,
    tx: Tx,
    contact: Contact,
    rows: Sequence[EntryRow],
    *,
    act: _Act,
    notices: Sequence[Answer] = (),
) -> None:
    leaves, now = Leaves(tx), act.at
    happened = take_entries(ctx, tx, {contact.id: contact}, rows, leaves=leaves, now=now)
    happened += send_notices(ctx, tx, notices, leaves, now)
    leaves.write()
    talks = [one.id for one in load_conversations_of(tx, [contact.id])]
    names = [ctx.new_id() for _ in talks]
    record_happening(tx, talks, names, act.kind, at=now, actor_id=act.actor_id)
    record_events(tx, happened, now)
