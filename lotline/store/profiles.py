"""What a house chose of the rulebook: the newest row is in force, every older one stays.

The reason and the name of counsel are sealed; points, days and ids stand in clear, because an old
decision is made again from them.

Not here: what a choice does to the rulebook (`core.gate.rulebook`), who may choose (`actions`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from lotline.core.gate.rulebook.profile import Settings, settings_from_json, settings_to_json
from lotline.store.sealed import open_json, open_words, seal_json

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from lotline.store.database import Tx

_TABLE = "profile_settings"


@dataclass(frozen=True, slots=True)
class Word:
    """Why a point may be read looser: the owner's reason, whose advice it is, and of which day."""

    reason: str
    counsel: str
    on: date


@dataclass(frozen=True, slots=True)
class Chosen:
    """One choice as it was made. `word` is None when nothing became looser by it."""

    id: UUID
    settings: Settings
    book: str
    set_by: UUID
    set_by_name: str
    set_at: datetime
    word: Word | None


def lock_profile(tx: Tx) -> None:
    """Nobody else changes what the house chose until this transaction ends."""
    tx.only("profiles.lock")


def find_newest(tx: Tx) -> UUID | None:
    """The choice in force, by its id; None while the house never chose."""
    row = tx.one("profiles.newest")
    return None if row is None else row.id


def load_chosen(tx: Tx, chosen_id: UUID) -> Chosen:
    """One choice in full."""
    return _chosen(tx, tx.only("profiles.load", id=chosen_id))


def load_all_chosen(tx: Tx) -> list[Chosen]:
    """Every choice ever made, the newest first."""
    return [_chosen(tx, row) for row in tx.all("profiles.list")]


def record_chosen(
    tx: Tx,
    chosen_id: UUID,
    settings: Settings,
    *,
    book: str,
    by: UUID,
    word: Word | None,
    at: datetime,
) -> None:
    """In force from the next decision on."""
    sealed = None
    if word is not None:
        plain = {"reason": word.reason, "counsel": word.counsel, "on": word.on.isoformat()}
        sealed = seal_json(tx.keys, plain, _TABLE, "word_ct", tx.group_id, chosen_id)
    tx.run(
        "profiles.record",
        id=chosen_id,
        settings=settings_to_json(settings),
        book=book,
        set_by=by,
        word_ct=sealed,
        at=at,
    )


def _chosen(tx: Tx, row: Any) -> Chosen:
    word = None
    if row.word_ct is not None:
        plain = open_json(tx.keys, row.word_ct, _TABLE, "word_ct", tx.group_id, row.id)
        word = Word(plain["reason"], plain["counsel"], date.fromisoformat(plain["on"]))
    name = open_words(tx.keys, row.set_by_ct, "members", "name_ct", tx.group_id, row.set_by)
    settings = settings_from_json(row.settings)
    return Chosen(row.id, settings, row.book, row.set_by, name, row.set_at, word)
