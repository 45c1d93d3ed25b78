"""What each store watches for in texts. Choices are only ever added; the newest is in force.

Not here: what the choices are and the careful ones (`core.oversight.watch`), choosing
(`actions.watch`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lotline.core.oversight.masking import hidden_in, masked
from lotline.core.oversight.watch import Watch, careful, read_watch, watch_to_json
from lotline.store.sealed import open_json, open_words, seal_json

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from uuid import UUID

    from lotline.core.base.sealing import Seal
    from lotline.store.database import Tx

_TABLE = "watches"


@dataclass(frozen=True, slots=True)
class Watches:
    """Of each store that chose; all others are careful."""

    of_stores: dict[UUID, Watch]

    def of(self, store_id: UUID) -> Watch:
        return self.of_stores.get(store_id) or careful()


@dataclass(frozen=True, slots=True)
class Chosen:
    """Who chose what is in force in a store, and when."""

    by_name: str
    at: datetime


def load_watches(tx: Tx) -> Watches:
    """What is in force now."""
    return ask_for_watches(tx)()


def ask_for_watches(tx: Tx) -> Callable[[], Watches]:
    """The same for whoever has more to ask meanwhile."""
    rows = tx.later("watch.newest")
    return lambda: Watches({row.store_id: _watch(tx, row) for row in rows()})


def load_chosen(tx: Tx, store_id: UUID) -> Chosen | None:
    """None while the store is as careful as it was made."""
    row = tx.one("watch.chosen", store_id=store_id)
    if row is None:
        return None
    name = open_words(tx.keys, row.name_ct, "members", "name_ct", tx.group_id, row.chosen_by)
    return Chosen(name, row.chosen_at)


def record_watch(
    tx: Tx, choice_id: UUID, store_id: UUID, watch: Watch, *, by: UUID, at: datetime
) -> None:
    """In force from the next text on."""
    words = {"words": list(watch.words)}
    tx.run(
        "watch.record",
        id=choice_id,
        store_id=store_id,
        choice=watch_to_json(watch),
        words_ct=seal_json(tx.keys, words, _TABLE, "words_ct", tx.group_id, choice_id),
        chosen_by=by,
        at=at,
    )


def show_body(tx: Tx, body: str, store_id: UUID | None = None) -> str:
    """A text as screens show it: what its store hides is hidden. Nearly always the text itself.

    Where it is not known which store it belongs to, what any of them hides is hidden.
    """
    spans = hidden_in(body)
    if not spans:
        return body
    watches = tx.once("watches", lambda: load_watches(tx))
    if store_id is not None:
        return masked(body, spans, watches.of(store_id).mask)
    every = careful().mask.union(*(one.mask for one in watches.of_stores.values()))
    return masked(body, spans, every)


def own_numbers(tx: Tx) -> frozenset[str]:
    """The ten digits of every line of the company."""
    return frozenset(
        open_words(tx.keys, row.number_ct, "lines", "number_ct", tx.group_id, row.id)[-10:]
        for row in tx.all("watch.lines")
    )


def load_contact_number(tx: Tx, contact_id: UUID, key: Seal | None) -> str:
    """The customer's own number; nothing once they were erased."""
    row = tx.only("watch.number", contact_id=contact_id)
    return open_words(key, row.number_ct, "contacts", "number_ct", tx.group_id, contact_id)


def _watch(tx: Tx, row: Any) -> Watch:
    words = open_json(tx.keys, row.words_ct, _TABLE, "words_ct", tx.group_id, row.id)
    return read_watch(row.choice, words.get("words", ()))
