"""Sealing: what may be asked of keys by whoever keeps rows.

A group's keyset seals the group's own words; each contact has a data key of its own, wrapped by
that keyset, so that forgetting one key makes one person unreadable everywhere. What is sealed is
bound to the row it belongs to: moved to another row, it does not open.

Not here: any cryptography (`lotline.adapters.envelope`), where keys are kept (`adapters.keys`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from uuid import UUID


class SealBroken(Exception):
    """The bytes do not open: changed, moved to another row, or sealed under a lost key.

    Its words never hold what was sealed, nor what it was sealed with.
    """


class UnknownKey(SealBroken):
    """Sealed under a key this keyset does not hold: read the group's row again, then try again."""


def row_identity(table: str, column: str, group: UUID, *ids: UUID) -> bytes:
    """The associated data that ties a sealed value to its place.

    Names of tables and columns hold no zero byte and ids are 16 bytes each, so no two places
    share an identity.
    """
    place = _column(table, column, group)
    return place + (ids[0].bytes if len(ids) == 1 else b"".join([one.bytes for one in ids]))


@lru_cache(1024)
def _column(table: str, column: str, group: UUID) -> bytes:
    """What the identities of all rows of a column begin with."""
    assert "\0" not in table, "a table's name has no zero byte"
    assert "\0" not in column, "a column's name has no zero byte"
    return b"%b\0%b\0%b" % (table.encode(), column.encode(), group.bytes)


class Seal(Protocol):
    """Anything that seals bytes to a place and opens them there again."""

    def seal(self, plaintext: bytes, aad: bytes) -> bytes:
        """Ciphertext, different each time. `aad` is a `row_identity`."""
        ...

    def open(self, sealed: bytes, aad: bytes) -> bytes:
        """The plaintext, or `SealBroken`."""
        ...

    def salt(self, row: UUID) -> bytes:
        """32 bytes for a ledger leaf, the same each time, gone when the key is gone."""
        ...


class DataKey(Seal, Protocol):
    """One contact's key."""


@dataclass(frozen=True, slots=True)
class NewContactKey:
    """A data key and the form of it that is kept: `contacts.key_wrapped`."""

    key: DataKey
    wrapped: bytes


class GroupKeys(Seal, Protocol):
    """A group's opened keys. One is kept for each group while the process lives."""

    @property
    def group(self) -> UUID:
        """Whose keys these are."""
        ...

    def blind(self, purpose: str, value: str, size: int = 16) -> bytes:
        """A keyed hash to find a thing by: one version byte and `size` (16 to 32) more.

        Equal values give equal bytes within one purpose and one group, and nowhere else.
        """
        ...

    def blinds(self, purpose: str, value: str, size: int = 16) -> tuple[bytes, ...]:
        """`blind` under each version held, newest first: what a look-up must try."""
        ...

    def word(self, word: str) -> int:
        """64 bits to find a word by, the same each time within the group, under the newest version.

        Asked for each word of each text, so the answers to common ones are kept in memory.
        """
        ...

    def words(self, word: str) -> tuple[int, ...]:
        """`word` under each version held, newest first."""
        ...

    def new_contact_key(self, contact: UUID) -> NewContactKey:
        """A fresh key for a contact."""
        ...

    def open_contact_key(self, contact: UUID, wrapped: bytes) -> DataKey:
        """The contact's key from its row; kept open in memory for a while."""
        ...

    def rewrap_contact_key(self, contact: UUID, wrapped: bytes) -> bytes | None:
        """The same key wrapped under the newest group key; None when it already is."""
        ...

    def forget_contact_key(self, contact: UUID) -> None:
        """Drop it from memory at once. Erasing its row is the caller's part."""
        ...

    @property
    def public(self) -> bytes:
        """The 32-byte Ed25519 key that checks the ledger's checkpoints."""
        ...

    def sign(self, message: bytes) -> bytes:
        """An Ed25519 signature by the group's checkpoint key."""
        ...

    @property
    def signers(self) -> Sequence[tuple[bytes, Callable[[bytes], bytes]]]:
        """Every key that signs checkpoints now, newest first: two while one is replaced."""
        ...


@dataclass(frozen=True, slots=True)
class StoredGroupKeys:
    """A group's keys as its row keeps them; each is unreadable without the root key."""

    keyset: bytes  # groups.keyset_ct
    blind: bytes  # groups.blind_ct
    signer: bytes  # groups.signer_ct
    public: bytes  # groups.signer_public


class Root(Protocol):
    """What wraps the keys of all groups: a key file, or a KMS that never shows its key."""

    @property
    def current(self) -> str:
        """The id of the root key that wraps from now on."""
        ...

    def wrap(self, plaintext: bytes, aad: bytes) -> bytes:
        """Wrapped under the current root key; the bytes name it."""
        ...

    def unwrap(self, wrapped: bytes, aad: bytes) -> bytes:
        """Under whichever root key it was wrapped with, or `SealBroken`."""
        ...

    def is_current(self, wrapped: bytes) -> bool:
        """Whether a rotation has nothing left to do with these bytes."""
        ...

    def blind(self, purpose: str, value: str, size: int = 16) -> bytes:
        """The installation's own keyed hash, for what is asked before a group is known."""
        ...


class Keyring(Protocol):
    """Makes and opens the keys of groups. Chosen by the wiring, handed to whoever keeps rows."""

    @property
    def root(self) -> Root:
        """What wraps them."""
        ...

    def new_group(self, group: UUID) -> StoredGroupKeys:
        """Fresh keys for a new group."""
        ...

    def open_group(self, group: UUID, stored: StoredGroupKeys) -> GroupKeys:
        """A group's keys, ready for use."""
        ...

    def new_file_key(self, name: str) -> NewContactKey:
        """A key for one file, wrapped by the root key and bound to the file's name."""
        ...

    def open_file_key(self, name: str, wrapped: bytes) -> DataKey:
        """The key of that file, or `SealBroken`."""
        ...

    def rewrap_group(self, group: UUID, stored: StoredGroupKeys) -> StoredGroupKeys | None:
        """The same keys under the current root key; None when they already are."""
        ...

    def add_group_key(self, group: UUID, stored: StoredGroupKeys) -> StoredGroupKeys:
        """First step of a rotation: every process learns the new key before any uses it."""
        ...

    def promote_group_key(self, group: UUID, stored: StoredGroupKeys) -> StoredGroupKeys:
        """Second step: the newest key seals from now on; the older ones still open."""
        ...

    def drop_old_group_keys(self, group: UUID, stored: StoredGroupKeys) -> StoredGroupKeys:
        """Last step, once nothing is sealed under them: only the primary key remains."""
        ...

    def add_blind_key(self, group: UUID, stored: StoredGroupKeys) -> StoredGroupKeys:
        """A new look-up key: every hash is then made again, and looked for under both meanwhile."""
        ...

    def drop_old_blind_keys(self, group: UUID, stored: StoredGroupKeys) -> StoredGroupKeys:
        """Once no row holds a hash of an older version."""
        ...

    def replace_signer(self, group: UUID, stored: StoredGroupKeys) -> StoredGroupKeys:
        """A new checkpoint key; the one before signs beside it until it is dropped."""
        ...

    def drop_old_signer(self, group: UUID, stored: StoredGroupKeys) -> StoredGroupKeys:
        """Once everybody who checks knows the new public key."""
        ...
