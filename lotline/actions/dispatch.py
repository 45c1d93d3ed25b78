"""A text leaves: claimed, looked at again under lock, marked, handed over, and its answer kept.

The second look is made from fresh facts and may only tighten. Once a text is marked as sending it
may have left, and nothing but the carrier's own word (or a person) says otherwise: a crash between
the mark and the answer leaves it unknown, to be looked for, never to be sent again.

Not here: the HTTP call (`workers.sender`), looking for the unknown (`reconcile`), receipts.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID

from lotline.actions.composing import split
from lotline.actions.context import again, must_trust
from lotline.actions.deciding import keep_looked, look_again
from lotline.actions.submit import NO_HOUR
from lotline.core.carriers.port import Outgoing
from lotline.core.gate.decision import Verdict
from lotline.store.buckets import give_back
from lotline.store.events import Happened, record_events
from lotline.store.ledger import Leaves
from lotline.store.outbox import (
    Due,
    SendingLine,
    load_accounts_of,
    load_next_due,
    load_sending_lines,
    lock_claimed,
    put_back,
    record_claim,
    release,
    remove,
)
from lotline.store.standing import Contact, lock_contacts
from lotline.store.texts import (
    lock_texts,
    mark_sending,
    note_first_out,
    open_body,
    set_states,
    settle_conversations,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from lotline.actions.context import Context
    from lotline.store.database import Tx
    from lotline.store.decisions import Decided

_WAITS = frozenset({"queued", "held"})


@dataclass(frozen=True, slots=True)
class Ready:
    """A text that is marked as sending and must now be handed over, once."""

    due: Due
    outgoing: Outgoing


def claim(ctx: Context, worker: str, limit: int, busy: Sequence[UUID] = ()) -> list[Due]:
    """What is due, held by this worker for the length of its lease; nothing is decided yet.

    Nothing of the `busy` lines: who asks has their carrier's answer still to come.
    """
    now = ctx.now()
    until = now + timedelta(seconds=ctx.settings.lease_s)
    with ctx.db.door() as tx:
        return record_claim(tx, worker=worker, now=now, until=until, limit=limit, busy=busy)


def next_due(ctx: Context) -> datetime | None:
    """When there is something to claim next."""
    with ctx.db.door() as tx:
        return load_next_due(tx)


def accounts_of(ctx: Context, lines: Mapping[UUID, set[UUID]]) -> dict[UUID, tuple[UUID, str]]:
    """Through which account, of which group, each of these lines sends; `lines` by their group."""
    found: dict[UUID, tuple[UUID, str]] = {}
    for group_id, line_ids in lines.items():
        with ctx.db.transaction(group_id) as tx:
            for line_id, account in load_accounts_of(tx, line_ids).items():
                found[line_id] = (group_id, account)
    return found


def prepare(ctx: Context, worker: str, due: Sequence[Due]) -> list[Ready]:
    """The second look. What comes back is marked as sending: from here on it may have left."""
    by_group: dict[UUID, list[Due]] = defaultdict(list)
    for one in due:
        by_group[one.group_id].append(one)
    ready: list[Ready] = []
    for group_id, several in by_group.items():
        ready += again(partial(_prepare, ctx, worker, group_id, several))
    return ready


def _prepare(ctx: Context, worker: str, group_id: UUID, due: Sequence[Due]) -> list[Ready]:
    now = ctx.now()
    by_id = {one.text_id: one for one in due}
    with ctx.db.transaction(group_id) as tx:
        contacts = lock_contacts(tx, (one.contact_id for one in due))
        claimed = lock_claimed(tx, worker, list(by_id))
        # One text of a person at a time: what the second may do depends on the first having left.
        held = claimed & _first_of_each(due)
        rows = lock_texts(tx, held)
        must_trust(now, *(row.created_at for row in rows.values()))
        words = {one: open_body(tx, contacts[row.contact_id].key, row) for one, row in rows.items()}
        # Erased meanwhile: there are no words left to send, also when they wrote again since.
        waiting = [row for row in rows.values() if row.state in _WAITS and words[row.id][0]]
        lines = load_sending_lines(tx, {row.line_id for row in rows.values()})
        looked = look_again(ctx, tx, waiting, now)
        leaves = Leaves(tx)
        with tx.together():
            release(tx, claimed - held)
            keep_looked(tx, looked, leaves, contacts)
            go = _follow(tx, looked, rows, now)
            _drop(tx, held - {row.id for row in waiting}, rows, now)
            leaves.write()
            _settle(tx, rows, go, now)
            record_events(tx, [_changed(rows[one.text_id]) for one in looked], now)
            give_back(tx, [by_id[one] for one in claimed - set(go)])
        return [
            Ready(by_id[one], _outgoing(ctx, rows[one], words[one], contacts, lines)) for one in go
        ]


def _first_of_each(due: Sequence[Due]) -> set[UUID]:
    first: dict[UUID, UUID] = {}
    for one in due:
        first.setdefault(one.contact_id, one.text_id)
    return set(first.values())


def _follow(tx: Tx, looked: Sequence[Decided], rows: dict[UUID, Any], now: datetime) -> list[UUID]:
    """Mark what may go, put back what must wait, end what may never go."""
    go, gone, states = [], [], {}
    until: dict[UUID, datetime] = {}
    for one in looked:
        if one.decision.verdict is Verdict.ALLOW:
            go.append(one.text_id)
        elif one.decision.verdict is Verdict.HOLD:
            states[one.text_id] = "held"
            until[one.text_id] = one.decision.hold_until or now + NO_HOUR
        else:
            states[one.text_id] = "blocked"
            gone.append(one.text_id)
    put_back(tx, until, "hold")
    set_states(tx, {one: state for one, state in states.items() if rows[one].state != state}, now)
    mark_sending(tx, go, now)
    remove(tx, [*go, *gone])
    return go


def _drop(tx: Tx, ids: set[UUID], rows: dict[UUID, Any], now: datetime) -> None:
    """They wait no longer, and nobody decided on them."""
    remove(tx, ids)
    set_states(tx, {one: "cancelled" for one in ids if rows[one].state in _WAITS}, now)


def _settle(tx: Tx, rows: dict[UUID, Any], go: Sequence[UUID], now: datetime) -> None:
    """A queued text that sets out changes nothing that its conversation counts."""
    queued = {one for one in go if rows[one].state == "queued"}
    settle_conversations(
        tx, {row.conversation_id for one, row in rows.items() if one not in queued}
    )
    note_first_out(tx, {rows[one].conversation_id for one in queued}, now)


def _outgoing(
    ctx: Context,
    row: Any,
    words: tuple[str, str],
    contacts: dict[UUID, Contact],
    lines: dict[UUID, SendingLine],
) -> Outgoing:
    line, contact = lines[row.line_id], contacts[row.contact_id]
    body, added = words
    base = f"{ctx.settings.public_url}/hooks/{line.carrier}/{line.account}/status"
    return Outgoing(
        reference=str(row.id),
        account=line.account,
        to=contact.number,
        body=split(added).around(body),
        callback_url=base,
        from_number=line.number,
        messaging_service=line.messaging_service,
    )


def _changed(row: Any) -> Happened:
    return Happened(
        "text.state",
        line_id=row.line_id,
        conversation_id=row.conversation_id,
        contact_id=row.contact_id,
        subject_id=row.id,
    )
