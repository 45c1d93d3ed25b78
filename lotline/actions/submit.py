"""A person presses Send: one tap becomes one text, with a decision, whatever is doubled or retried.

Allowed, it waits out its seconds of undo; held, it waits for its hour; refused, it is kept as a
try and its words go back to the box. Nothing leaves from here.

Not here: leaving (`dispatch`), taking it back (`undo`), what software sends (`notices`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

from lotline.actions.composing import LONGEST, Composed, Draft, compose, compose_all, joined
from lotline.actions.context import again, must_reach
from lotline.actions.errors import NotAllowed, NotYours, Refused, Stale
from lotline.actions.keeping import keep_text, place_of, reasons_of, text_of
from lotline.actions.notes import keep_notes
from lotline.actions.screening import flag_of
from lotline.core.gate.decision import Decision, Verdict
from lotline.core.gate.facts import Facts
from lotline.core.messaging.purpose import Guess, Purpose
from lotline.core.messaging.segments import Segments
from lotline.core.people.roles import may_text
from lotline.store.decisions import load_newest_decisions
from lotline.store.events import Happened, record_events
from lotline.store.ledger import Leaves
from lotline.store.review import record_flags
from lotline.store.standing import Contact, load_key, lock_contacts
from lotline.store.stream import read_cursor
from lotline.store.texts import (
    Where,
    drop_draft,
    find_by_client,
    find_newer,
    load_where,
    settle_conversations,
    take_conversation,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lotline.actions.context import Context
    from lotline.store.database import Tx
    from lotline.store.shown import Viewer

UNDO_MAX_S = 60
NO_HOUR = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Preview:
    """What would happen to a text if it were sent now."""

    decision: Decision
    guess: Guess
    purpose: Purpose
    laxer: bool
    segments: Segments
    added: str
    body: str
    template_gaps: tuple[str, ...]
    facts: Facts


@dataclass(frozen=True, slots=True)
class Submitted:
    """What became of a tap. `repeated`: this very tap was handled before."""

    text_id: UUID
    state: str
    decision: Decision
    due_at: datetime | None
    repeated: bool


@dataclass(frozen=True, slots=True)
class _Tap:
    """One press of Send, as it reached us."""

    conversation_id: UUID
    body: str
    client_id: UUID
    purpose: Purpose | None
    why: str
    seen: str | None
    anyway: bool
    send_at: datetime | None


def preview(
    ctx: Context,
    viewer: Viewer,
    conversation_id: UUID,
    body: str,
    purpose: Purpose | str | None = None,
    *,
    at: datetime | None = None,
) -> Preview:
    """Advice while it is being written; the click decides, and the moment of leaving binds.

    With `at` it is what the same facts would come to at another moment, to try a text.
    """
    return preview_each(ctx, viewer, conversation_id, [(body, purpose)], at=at)[0]


def preview_each(
    ctx: Context,
    viewer: Viewer,
    conversation_id: UUID,
    asked: Sequence[tuple[str, Purpose | str | None]],
    *,
    at: datetime | None = None,
) -> list[Preview]:
    """The same of several texts that could be written, on the same facts."""
    now = ctx.now() if at is None else at
    with ctx.db.transaction(viewer.group_id, by_key=True) as tx:
        where = _where(tx, viewer, conversation_id)
        key = load_key(tx, where.contact_id)
        drafts = [
            Draft(where, key, body[:LONGEST], read_purpose(purpose), now, viewer)
            for body, purpose in asked
        ]
        several = compose_all(ctx, tx, drafts)
    return [
        Preview(
            made.decision,
            made.guess,
            made.purpose,
            made.laxer,
            made.segments,
            joined(made.added),
            made.body,
            made.gaps,
            made.facts,
        )
        for made in several
    ]


def submit(
    ctx: Context,
    viewer: Viewer,
    conversation_id: UUID,
    body: str,
    *,
    client_id: UUID,
    purpose: Purpose | str | None = None,
    why: str = "",
    seen: str | None = None,
    anyway: bool = False,
    send_at: datetime | None = None,
) -> Submitted:
    """Keep the text with its decision and let it wait. `seen` is the cursor of their page."""
    if not may_text(viewer.role):
        raise NotAllowed
    if not body.strip():
        raise Refused("Type a text first.")
    if len(body) > LONGEST:
        raise Refused(f"A text can be {LONGEST} characters at most.")
    tap = _Tap(
        conversation_id, body, client_id, read_purpose(purpose), why.strip(), seen, anyway, send_at
    )
    return again(partial(_submit, ctx, viewer, tap))


def _submit(ctx: Context, viewer: Viewer, tap: _Tap) -> Submitted:
    now = ctx.now()
    with ctx.db.transaction(viewer.group_id) as tx:
        where = _where(tx, viewer, tap.conversation_id)
        contact = lock_contacts(tx, [where.contact_id])[where.contact_id]
        # Under the contact's lock a doubled tap finds what the first one made.
        earlier = find_by_client(tx, viewer.member_id, tap.client_id)
        if earlier is not None:
            decision = load_newest_decisions(tx, [earlier.id])[earlier.id].decision
            return Submitted(earlier.id, earlier.state, decision, earlier.due_at, repeated=True)
        if contact.key is None:
            raise Refused("This customer's data was erased.")
        if tap.seen is not None and not tap.anyway:
            _must_be_fresh(tx, viewer, where, tap.seen, now)
        at = max(now, tap.send_at) if tap.send_at else now
        draft = Draft(where, contact.key, tap.body, tap.purpose, at, viewer)
        made = compose(ctx, tx, draft)
        if made.gaps:
            raise Refused(f"Fill in: {', '.join(made.gaps)}.")
        if made.laxer and not tap.why:
            raise Refused("Say why this is not what it looks like.")
        return _keep(ctx, tx, tap, draft, made, contact=contact, now=now)


def _keep(
    ctx: Context,
    tx: Tx,
    tap: _Tap,
    draft: Draft,
    made: Composed,
    *,
    contact: Contact,
    now: datetime,
) -> Submitted:
    where, viewer = draft.where, draft.author
    state, kind, due_at = _fate(ctx, viewer, tap, made.decision, now)
    text = text_of(ctx, draft, made, state, client_id=tap.client_id, device_id=viewer.device_id)
    leaves = Leaves(tx)
    keep_text(
        ctx,
        tx,
        text,
        contact,
        facts=made.facts,
        decision=made.decision,
        leaves=leaves,
        now=now,
        kind=kind,
        due_at=due_at,
    )
    flag = flag_of(
        ctx, text, made.facts, made.decision, store_id=where.store_id, one_in=made.sample
    )
    record_flags(tx, [flag] if flag is not None else [], now)
    keep_notes(ctx, tx, viewer, reasons_of(draft, made, tap.why))
    if state != "blocked":
        take_conversation(tx, where.id, viewer.member_id)
        drop_draft(tx, where.id, viewer.member_id)
    settle_conversations(tx, [where.id])
    leaves.write()
    place = place_of(where)
    record_events(
        tx, [Happened("text.out", *place, text.id), Happened("conversation", *place)], now
    )
    return Submitted(text.id, state, made.decision, due_at, repeated=False)


def _fate(
    ctx: Context, viewer: Viewer, tap: _Tap, decision: Decision, now: datetime
) -> tuple[str, str, datetime | None]:
    """As `fate_of`; what may go at once waits out its author's seconds of undo."""
    fate = fate_of(decision, send_at=tap.send_at, now=now)
    if fate is not None:
        return fate
    asked = viewer.settings.get("undo_s", ctx.settings.undo_s)
    undo_s = min(max(int(asked), ctx.settings.undo_s), max(UNDO_MAX_S, ctx.settings.undo_s))
    return "queued", "undo", now + timedelta(seconds=undo_s)


def fate_of(
    decision: Decision, *, send_at: datetime | None, now: datetime
) -> tuple[str, str, datetime | None] | None:
    """State, kind of waiting and until when; a hold without an hour waits for a person, and is
    looked at again every day.

    None when nothing keeps it from going now.
    """
    if decision.verdict is Verdict.BLOCK:
        return "blocked", "", None
    if decision.verdict is Verdict.HOLD:
        return "held", "hold", decision.hold_until or now + NO_HOUR
    if send_at is not None and send_at > now:
        return "held", "schedule", send_at
    return None


def _where(tx: Tx, viewer: Viewer, conversation_id: UUID) -> Where:
    where = load_where(tx, conversation_id)
    if where is None:
        raise NotYours
    must_reach(viewer, where.line_id)
    return where


def _must_be_fresh(tx: Tx, viewer: Viewer, where: Where, seen: str, now: datetime) -> None:
    cursor = read_cursor(seen)
    if cursor is None:
        return  # a page from before its cursors meant anything: the gate still decides
    newer = find_newer(tx, where, viewer.member_id, cursor)
    if newer is not None:
        seconds = max(0, int((now - newer.happened_at).total_seconds()))
        raise Stale(newer.by_name, newer.what, seconds)


def read_purpose(said: Purpose | str | None) -> Purpose | None:
    """What a person may pick: the notices are software's alone."""
    if not said:
        return None
    try:
        purpose = Purpose(said)
    except ValueError:
        raise Refused("A text is a reply, an update or an offer.") from None
    if purpose not in {Purpose.REPLY, Purpose.UPDATE, Purpose.OFFER}:
        raise Refused("A text is a reply, an update or an offer.")
    return purpose
