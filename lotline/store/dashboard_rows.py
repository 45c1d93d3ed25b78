"""The rows behind each number of the dashboard: the same rows that were counted, by name.

Not here: the numbers (`dashboard`), who may look (`actions.dashboard`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from lotline.store.counts import NOBODY
from lotline.store.dashboard import contact_name, past_target
from lotline.store.sealed import contact_key, open_words
from lotline.store.watch import show_body

if TYPE_CHECKING:
    from lotline.store.dashboard import Scope
    from lotline.store.database import Tx

TEXTS = ("without", "blocked", "held")
DAYS = ("sent", "in", "allowed")
MOVES = ("opt-ins", "stops")
LEVELS = {
    "offers": ("offers",),
    "replies_only": ("replies",),
    "none": ("none",),
    "out": ("out", "check"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One of them. What does not belong to its kind is empty."""

    contact_id: UUID
    name: str
    conversation_id: UUID | None = None
    line_id: UUID | None = None
    author_id: UUID | None = None
    at: datetime | None = None
    day: date | None = None
    text_id: UUID | None = None
    body: str = ""
    why: str = ""
    source: str = ""
    level: str = ""
    count: int = 0
    open_s: int = 0


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows: of what, by whom, in which hour of waiting; a page of them."""

    what: str
    author_id: UUID | None = None
    hour: int | None = None
    limit: int = 100
    skip: int = 0


def load_rows(tx: Tx, scope: Scope, wanted: Wanted, now: datetime) -> list[Row]:
    """A page of rows, in the order their kind is read in."""
    page = {"limit": wanted.limit, "skip": wanted.skip}
    days = {"line_ids": scope.line_ids, "first": scope.first, "last": scope.last}
    whom = {"line_ids": scope.line_ids, "everybody": scope.everybody}
    what, by = wanted.what, wanted.author_id
    if what in TEXTS:
        rows = tx.all("dashboard.rows_texts", **days, **page, what=what, author_id=by)
        return [_text(tx, row) for row in rows]
    if what in DAYS:
        rows = tx.all("dashboard.rows_days", **days, **page, what=what, author_id=by)
        return [_row(tx, row, day=row.day, count=_count(row, what)) for row in rows]
    if what == "replies":
        rows = tx.all("dashboard.rows_waits", **days, **page, author_id=by, hour=wanted.hour)
        return [_row(tx, row, at=row.started_at, open_s=row.open_s) for row in rows]
    if what in MOVES:
        span = {"since": scope.since, "until": scope.until}
        rows = tx.all("dashboard.rows_moves", **whom, **span, **page, what=what, author_id=by)
        return [
            _row(tx, row, at=row.at, source=row.source, level=row.now, author=row.credited_id)
            for row in rows
        ]
    if what == "waiting":
        rows = tx.all("dashboard.rows_waiting", **past_target(scope, now), **page)
        return [_row(tx, row, at=row.waiting_since) for row in rows]
    rows = tx.all("dashboard.rows_levels", **whom, **page, levels=list(LEVELS[what]))
    return [_row(tx, row, at=row.level_at or row.created_at, level=row.level) for row in rows]


def _count(row: Any, what: str) -> int:
    return int({"in": row.received, "allowed": row.allowed}.get(what, row.sent))


def _row(tx: Tx, row: Any, *, author: UUID | None = None, **more: Any) -> Row:
    by = author or getattr(row, "author_id", None)
    return Row(
        contact_id=row.contact_id,
        name=contact_name(tx, row),
        conversation_id=getattr(row, "conversation_id", None),
        line_id=getattr(row, "line_id", None),
        author_id=None if by == NOBODY else by,
        **more,
    )


def _text(tx: Tx, row: Any) -> Row:
    key = contact_key(tx, row.contact_id, row.key_wrapped, row.erased_at)
    body = open_words(key, row.body_ct, "texts", "body_ct", tx.group_id, row.text_id)
    return _row(
        tx,
        row,
        at=row.at,
        text_id=row.text_id,
        body=show_body(tx, body, row.store_id),
        why=row.why,
        level=row.level,
    )
