"""The envelope: a group's keyset, its look-up keys and signer, and a data key for each contact.

Root key > group keyset (Tink, AES-256-GCM, several keys, one primary) > contact data key
(AES-256-GCM) > words. Each is wrapped by the one before and bound to the row it is kept in, so a
key or a word that was moved does not open. Nonces are 96 random bits: one key may seal 2**32
values before the chance that any two meet passes 2**-33; `docs/keys.md` says why we stay far below.

Not here: rows and transactions (`lotline.store`), where the root key is kept (`keys`).
"""

from __future__ import annotations

import os
from base64 import b64decode, b64encode
from collections import OrderedDict
from collections.abc import Callable, Sequence
from hmac import digest as hmac_digest
from json import dumps, loads
from threading import Lock
from typing import NoReturn
from uuid import UUID

import tink
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from tink import aead, proto_keyset_format, secret_key_access
from tink.proto import tink_pb2

from lotline.adapters.keys import blinded
from lotline.adapters.noise import noise
from lotline.core.base.sealing import (
    DataKey,
    NewContactKey,
    Root,
    SealBroken,
    StoredGroupKeys,
    UnknownKey,
)

KEY_SIZE = 32
NONCE_SIZE = 12
VERSION = b"\x01"
TINK_PREFIX = 5  # one byte of version, four of key id
KNOWN_WORDS = 20_000  # hashes of words kept per group: about 2 MB
OPENED_KEYS = 4096  # contact keys kept open per group: about 2 MB

_BROKEN = "sealed bytes were changed, belong to another row, or lost their key"

aead.register()


class ContactKey:
    """A contact's data key: one version byte, the nonce, then ciphertext and tag."""

    __slots__ = ("_aes", "_key", "_salt")

    def __init__(self, key: bytes) -> None:
        assert len(key) == KEY_SIZE, "AES-256"
        self._key = key
        self._aes = AESGCM(key)
        self._salt = hmac_digest(key, b"lotline leaf salts", "sha256")

    def __repr__(self) -> str:
        return "ContactKey(...)"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a key is not copied into a pickle")

    def seal(self, plaintext: bytes, aad: bytes) -> bytes:
        nonce = noise(NONCE_SIZE)
        return VERSION + nonce + self._aes.encrypt(nonce, plaintext, aad)

    def open(self, sealed: bytes, aad: bytes) -> bytes:
        if sealed[:1] != VERSION:
            raise SealBroken(_BROKEN)
        try:
            return self._aes.decrypt(sealed[1 : 1 + NONCE_SIZE], sealed[1 + NONCE_SIZE :], aad)
        except (InvalidTag, ValueError):
            raise SealBroken(_BROKEN) from None

    def salt(self, row: UUID) -> bytes:
        return hmac_digest(self._salt, row.bytes, "sha256")


class OpenGroupKeys:
    """A group's keys in the clear, in memory only (`GroupKeys`). Safe between threads."""

    __slots__ = (
        "_aead",
        "_blinds",
        "_capacity",
        "_ids",
        "_lock",
        "_opened",
        "_primary",
        "_salt",
        "_signers",
        "_words",
        "group",
        "public",
    )

    def __init__(
        self,
        *,
        group: UUID,
        keyset: tink.KeysetHandle,
        blinds: dict[int, bytes],
        salt: bytes,
        signers: Sequence[Ed25519PrivateKey],
        capacity: int,
    ) -> None:
        self.group = group
        self.public = _public(signers[0])
        self._aead = keyset.primitive(aead.Aead)
        info = keyset.keyset_info()
        self._ids = {_prefix(key.key_id) for key in info.key_info}
        self._primary = _prefix(info.primary_key_id)
        self._blinds = sorted(blinds.items(), reverse=True)
        self._salt = salt
        self._signers = tuple(signers)
        self._capacity = capacity
        self._opened: OrderedDict[UUID, tuple[bytes, ContactKey]] = OrderedDict()
        self._lock = Lock()
        self._words: dict[str, int] = {}

    def __repr__(self) -> str:
        return f"OpenGroupKeys({self.group})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a key is not copied into a pickle")

    def seal(self, plaintext: bytes, aad: bytes) -> bytes:
        sealed: bytes = self._aead.encrypt(plaintext, aad)
        return sealed

    def open(self, sealed: bytes, aad: bytes) -> bytes:
        try:
            plaintext: bytes = self._aead.decrypt(sealed, aad)
        except tink.TinkError:
            if sealed[:TINK_PREFIX] not in self._ids:
                raise UnknownKey("sealed under a group key that is not held here") from None
            raise SealBroken(_BROKEN) from None
        return plaintext

    def salt(self, row: UUID) -> bytes:
        return hmac_digest(self._salt, row.bytes, "sha256")

    def blind(self, purpose: str, value: str, size: int = 16) -> bytes:
        version, key = self._blinds[0]
        return bytes((version,)) + blinded(key, purpose, value, size)

    def blinds(self, purpose: str, value: str, size: int = 16) -> tuple[bytes, ...]:
        return tuple(
            bytes((version,)) + blinded(key, purpose, value, size) for version, key in self._blinds
        )

    def word(self, word: str) -> int:
        known = self._words.get(word)
        if known is None:
            known = _word(self._blinds[0][1], word)
            if len(self._words) >= KNOWN_WORDS:
                self._words = {}
            self._words[word] = known
        return known

    def words(self, word: str) -> tuple[int, ...]:
        return tuple(_word(key, word) for _, key in self._blinds)

    def new_contact_key(self, contact: UUID) -> NewContactKey:
        plain = os.urandom(KEY_SIZE)
        key = ContactKey(plain)
        wrapped = self.seal(plain, self._contact_aad(contact))
        self._keep(contact, wrapped, key)
        return NewContactKey(key, wrapped)

    def open_contact_key(self, contact: UUID, wrapped: bytes) -> DataKey:
        with self._lock:
            held = self._opened.get(contact)
            if held is not None and held[0] == wrapped:
                self._opened.move_to_end(contact)
                return held[1]
        key = ContactKey(self.open(wrapped, self._contact_aad(contact)))
        self._keep(contact, wrapped, key)
        return key

    def rewrap_contact_key(self, contact: UUID, wrapped: bytes) -> bytes | None:
        if wrapped[:TINK_PREFIX] == self._primary:
            return None
        identity = self._contact_aad(contact)
        return self.seal(self.open(wrapped, identity), identity)

    def forget_contact_key(self, contact: UUID) -> None:
        with self._lock:
            self._opened.pop(contact, None)

    def sign(self, message: bytes) -> bytes:
        return self._signers[0].sign(message)

    @property
    def signers(self) -> tuple[tuple[bytes, Callable[[bytes], bytes]], ...]:
        return tuple((_public(signer), signer.sign) for signer in self._signers)

    def _keep(self, contact: UUID, wrapped: bytes, key: ContactKey) -> None:
        with self._lock:
            self._opened[contact] = (wrapped, key)
            self._opened.move_to_end(contact)
            while len(self._opened) > self._capacity:
                self._opened.popitem(last=False)

    def _contact_aad(self, contact: UUID) -> bytes:
        return b"lotline contact key\0" + self.group.bytes + contact.bytes


def _file_aad(name: str) -> bytes:
    return b"lotline file key\0" + name.encode()


class Envelope:
    """A `Keyring`: makes, opens and rotates the keys of groups under one root."""

    def __init__(self, root: Root, *, opened_keys: int = OPENED_KEYS) -> None:
        """`opened_keys`: how many contact keys each group keeps open in memory."""
        self.root = root
        self._capacity = opened_keys

    def new_group(self, group: UUID) -> StoredGroupKeys:
        signer = Ed25519PrivateKey.generate()
        return StoredGroupKeys(
            keyset=self._wrap_keyset(
                group, tink.new_keyset_handle(aead.aead_key_templates.AES256_GCM)
            ),
            blind=self._wrap_blinds(group, {1: os.urandom(KEY_SIZE)}, os.urandom(KEY_SIZE)),
            signer=self._wrap_signers(group, [signer]),
            public=_public(signer),
        )

    def open_group(self, group: UUID, stored: StoredGroupKeys) -> OpenGroupKeys:
        blinds, salt = self._unwrap_blinds(group, stored.blind)
        signers = self._unwrap_signers(group, stored.signer)
        if _public(signers[0]) != stored.public:
            raise SealBroken("the group's public key is not that of its signer")
        return OpenGroupKeys(
            group=group,
            keyset=self._unwrap_keyset(group, stored.keyset),
            blinds=blinds,
            salt=salt,
            signers=signers,
            capacity=self._capacity,
        )

    def new_file_key(self, name: str) -> NewContactKey:
        plain = os.urandom(KEY_SIZE)
        return NewContactKey(ContactKey(plain), self.root.wrap(plain, _file_aad(name)))

    def open_file_key(self, name: str, wrapped: bytes) -> DataKey:
        return ContactKey(self.root.unwrap(wrapped, _file_aad(name)))

    # --- rotation: each step gives the row's new columns and leaves what is sealed as it is ----

    def rewrap_group(self, group: UUID, stored: StoredGroupKeys) -> StoredGroupKeys | None:
        kept = (stored.keyset, stored.blind, stored.signer)
        if all(self.root.is_current(wrapped) for wrapped in kept):
            return None
        keyset, blind, signer = (
            self.root.wrap(self.root.unwrap(wrapped, _aad(what, group)), _aad(what, group))
            for what, wrapped in zip(("keyset", "blind", "signer"), kept, strict=True)
        )
        return StoredGroupKeys(keyset, blind, signer, stored.public)

    def add_group_key(self, group: UUID, stored: StoredGroupKeys) -> StoredGroupKeys:
        keyset = self._keyset_proto(group, stored.keyset)
        held = {key.key_id for key in keyset.key}
        while True:  # ids are 32 random bits: another one in case they meet
            fresh = _proto(tink.new_keyset_handle(aead.aead_key_templates.AES256_GCM))
            if fresh.primary_key_id not in held:
                break
        keyset.key.extend(fresh.key)
        return self._with_keyset(group, stored, keyset)

    def promote_group_key(self, group: UUID, stored: StoredGroupKeys) -> StoredGroupKeys:
        keyset = self._keyset_proto(group, stored.keyset)
        keyset.primary_key_id = keyset.key[-1].key_id
        return self._with_keyset(group, stored, keyset)

    def drop_old_group_keys(self, group: UUID, stored: StoredGroupKeys) -> StoredGroupKeys:
        keyset = self._keyset_proto(group, stored.keyset)
        kept = [key for key in keyset.key if key.key_id == keyset.primary_key_id]
        del keyset.key[:]
        keyset.key.extend(kept)
        return self._with_keyset(group, stored, keyset)

    def add_blind_key(self, group: UUID, stored: StoredGroupKeys) -> StoredGroupKeys:
        blinds, salt = self._unwrap_blinds(group, stored.blind)
        newest = max(blinds) + 1
        assert newest < 256, "a version is one byte"
        blind = self._wrap_blinds(group, {**blinds, newest: os.urandom(KEY_SIZE)}, salt)
        return StoredGroupKeys(stored.keyset, blind, stored.signer, stored.public)

    def drop_old_blind_keys(self, group: UUID, stored: StoredGroupKeys) -> StoredGroupKeys:
        blinds, salt = self._unwrap_blinds(group, stored.blind)
        newest = max(blinds)
        blind = self._wrap_blinds(group, {newest: blinds[newest]}, salt)
        return StoredGroupKeys(stored.keyset, blind, stored.signer, stored.public)

    def replace_signer(self, group: UUID, stored: StoredGroupKeys) -> StoredGroupKeys:
        older = self._unwrap_signers(group, stored.signer)[:1]
        newest = Ed25519PrivateKey.generate()
        wrapped = self._wrap_signers(group, [newest, *older])
        return StoredGroupKeys(stored.keyset, stored.blind, wrapped, _public(newest))

    def drop_old_signer(self, group: UUID, stored: StoredGroupKeys) -> StoredGroupKeys:
        wrapped = self._wrap_signers(group, self._unwrap_signers(group, stored.signer)[:1])
        return StoredGroupKeys(stored.keyset, stored.blind, wrapped, stored.public)

    # --- how they are kept ---------------------------------------------------------------------

    def _wrap_keyset(self, group: UUID, keyset: tink.KeysetHandle) -> bytes:
        plain = proto_keyset_format.serialize(keyset, secret_key_access.TOKEN)
        return self.root.wrap(plain, _aad("keyset", group))

    def _unwrap_keyset(self, group: UUID, wrapped: bytes) -> tink.KeysetHandle:
        plain = self.root.unwrap(wrapped, _aad("keyset", group))
        return proto_keyset_format.parse(plain, secret_key_access.TOKEN)

    def _keyset_proto(self, group: UUID, wrapped: bytes) -> tink_pb2.Keyset:
        return _proto(self._unwrap_keyset(group, wrapped))

    def _with_keyset(
        self, group: UUID, stored: StoredGroupKeys, keyset: tink_pb2.Keyset
    ) -> StoredGroupKeys:
        handle = proto_keyset_format.parse(keyset.SerializeToString(), secret_key_access.TOKEN)
        wrapped = self._wrap_keyset(group, handle)
        return StoredGroupKeys(wrapped, stored.blind, stored.signer, stored.public)

    def _wrap_signers(self, group: UUID, signers: Sequence[Ed25519PrivateKey]) -> bytes:
        seeds = b"".join(signer.private_bytes_raw() for signer in signers)
        return self.root.wrap(seeds, _aad("signer", group))

    def _unwrap_signers(self, group: UUID, wrapped: bytes) -> list[Ed25519PrivateKey]:
        """Newest first."""
        seeds = self.root.unwrap(wrapped, _aad("signer", group))
        return [
            Ed25519PrivateKey.from_private_bytes(seeds[at : at + KEY_SIZE])
            for at in range(0, len(seeds), KEY_SIZE)
        ]

    def _wrap_blinds(self, group: UUID, blinds: dict[int, bytes], salt: bytes) -> bytes:
        kept = {
            "salt": b64encode(salt).decode(),
            "blind": {str(version): b64encode(key).decode() for version, key in blinds.items()},
        }
        return self.root.wrap(dumps(kept).encode(), _aad("blind", group))

    def _unwrap_blinds(self, group: UUID, wrapped: bytes) -> tuple[dict[int, bytes], bytes]:
        kept = loads(self.root.unwrap(wrapped, _aad("blind", group)))
        blinds = {int(version): b64decode(key) for version, key in kept["blind"].items()}
        return blinds, b64decode(kept["salt"])


def _word(key: bytes, word: str) -> int:
    return int.from_bytes(blinded(key, "word", word, 16)[:8], "big", signed=True)


def _proto(keyset: tink.KeysetHandle) -> tink_pb2.Keyset:
    # Tink for Python has no keyset manager: a key is added to the keyset's own message.
    plain = proto_keyset_format.serialize(keyset, secret_key_access.TOKEN)
    return tink_pb2.Keyset.FromString(plain)


def _public(signer: Ed25519PrivateKey) -> bytes:
    return signer.public_key().public_bytes_raw()


def _prefix(key_id: int) -> bytes:
    """How a ciphertext of this key begins (Tink's output prefix)."""
    return b"\x01" + key_id.to_bytes(4, "big")


def _aad(what: str, group: UUID) -> bytes:
    return b"lotline group %b\0%b" % (what.encode(), group.bytes)
