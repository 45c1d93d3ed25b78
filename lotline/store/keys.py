"""Opening a group's keys from its row.

Keys stay open in memory for half a minute, so that a rotation is learned by every process
without a restart; between its steps the command that rotates waits longer than that.

Not here: any cryptography (`adapters.envelope`), what is sealed under which key (`sealed`).
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

from lotline.core.base.sealing import StoredGroupKeys

if TYPE_CHECKING:
    from uuid import UUID

    from lotline.core.base.sealing import GroupKeys, Keyring
    from lotline.store.database import Tx

KEPT_OPEN_S = 30.0


class _Open(NamedTuple):
    keys: GroupKeys
    until: float


class KeptKeys:
    """The opened keys of the groups this process has met."""

    def __init__(self, keyring: Keyring) -> None:
        self.ring = keyring
        self._open: dict[UUID, _Open] = {}

    def of(self, tx: Tx) -> GroupKeys:
        """The keys of the transaction's group; the row is read again once they have aged."""
        known = self._open.get(tx.group_id)
        if known is not None and time.monotonic() < known.until:
            return known.keys
        row = tx.only("groups.keys")
        stored = StoredGroupKeys(*(bytes(part) for part in row))
        keys = self.ring.open_group(tx.group_id, stored)
        self._open[tx.group_id] = _Open(keys, time.monotonic() + KEPT_OPEN_S)
        return keys

    def forget(self, group_id: UUID) -> None:
        """Read the row again at the next use, as after an unknown key."""
        self._open.pop(group_id, None)


def door_hash(ring: Keyring, e164: str) -> bytes:
    """The installation's hash of one of our own numbers, to ask the line directory by."""
    return ring.root.blind("line_directory", e164)
