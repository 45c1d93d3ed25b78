"""Rows under older keys: finding them and sealing them again, while others read and write.

What is sealed begins with the name of its key, five bytes, so a row tells by itself whether an
older key sealed it. A row is only replaced while it is still the one that was read: whoever was
quicker, an erasure above all, stays.

Not here: the order of the steps and how long to wait between them (`actions.rotation`).
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

import django
from django.apps import apps

from lotline.core.base.sealing import StoredGroupKeys, row_identity

if TYPE_CHECKING:
    from datetime import datetime

    from lotline.core.base.sealing import GroupKeys, Root
    from lotline.store.database import Tx

NAME_SIZE = 5
AT_ONCE = 500


class LastStep(NamedTuple):
    """The newest step of a rotation of the group's keyset."""

    what: str
    at: datetime


class HeldBack(NamedTuple):
    """Rows that are never changed, so that what sealed them must be kept."""

    signatures: int
    acts: int
    arrivals: int


class Counted(NamedTuple):
    """Contacts' keys."""

    contacts: int
    older: int


def key_name(keys: GroupKeys) -> bytes:
    """How whatever these keys seal from now on begins."""
    return keys.seal(b"", b"")[:NAME_SIZE]


def lock_stored_keys(tx: Tx) -> StoredGroupKeys:
    """The group's wrapped keys; nobody else rotates them until this transaction ends."""
    row = tx.only("rotation.lock")
    return StoredGroupKeys(
        bytes(row.keyset_ct), bytes(row.blind_ct), bytes(row.signer_ct), bytes(row.signer_public)
    )


def load_last_step(tx: Tx) -> LastStep | None:
    row = tx.one("rotation.last_step")
    return None if row is None else LastStep(row.what, row.happened_at)


def rewrap_contacts(tx: Tx, keys: GroupKeys, after: UUID) -> UUID | None:
    """One batch of contacts' keys; where to go on, or None when there are no more."""
    rows = tx.all("rotation.contacts", after=after, name=key_name(keys), limit=AT_ONCE)
    if not rows:
        return None
    ids, olds, news = [], [], []
    for row in rows:
        old = bytes(row.key_wrapped)
        new = keys.rewrap_contact_key(row.id, old)
        if new is not None:
            ids.append(row.id)
            olds.append(old)
            news.append(new)
    tx.run("rotation.rewrap_contacts", ids=ids, olds=olds, news=news)
    last: UUID = rows[-1].id
    return last


def reseal_words(tx: Tx, keys: GroupKeys) -> int:
    """One batch of the company's own words; how many there were."""
    rows = tx.all("rotation.words", name=key_name(keys), limit=AT_ONCE)
    for row in rows:
        table, _, column = row.place.partition(".")
        whose = () if row.id is None else (row.id,)
        place = row_identity(table, column, tx.group_id, *whose)
        old = bytes(row.sealed)
        new = keys.seal(keys.open(old, place), place)
        tx.run(f"rotation.put_{table}_{column}", id=row.id, old=old, new=new)
    return len(rows)


def count_contacts(tx: Tx, keys: GroupKeys) -> Counted:
    row = tx.only("rotation.counts", name=key_name(keys))
    return Counted(row.contacts, row.older)


def count_held_back(tx: Tx) -> HeldBack:
    """What an older key sealed and may never be sealed again."""
    names = [bytes.fromhex(row.name) for row in tx.all("rotation.older") if row.name]
    row = tx.only("rotation.held_back", names=names)
    return HeldBack(row.signatures, row.acts, row.arrivals)


def rewrap_second_steps(root: Root) -> int:
    """Secrets of second steps, which sign-in keeps in tables of its own; how many changed."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lotline.config.django_settings")
    if not apps.ready:
        django.setup()
    from lotline.store import accounts  # noqa: PLC0415  # its models can be read only from here on

    changed: int = accounts.rewrap_secrets(root)
    return changed


def is_current(root: Root, stored: StoredGroupKeys) -> bool:
    """Whether none of the group's wrapped keys names an older root key."""
    kept: tuple[Any, ...] = (stored.keyset, stored.blind, stored.signer)
    return all(root.is_current(wrapped) for wrapped in kept)
