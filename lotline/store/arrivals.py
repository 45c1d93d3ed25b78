"""Arrivals: every verified call of a carrier, kept once, and what it brought.

The unique key on carrier, account, id and kind is what makes a doubled call harmless: only what
was not there before is acted on.

Not here: hearing what was said (`core.consent.hearing`), what follows from it (`actions.receive`).
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

from lotline.core.carriers.port import ReceiptWord
from lotline.core.carriers.receipts import RANKS, Fate, fate_of, merge
from lotline.store.sealed import seal_words
from lotline.store.words import written

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime

    from lotline.core.base.sealing import Seal
    from lotline.store.database import Tx

TURNED_AWAY_KEPT = 500  # of each company, and of nobody: a flood of forged calls fills no disk


class OfLine(NamedTuple):
    """Whose line a number is."""

    group_id: UUID
    line_id: UUID


class Thread(NamedTuple):
    """A conversation: one contact on one line."""

    id: UUID
    contact_id: UUID
    line_id: UUID
    store_id: UUID
    assignee_id: UUID | None


@dataclass(frozen=True, slots=True)
class ArrivalRow:
    """A call as it came. `raw` is sealed under the contact's key, or the group's without one."""

    id: UUID
    carrier: str
    account: str
    carrier_id: str
    kind: str
    raw: str
    at: datetime
    contact_id: UUID | None = None
    text_id: UUID | None = None
    key: Seal | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class ArrivedText:
    """A customer's text, heard and placed."""

    id: UUID
    thread: Thread
    body: str
    key: Seal = field(repr=False)
    carrier_id: str
    at: datetime
    segments: int
    heard: dict[str, Any]
    flagged: bool
    waits: bool  # somebody should answer it
    media: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class ReceiptRow:
    """One word on one text of ours."""

    id: UUID
    text_id: UUID
    word: ReceiptWord
    state: str
    code: str
    at: datetime


def find_line(tx: Tx, carrier: str, account: str, number_hash: bytes) -> OfLine | None:
    """Asked at the door, before a tenant is known."""
    row = tx.one("arrivals.line", carrier=carrier, account=account, number_hash=number_hash)
    return None if row is None else OfLine(*row)


def load_account_groups(tx: Tx, carrier: str, account: str) -> list[UUID]:
    """The groups that text through a carrier's account; asked at the door."""
    rows = tx.all("arrivals.account_groups", carrier=carrier, account=account)
    return [row.group_id for row in rows]


def record_arrivals(tx: Tx, rows: Sequence[ArrivalRow]) -> set[UUID]:
    """The ids of those that were not there before."""
    if not rows:
        return set()
    new = tx.all(
        "arrivals.record",
        ids=[row.id for row in rows],
        carriers=[row.carrier for row in rows],
        accounts=[row.account for row in rows],
        carrier_ids=[row.carrier_id for row in rows],
        kinds=[row.kind for row in rows],
        contacts=[row.contact_id for row in rows],
        texts=[row.text_id for row in rows],
        raws=[
            seal_words(row.key or tx.keys, row.raw, "arrivals", "raw_ct", tx.group_id, row.id)
            for row in rows
        ],
        ats=[row.at for row in rows],
    )
    return {row.id for row in new}


def open_threads(
    tx: Tx, pairs: Iterable[tuple[UUID, UUID]], new_id: Callable[[], UUID], at: datetime
) -> dict[tuple[UUID, UUID], Thread]:
    """The conversation of each (contact, line), made where there was none."""
    return ask_for_threads(tx, pairs, new_id, at)()


def ask_for_threads(
    tx: Tx, pairs: Iterable[tuple[UUID, UUID]], new_id: Callable[[], UUID], at: datetime
) -> Callable[[], dict[tuple[UUID, UUID], Thread]]:
    """The same for whoever has more to ask meanwhile."""
    several = sorted(set(pairs))
    contacts, lines = [one[0] for one in several], [one[1] for one in several]
    rows = tx.later("arrivals.conversations", contacts=contacts, lines=lines)

    def opened() -> dict[tuple[UUID, UUID], Thread]:
        found = rows()
        have = {(row.contact_id, row.line_id) for row in found}
        missing = [one for one in several if one not in have]
        if missing:
            tx.run(
                "arrivals.open_conversations",
                ids=[new_id() for _ in missing],
                contacts=[one[0] for one in missing],
                lines=[one[1] for one in missing],
                at=at,
            )
            found = tx.all("arrivals.conversations", contacts=contacts, lines=lines)
        return {(row.contact_id, row.line_id): Thread(*row) for row in found}

    return opened


def record_arrived(tx: Tx, texts: Sequence[ArrivedText]) -> None:
    """Customers' texts, and each conversation open again and on top."""
    if not texts:
        return
    group = tx.group_id
    tx.run(
        "texts.record_arrived",
        ids=[one.id for one in texts],
        conversations=[one.thread.id for one in texts],
        contacts=[one.thread.contact_id for one in texts],
        lines=[one.thread.line_id for one in texts],
        bodies=[seal_words(one.key, one.body, "texts", "body_ct", group, one.id) for one in texts],
        segments=[one.segments for one in texts],
        carrier_ids=[one.carrier_id for one in texts],
        heard=[json.dumps(one.heard) for one in texts],
        flagged=[one.flagged for one in texts],
        media=[json.dumps(one.media) for one in texts],
        ats=[one.at for one in texts],
        words=[written(tx.keys, one.body) for one in texts],
    )
    last = {one.thread.id: one for one in texts}
    waits = {one.thread.id for one in texts if one.waits}
    tx.run(
        "arrivals.touch_conversations",
        ids=sorted(last),
        texts=[last[one].id for one in sorted(last)],
        ats=[last[one].at for one in sorted(last)],
        waits=[one in waits for one in sorted(last)],
    )


def record_receipts(tx: Tx, rows: Sequence[ReceiptRow]) -> None:
    """Words on our texts; what they add up to is folded from all of them."""
    if not rows:
        return
    tx.run(
        "arrivals.record_receipts",
        ids=[row.id for row in rows],
        texts=[row.text_id for row in rows],
        words=[row.word.value for row in rows],
        states=[row.state for row in rows],
        ranks=[RANKS[row.word] for row in rows],
        codes=[row.code or None for row in rows],
        carrier_ats=[row.at for row in rows],
        ats=[row.at for row in rows],
    )


def load_fates(tx: Tx, text_ids: Iterable[UUID]) -> dict[UUID, Fate]:
    """What all words heard on each text add up to."""
    fates: dict[UUID, Fate] = {}
    for row in tx.all("arrivals.receipts", ids=list(text_ids)):
        heard = fate_of(ReceiptWord(row.word), row.error_code or "")
        fates[row.text_id] = merge(fates.get(row.text_id, Fate()), heard)
    return fates


def record_turned_away(
    tx: Tx,
    *,
    row_id: UUID,
    of_group: UUID | None,
    carrier: str,
    account: str | None,
    reason: str,
    raw_ct: bytes,
    at: datetime,
) -> None:
    """Kept aside for the owner; the oldest make room beyond a number. Written at the door."""
    tx.run(
        "arrivals.turn_away",
        id=row_id,
        of_group=of_group,
        carrier=carrier,
        account=account,
        reason=reason,
        raw_ct=raw_ct,
        at=at,
    )
    tx.run("arrivals.trim_turned_away", of_group=of_group, keep=TURNED_AWAY_KEPT)
