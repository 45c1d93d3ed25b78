"""Texts: what was written, and what the carrier made of it.

A text's state after it left is folded from the carrier's words and never assigned.

Not here: the gate's words on them (`decisions`), what waits to leave (`outbox`), how pages show
them.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

from lotline.store.sealed import open_words, seal_words
from lotline.store.words import written

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from lotline.core.base.sealing import Seal
    from lotline.store.database import Tx


@dataclass(frozen=True, slots=True)
class NewText:
    """A text of ours about to be kept. `added` is what goes with the author's own words."""

    id: UUID
    conversation_id: UUID
    contact_id: UUID
    line_id: UUID
    sender: str
    purpose: str
    body: str
    state: str
    added: str = ""
    segments: int = 1
    author_id: UUID | None = None
    device_id: UUID | None = None
    client_id: UUID | None = None
    purpose_guess: str | None = None
    flagged: bool = False


class Earlier(NamedTuple):
    """A tap that was handled before."""

    id: UUID
    state: str
    due_at: datetime | None


class Where(NamedTuple):
    """The conversation that a text would go into."""

    id: UUID
    contact_id: UUID
    line_id: UUID
    store_id: UUID
    assignee_id: UUID | None
    done_at: datetime | None
    last_in_at: datetime | None
    first_out_at: datetime | None


def find_by_client(tx: Tx, author_id: UUID, client_id: UUID) -> Earlier | None:
    """The text that this very tap already made, if it did."""
    row = tx.one("texts.by_client", author_id=author_id, client_id=client_id)
    return None if row is None else Earlier(*row)


class Named(NamedTuple):
    """A text that a program asked for earlier, under a name of its own."""

    id: UUID
    contact_id: UUID
    line_id: UUID
    purpose: str
    body_ct: bytes
    state: str
    due_at: datetime | None


def find_by_clients(tx: Tx, author_id: UUID, client_ids: Iterable[UUID]) -> dict[UUID, Named]:
    """What these names have made already."""
    wanted = sorted(set(client_ids))
    if not wanted:
        return {}
    rows = tx.all("texts.by_clients", author_id=author_id, client_ids=wanted)
    return {
        row.client_id: Named(
            row.id,
            row.contact_id,
            row.line_id,
            row.purpose,
            bytes(row.body_ct),
            row.state,
            row.due_at,
        )
        for row in rows
    }


class Last(NamedTuple):
    """The customer's last text in a conversation, and when our own last one left to them."""

    id: UUID | None
    body_ct: bytes | None
    created_at: datetime | None
    last_out_at: datetime | None


def load_lasts(tx: Tx, pairs: Sequence[tuple[UUID, UUID]]) -> list[Last]:
    """For each (conversation, contact), in order."""
    rows = tx.all(
        "texts.last_in",
        conversations=[one[0] for one in pairs],
        contacts=[one[1] for one in pairs],
    )
    return [Last(*row) for row in rows]


def load_where(tx: Tx, conversation_id: UUID) -> Where | None:
    """The conversation, without a lock: its contact and line never change."""
    row = tx.one("texts.conversation", conversation_id=conversation_id)
    return None if row is None else Where(*row)


def record_texts(tx: Tx, several: Sequence[tuple[NewText, Seal]], at: datetime) -> int:
    """How many were kept: one whose tap another transaction was quicker with is not."""
    if not several:
        return 0
    group = tx.group_id
    texts = [text for text, _ in several]
    return tx.touched(
        "texts.record",
        ids=[text.id for text in texts],
        conversations=[text.conversation_id for text in texts],
        contacts=[text.contact_id for text in texts],
        lines=[text.line_id for text in texts],
        senders=[text.sender for text in texts],
        authors=[text.author_id for text in texts],
        devices=[text.device_id for text in texts],
        clients=[text.client_id for text in texts],
        purposes=[text.purpose for text in texts],
        guesses=[text.purpose_guess for text in texts],
        bodies=[
            seal_words(key, text.body, "texts", "body_ct", group, text.id) for text, key in several
        ],
        added=[
            seal_words(key, text.added, "texts", "added_ct", group, text.id) if text.added else None
            for text, key in several
        ],
        segments=[text.segments for text in texts],
        states=[text.state for text in texts],
        flagged=[text.flagged for text in texts],
        words=[written(tx.keys, text.body) for text in texts],
        at=at,
    )


def record_text(tx: Tx, text: NewText, key: Seal, at: datetime) -> bool:
    """False when another transaction's tap was quicker: then nothing was kept."""
    return record_texts(tx, [(text, key)], at) == 1


def open_body(tx: Tx, key: Seal | None, row: Any) -> tuple[str, str]:
    """The author's words and what was added to them."""
    return (
        open_words(key, row.body_ct, "texts", "body_ct", tx.group_id, row.id),
        open_words(key, row.added_ct, "texts", "added_ct", tx.group_id, row.id),
    )


def lock_texts(tx: Tx, ids: Iterable[UUID]) -> dict[UUID, Any]:
    """Texts under lock, in order of id. Contacts, where needed, are locked before."""
    return {row.id: row for row in tx.all("texts.lock", ids=sorted(set(ids)))}


def load_text(tx: Tx, text_id: UUID) -> Any:
    """One text without a lock, or None."""
    return tx.one("texts.load", ids=[text_id])


def load_texts(tx: Tx, ids: Iterable[UUID]) -> list[Any]:
    """Several without a lock; who is not there is left out."""
    several = list(ids)
    return tx.all("texts.load", ids=several) if several else []


def find_by_carrier(tx: Tx, carrier_id: str) -> UUID | None:
    """Our text by the carrier's name for it."""
    row = tx.one("texts.by_carrier", carrier_id=carrier_id)
    return None if row is None else row.id


def load_unsettled(
    tx: Tx, before: datetime, since: datetime, waits: Iterable[UUID], limit: int
) -> list[Any]:
    """Handed over before an instant, and still without an answer: cut off, or not known `since`."""
    given = {"before": before, "since": since, "waits": list(waits), "limit": limit}
    return tx.all("texts.unsettled", **given)


def load_taken(tx: Tx, carrier_ids: Iterable[str]) -> set[str]:
    """Which of the carrier's ids belong to texts of ours already."""
    rows = tx.all("texts.taken_ids", carrier_ids=list(carrier_ids))
    return {row.carrier_id for row in rows}


def set_states(tx: Tx, states: dict[UUID, str], at: datetime) -> None:
    if states:
        ids = sorted(states)
        tx.run("texts.set_states", ids=ids, states=[states[one] for one in ids], at=at)


class Told(NamedTuple):
    """What the carrier's words add up to for one text; what they do not say stays as it was."""

    text_id: UUID
    state: str
    error_code: str | None = None
    carrier_id: str | None = None
    segments: int = 0


def set_fates(tx: Tx, told: Sequence[Told], at: datetime) -> None:
    """Each of these texts, once."""
    if not told:
        return
    tx.run(
        "texts.set_fates",
        ids=[one.text_id for one in told],
        states=[one.state for one in told],
        codes=[one.error_code for one in told],
        carrier_ids=[one.carrier_id for one in told],
        segments=[one.segments for one in told],
        at=at,
    )


def unmark_sending(tx: Tx, ids: Sequence[UUID], at: datetime) -> None:
    """The carrier proved that nothing was handed over: they wait again."""
    if ids:
        tx.run("texts.unmark_sending", ids=list(ids), at=at)


def doubt(tx: Tx, ids: Sequence[UUID], at: datetime) -> int:
    """They may have left in a time that this database knows nothing of."""
    return tx.run("texts.doubt", ids=list(ids), at=at) if ids else 0


def mark_sending(tx: Tx, ids: Sequence[UUID], at: datetime) -> None:
    """Once this is committed they may have left, whatever happens to us."""
    if ids:
        tx.run("texts.mark_sending", ids=list(ids), at=at)


def load_helped_since(tx: Tx, contact_ids: Iterable[UUID], since: datetime) -> set[UUID]:
    """Who was answered a HELP lately."""
    ids = list(contact_ids)
    rows = tx.all("texts.helped", contacts=ids, since=since) if ids else []
    return {row.contact_id for row in rows}


class Newer(NamedTuple):
    """What happened in a conversation after a page was drawn."""

    what: str  # reply | stop
    by_name: str
    happened_at: datetime


def find_newer(tx: Tx, where: Where, member_id: UUID, cursor: tuple[int, int]) -> Newer | None:
    """A teammate's text or the customer's stop, after a cursor; None when there was neither."""
    row = tx.one(
        "texts.newer",
        conversation_id=where.id,
        contact_id=where.contact_id,
        member_id=member_id,
        after_xid=str(cursor[0]),
        after_n=cursor[1],
    )
    if row is None:
        return None
    if row.name == "consent.stop":
        return Newer("stop", "", row.happened_at)
    name = open_words(tx.keys, row.name_ct, "members", "name_ct", tx.group_id, row.author_id)
    return Newer("reply", name, row.happened_at)


def take_conversation(tx: Tx, conversation_id: UUID, member_id: UUID) -> None:
    """Who answers an unassigned conversation has it; a done one is open again."""
    tx.run("texts.take_conversation", conversation_id=conversation_id, member_id=member_id)


def drop_draft(tx: Tx, conversation_id: UUID, member_id: UUID) -> None:
    """What was sent is no draft any more."""
    tx.run("texts.drop_draft", conversation_id=conversation_id, member_id=member_id)


def note_first_out(tx: Tx, ids: Iterable[UUID], at: datetime) -> None:
    """A text sets out into these conversations. Where only that happened nothing is counted."""
    several = sorted(set(ids))
    if several:
        tx.run("texts.first_out", ids=several, at=at)


def touch_conversations(tx: Tx, came: Sequence[NewText], at: datetime) -> None:
    """Texts that no person wrote came into their conversations: nothing else is to be counted."""
    newest: dict[UUID, UUID] = {}
    held: Counter[UUID] = Counter()
    for text in came:
        newest[text.conversation_id] = max(newest.get(text.conversation_id, text.id), text.id)
        held[text.conversation_id] += text.state == "held"
    ids = sorted(newest)
    if ids:
        tx.run(
            "texts.touch_conversations",
            ids=ids,
            texts=[newest[one] for one in ids],
            held=[held[one] for one in ids],
            at=at,
        )


def settle_conversations(tx: Tx, ids: Iterable[UUID]) -> None:
    """Count again what these conversations' rows say of their texts."""
    several = sorted(set(ids))
    if several:
        tx.run("texts.settle_conversations", ids=several)
