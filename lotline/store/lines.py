"""Our numbers: their cards as pages show them, and the rows of a new line or store.

Not here: what a line needs to send (`outbox`), pausing and resuming (`actions.lines`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lotline.store.carrier_accounts import record_line_number
from lotline.store.reach import reach_of
from lotline.store.sealed import number_hash, number_hashes, open_words, seal_words
from lotline.store.shown import LineCard

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime
    from uuid import UUID

    from lotline.core.base.sealing import Keyring
    from lotline.store.database import Tx
    from lotline.store.shown import Viewer


@dataclass(frozen=True, slots=True)
class NewLine:
    """A number the company owns, as it is told to us."""

    id: UUID
    store_id: UUID
    label: str
    number: str  # E.164
    account: str
    kind: str = "local"
    carrier: str = "twilio"
    registration: str = "simulated"
    messaging_service: str | None = None
    target_s: int = 300


def load_lines(
    tx: Tx, viewer: Viewer, now: datetime | None = None, *, news: bool = False
) -> list[LineCard]:
    """Lines in reach, in the order they were added; with `news`, how each did in the last week."""
    if not news:
        return ask_for_lines(tx, viewer)()
    reached = reach_of(viewer).line_ids
    told = {row.line_id: row for row in tx.all("lines.news", line_ids=reached, now=now)}
    return [_card(tx, row, told.get(row.id)) for row in tx.all("lines.list", line_ids=reached)]


def ask_for_lines(tx: Tx, viewer: Viewer) -> Callable[[], list[LineCard]]:
    """Lines in reach, for whoever has more to ask meanwhile."""
    rows = tx.later("lines.list", line_ids=reach_of(viewer).line_ids)
    return lambda: [_card(tx, row, None) for row in rows()]


def find_lines_by_number(tx: Tx, viewer: Viewer, numbers: Iterable[str]) -> dict[str, UUID]:
    """The lines in reach that these numbers of ours are."""
    hashes = {digest: number for number in numbers for digest in number_hashes(tx.keys, number)}
    if not hashes:
        return {}
    reached = reach_of(viewer).line_ids
    rows = tx.all("lines.by_number", hashes=list(hashes), line_ids=reached)
    return {hashes[bytes(row.number_hash)]: row.id for row in rows}


def record_store(
    tx: Tx,
    store_id: UUID,
    name: str,
    *,
    zone: str,
    at: datetime,
    place: str = "",
    open_hours: dict[str, Any] | None = None,
) -> None:
    """A rooftop."""
    tx.run(
        "lines.record_store",
        id=store_id,
        name_ct=seal_words(tx.keys, name, "stores", "name_ct", tx.group_id, store_id),
        zone=zone,
        open_hours=open_hours or {},
        place=place,
        at=at,
    )


def record_line(tx: Tx, ring: Keyring, line: NewLine, at: datetime) -> None:
    """A line, and the door by which its webhooks find this company."""
    tx.run(
        "lines.record",
        id=line.id,
        store_id=line.store_id,
        label_ct=seal_words(tx.keys, line.label, "lines", "label_ct", tx.group_id, line.id),
        number_ct=seal_words(tx.keys, line.number, "lines", "number_ct", tx.group_id, line.id),
        number_hash=number_hash(tx.keys, line.number),
        kind=line.kind,
        carrier=line.carrier,
        account=line.account,
        messaging_service=line.messaging_service,
        registration=line.registration,
        target_s=line.target_s,
        at=at,
    )
    record_line_number(
        tx,
        ring,
        carrier=line.carrier,
        account=line.account,
        number=line.number,
        line_id=line.id,
    )


def _card(tx: Tx, row: Any, news: Any) -> LineCard:
    group = tx.group_id
    return LineCard(
        id=row.id,
        store_id=row.store_id,
        store_name=open_words(tx.keys, row.store_ct, "stores", "name_ct", group, row.store_id),
        label=open_words(tx.keys, row.label_ct, "lines", "label_ct", group, row.id),
        number=open_words(tx.keys, row.number_ct, "lines", "number_ct", group, row.id),
        kind=row.kind,
        carrier=row.carrier,
        registration=row.registration,
        paused=row.paused_at is not None,
        paused_why=row.paused_why or "",
        last_in_at=news and news.last_in_at,
        last_delivered_at=news and news.last_delivered_at,
        failures_24h=news.failures_24h if news else 0,
        top_failure=(news and news.top_failure) or "",
    )
