"""Tablets that several members use, and each member's PIN on each.

A tablet is known by a keyed hash of what its browser holds. A PIN is kept as a slow hash of a keyed
hash, so that a copy of the database alone tries no PIN.

Not here: who may switch (`actions.tablets`), the session that follows (`devices`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from django.contrib.auth.hashers import check_password, make_password

from lotline.store.reach import reach_of
from lotline.store.sealed import open_words, seal_words, session_hash, session_hashes

if TYPE_CHECKING:
    from lotline.store.database import Database, Tx
    from lotline.store.shown import Viewer

_PIN = "pin"


class Key(NamedTuple):
    """What a shared tablet's browser holds."""

    group_id: UUID
    tablet_id: UUID
    secret: str


class Known(NamedTuple):
    """A tablet that is shared."""

    id: UUID
    label: str


class Person(NamedTuple):
    """Somebody who has a PIN on it."""

    id: UUID
    name: str
    hue: int


@dataclass(frozen=True, slots=True)
class Tablet:
    """A shared tablet, as whoever looks after it sees it."""

    id: UUID
    label: str
    shared_by: str
    shared_at: datetime
    pins: int


def find_tablet(db: Database, key: Key) -> Known | None:
    """None for a key that is none, or no more."""
    with db.transaction(key.group_id) as tx:
        row = tx.one("tablets.known", id=key.tablet_id, hashes=session_hashes(tx.keys, key.secret))
        return None if row is None else Known(row.id, _label(tx, row.id, row.label_ct))


def load_people(db: Database, key: Key) -> list[Person]:
    """Whose names stand on the switch screen."""
    with db.transaction(key.group_id) as tx:
        hashes = session_hashes(tx.keys, key.secret)
        if tx.one("tablets.known", id=key.tablet_id, hashes=hashes) is None:
            return []
        group = tx.group_id
        return [
            Person(
                row.id,
                open_words(tx.keys, row.name_ct, "members", "name_ct", group, row.id),
                row.hue,
            )
            for row in tx.all("tablets.people", tablet_id=key.tablet_id)
        ]


def load_tablets(tx: Tx, viewer: Viewer) -> list[Tablet]:
    """All of the company's for who sees all, else those that the viewer shared."""
    reach = reach_of(viewer)
    if reach.member_id is None or not (viewer.leads or viewer.sees_all):
        return []
    rows = tx.all("tablets.list", member_id=reach.member_id, sees_all=reach.sees_all)
    return [
        Tablet(
            row.id,
            _label(tx, row.id, row.label_ct),
            open_words(tx.keys, row.name_ct, "members", "name_ct", tx.group_id, row.shared_by),
            row.shared_at,
            row.pins,
        )
        for row in rows
    ]


def record_tablet(  # noqa: PLR0917  # one row
    tx: Tx, tablet_id: UUID, secret: str, label: str, by: UUID, at: datetime
) -> None:
    tx.run(
        "tablets.record",
        id=tablet_id,
        key_hash=session_hash(tx.keys, secret),
        label_ct=seal_words(tx.keys, label, "tablets", "label_ct", tx.group_id, tablet_id),
        by=by,
        at=at,
    )


def hash_pin(tx: Tx, tablet_id: UUID, member_id: UUID, pin: str) -> str:
    """Of this member on this tablet: the same digits of another give another hash."""
    return make_password(tx.keys.blind(_PIN, f"{tablet_id} {member_id} {pin}").hex())


def is_pin(tx: Tx, tablet_id: UUID, member_id: UUID, pin: str, hashed: str) -> bool:
    """Under any version of the hash key still held."""
    said = f"{tablet_id} {member_id} {pin}"
    return any(check_password(one.hex(), hashed) for one in tx.keys.blinds(_PIN, said))


def _label(tx: Tx, tablet_id: UUID, sealed: bytes) -> str:
    return open_words(tx.keys, sealed, "tablets", "label_ct", tx.group_id, tablet_id)
