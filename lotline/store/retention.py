"""Retiring rows by age, a batch at a time: what goes, how far each class came, what is due.

A row under a hold is passed over in the very statement that finds it. What a text's leaf committed
to cannot be made again once its words are gone; the act that names the text says so (`evidence`).

Not here: how long each class is kept (`core.oversight.retention`), who runs it (`actions`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

from lotline.core.base.ids import uuid7_from

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from lotline.store.database import Tx

_START = UUID(int=0)
BY_ID = frozenset({"texts", "notes", "arrivals"})


class Due(NamedTuple):
    """How many rows are old enough to go, and how many a hold keeps."""

    due: int
    held: int


class Batch(NamedTuple):
    """What is to go next, in order; `owners` are the customers of texts."""

    ids: list[UUID]
    owners: list[UUID]


def load_choices(tx: Tx) -> dict[str, int | None]:
    """What the owner chose, in months; None is for ever."""
    return {row.word: row.months for row in tx.all("retention.choices")}


def record_choice(
    tx: Tx, row_id: UUID, name: str, months: int | None, *, by: UUID, at: datetime
) -> None:
    tx.run("retention.choose", id=row_id, **{"class": name}, months=months, by=by, at=at)


def record_run(
    tx: Tx, row_id: UUID, name: str, *, before: datetime, retired: int, at: datetime
) -> None:
    tx.run(
        "retention.record_run",
        id=row_id,
        **{"class": name},
        before=before,
        retired=retired,
        at=at,
    )


def load_totals(tx: Tx) -> dict[str, tuple[int, datetime]]:
    """What was retired so far, and when last."""
    return {row.word: (row.retired, row.last_at) for row in tx.all("retention.totals")}


def lock_retention(tx: Tx) -> bool:
    """Whether this transaction is the one that retires; another has it otherwise."""
    return bool(tx.only("retention.lock").mine)


def count_due(tx: Tx, name: str, before: datetime) -> Due:
    """What would go now; nothing is changed."""
    return Due(*tx.only(f"retention.{name}_due", **_limits(name, before)))


def load_batch(tx: Tx, name: str, before: datetime, limit: int) -> Batch:
    """The next rows of a class that goes row by row."""
    more: dict[str, Any] = _limits(name, before)
    if name in BY_ID:
        row = tx.one("retention.mark", **{"class": name})
        more["mark"] = _START if row is None else row.done_to
    rows = tx.all(f"retention.{name}", limit=limit, **more)
    return Batch([row.id for row in rows], [row.contact_id for row in rows if name == "texts"])


def set_mark(tx: Tx, name: str, to: UUID) -> None:
    tx.run("retention.set_mark", **{"class": name}, to=to)


def wipe_texts(tx: Tx, ids: Iterable[UUID]) -> int:
    """Their words and pictures."""
    listed = list(ids)
    tx.run("retention.forget_words", ids=listed)
    return tx.run("retention.wipe_texts", ids=listed)


def retire_notes(tx: Tx, ids: list[UUID]) -> int:
    tx.run("retention.forget_words", ids=ids)
    return int(tx.only("retention.retire_notes", ids=ids).n)


def retire_arrivals(tx: Tx, ids: list[UUID]) -> int:
    return int(tx.only("retention.retire_arrivals", ids=ids).n)


def retire_at_once(tx: Tx, name: str, before: datetime, limit: int) -> int:
    """Drafts, turned away calls, addresses of sessions: found and gone in one statement."""
    return tx.run(f"retention.{name}", before=before, limit=limit)


def _limits(name: str, before: datetime) -> dict[str, Any]:
    if name not in BY_ID:
        return {"before": before}
    # Names grow with the clock, so what is older stands before a name.
    return {"before": before, "upto": uuid7_from(int(before.timestamp() * 1000), bytes(10))}
