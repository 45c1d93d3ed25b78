"""Exports by the clock as rows: what was chosen, which files were finished, what went wrong.

Not here: the making (`actions.scheduled`), the files themselves (`store.sealed_files`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from lotline.store.database import Tx


class Chosen(NamedTuple):
    """How often, and whether with the texts' words."""

    every: str
    texts: bool
    at: datetime


class File(NamedTuple):
    """A finished file: of which places of the log. Without a name there was nothing new."""

    first: int
    end: int
    name: str
    size: int
    made_at: datetime


@dataclass(frozen=True, slots=True)
class Condition:
    """How the exports of a company stand."""

    chosen: Chosen | None
    files: tuple[File, ...]
    failed_why: str
    failed_at: datetime | None

    @property
    def failing(self) -> bool:
        """Nothing was finished since it last went wrong."""
        last = self.files[0].made_at if self.files else None
        return self.failed_at is not None and (last is None or last < self.failed_at)


def record_choice(tx: Tx, row_id: UUID, every: str, *, texts: bool, by: UUID, at: datetime) -> None:
    tx.run("scheduled.choose", id=row_id, every=every, texts=texts, by=by, at=at)


def load_chosen(tx: Tx) -> Chosen | None:
    row = tx.one("scheduled.chosen")
    return None if row is None else Chosen(row.every, row.texts, row.chosen_at)


def load_reached(tx: Tx) -> tuple[int, datetime | None]:
    """Up to which place it was exported, and when last."""
    row = tx.one("scheduled.last_file")
    return (0, None) if row is None else (row.end_, row.made_at)


def record_file(tx: Tx, row_id: UUID, file: File, *, export_id: UUID | None, sha256: bytes) -> bool:
    """False when another worker had finished the same stretch."""
    done = tx.run(
        "scheduled.record_file",
        id=row_id,
        first=file.first,
        end=file.end,
        export_id=export_id,
        name=file.name,
        size=file.size,
        sha256=sha256,
        at=file.made_at,
    )
    return bool(done)


def is_recorded(tx: Tx, name: str) -> bool:
    return bool(tx.only("scheduled.is_recorded", name=name).known)


def load_old_files(tx: Tx, before: datetime) -> list[str]:
    return [row.name for row in tx.all("scheduled.old_files", before=before)]


def record_failure(tx: Tx, row_id: UUID, why: str, at: datetime) -> None:
    tx.run("scheduled.record_failure", id=row_id, why=why[:200], at=at)


def load_condition(tx: Tx, limit: int = 20) -> Condition:
    files = tuple(
        File(row.first, row.end, row.name, row.size, row.made_at)
        for row in tx.all("scheduled.files", limit=limit)
    )
    failed = tx.one("scheduled.last_failure")
    return Condition(
        load_chosen(tx),
        files,
        "" if failed is None else failed.why,
        None if failed is None else failed.failed_at,
    )
