"""Sealed columns: how words go into a row unreadable and come out again.

A contact's own words (name, number, texts, notes, drafts, proofs) are sealed under the contact's
data key, so that forgetting that key forgets them all; the company's words (names of members,
stores, lines, saved replies) under the group's keyset. Each value is bound to its column and row.

What must be found without being opened is kept beside it as a keyed hash.

Not here: the keys (`lotline.core.base.sealing`), how they are opened (`store.keys`).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from lotline.core.base.sealing import SealBroken, row_identity
from lotline.core.base.words import plain

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from lotline.core.base.sealing import GroupKeys, Seal
    from lotline.store.database import Tx

# What a hash is for is part of it, so the same value hashed for two reasons cannot be matched.
NUMBER = "number"
NAME = "name"
SESSION = "session"
NUMBER_END = "number_end"
STOCK = "stock"

_LONGEST_PREFIX = 12
_SHORTEST_PREFIX = 2
_NUMBER_ENDS = (4, 7)

FORGOTTEN = ""  # what an erased contact's words read as


def seal_words(key: Seal, words: str, table: str, column: str, group: UUID, *ids: UUID) -> bytes:
    return key.seal(words.encode(), row_identity(table, column, group, *ids))


def open_words(
    key: Seal | None, sealed: bytes | None, table: str, column: str, group: UUID, *ids: UUID
) -> str:
    """The words; nothing when there were none, or when the contact's key was erased (no key)."""
    if key is None or not sealed:
        return FORGOTTEN
    return key.open(bytes(sealed), row_identity(table, column, group, *ids)).decode()


def seal_json(key: Seal, value: Any, table: str, column: str, group: UUID, *ids: UUID) -> bytes:
    return seal_words(key, json.dumps(value, separators=(",", ":")), table, column, group, *ids)


def open_json(
    key: Seal | None, sealed: bytes | None, table: str, column: str, group: UUID, *ids: UUID
) -> dict[str, Any]:
    words = open_words(key, sealed, table, column, group, *ids)
    if not words:
        return {}
    found = json.loads(words)
    assert isinstance(found, dict), "a sealed card or proof is an object"
    return found


def contact_key(
    tx: Tx, contact_id: UUID, wrapped: bytes | None, erased_at: datetime | None = None
) -> Seal | None:
    """None once the contact was erased: its words open for nobody.

    A number that comes back after its erasure gets a new key; what the old one sealed stays shut
    and reads as nothing, while for anybody else a seal that does not open is an alarm.
    """
    if wrapped is None:
        return None
    key = tx.keys.open_contact_key(contact_id, bytes(wrapped))
    return key if erased_at is None else _Forgetful(key)


class _Forgetful:
    """The new key of a contact that was erased: opens the new, forgives the old."""

    __slots__ = ("_key",)

    def __init__(self, key: Seal) -> None:
        self._key = key

    def seal(self, plaintext: bytes, aad: bytes) -> bytes:
        return self._key.seal(plaintext, aad)

    def open(self, sealed: bytes, aad: bytes) -> bytes:
        try:
            return self._key.open(sealed, aad)
        except SealBroken:
            return b""

    def salt(self, row: UUID) -> bytes:
        return self._key.salt(row)


def number_hash(keys: GroupKeys, e164: str) -> bytes:
    """What a new row keeps to be found by its number."""
    return keys.blind(NUMBER, e164)


def number_hashes(keys: GroupKeys, e164: str) -> list[bytes]:
    """Under each version of the hash key still held: what a look-up must try."""
    return list(keys.blinds(NUMBER, e164))


def session_hash(keys: GroupKeys, session_key: str) -> bytes:
    """What a device's row keeps of its session."""
    return keys.blind(SESSION, session_key)


def session_hashes(keys: GroupKeys, session_key: str) -> list[bytes]:
    """Under each version of the hash key still held."""
    return list(keys.blinds(SESSION, session_key))


def words_of(name: str) -> list[str]:
    """The words of a name as they are compared: lower case, without accents or punctuation."""
    return plain(name).split()


def name_tokens(keys: GroupKeys, name: str, e164: str, stock: str = "") -> list[bytes]:
    """What a contact is found by: each word of the name, its beginnings, the number's end, and the
    stock number of what they look at.
    """
    pieces = {piece for word in words_of(name) for piece in _beginnings(word)}
    digits = e164.removeprefix("+")
    return [
        *(keys.blind(NAME, piece) for piece in sorted(pieces)),
        *(keys.blind(NUMBER_END, digits[-size:]) for size in _NUMBER_ENDS if len(digits) >= size),
        *stock_tokens(keys, stock),
    ]


def stock_tokens(keys: GroupKeys, stock: str) -> list[bytes]:
    """Letters and digits alone, so "T-1042" and "t1042" are one number; none for none."""
    bare = "".join(words_of(stock))
    return [keys.blind(STOCK, bare)] if bare else []


def query_tokens(keys: GroupKeys, words: str) -> list[bytes]:
    """All of these must be among a contact's tokens; the longest word's comes first.

    A word longer than what is kept of one is cut.
    """
    sought = sorted({word[:_LONGEST_PREFIX] for word in words_of(words)}, key=len, reverse=True)
    return [keys.blind(NAME, word) for word in sought]


def end_token(keys: GroupKeys, digits: str) -> bytes | None:
    """The token of a number's last 4 or 7 digits; None for any other length."""
    return keys.blind(NUMBER_END, digits) if len(digits) in _NUMBER_ENDS else None


def _beginnings(word: str) -> list[str]:
    longest = min(len(word), _LONGEST_PREFIX)
    return [word[:size] for size in range(min(_SHORTEST_PREFIX, longest), longest + 1)]
