"""The group: the company, the tenant. Its row holds its keys, wrapped by the root key.

Not here: opening the keys (`keys`), what a group's members may do (`members`, `actions`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from lotline.core.base.sealing import StoredGroupKeys, row_identity

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from lotline.core.base.sealing import Keyring
    from lotline.store.database import Database, Tx


class Group(NamedTuple):
    """A company as its row says."""

    id: UUID
    name: str
    origin: str
    settings: dict[str, Any]


def record_group(
    tx: Tx, ring: Keyring, *, name: str, origin: str, at: datetime, settings: dict[str, Any]
) -> None:
    """A new company with fresh keys. The transaction is already its own."""
    group_id = tx.group_id
    stored = ring.new_group(group_id)
    keys = ring.open_group(group_id, stored)
    tx.run(
        "groups.record",
        name_ct=keys.seal(name.encode(), row_identity("groups", "name_ct", group_id, group_id)),
        keyset_ct=stored.keyset,
        blind_ct=stored.blind,
        signer_ct=stored.signer,
        signer_public=stored.public,
        origin=origin,
        settings=settings,
        at=at,
    )


def load_group(tx: Tx) -> Group:
    """The transaction's company."""
    row = tx.only("groups.load")
    aad = row_identity("groups", "name_ct", row.id, row.id)
    return Group(row.id, tx.keys.open(bytes(row.name_ct), aad).decode(), row.origin, row.settings)


def record_settings(tx: Tx, settings: dict[str, Any]) -> None:
    """Some settings of the transaction's company; those not named stay as they are."""
    tx.run("groups.settle", settings=settings)


def load_group_ids(db: Database) -> list[UUID]:
    """Every company of this installation, for work that goes round all of them."""
    with db.door() as tx:
        return [row.group_id for row in tx.all("groups.known")]


def load_stored_keys(tx: Tx) -> StoredGroupKeys:
    """The wrapped keys, for a command that rotates them."""
    row = tx.only("groups.keys")
    return StoredGroupKeys(
        bytes(row.keyset_ct), bytes(row.blind_ct), bytes(row.signer_ct), bytes(row.signer_public)
    )


def record_stored_keys(tx: Tx, stored: StoredGroupKeys) -> None:
    """Keep the keys wrapped anew; the signer's public half never changes."""
    tx.run(
        "groups.rewrap",
        keyset_ct=stored.keyset,
        blind_ct=stored.blind,
        signer_ct=stored.signer,
    )
