"""A checkpoint: the log's size and root, signed, so that nobody can tell two stories.

The form is C2SP's: a `tlog-checkpoint` (origin, size, root) in a signed note with Ed25519. Anyone's
tools for such logs read it. A signer must never sign two checkpoints that are not consistent; a
note that carries a known key's name and a signature that fails is refused as a whole.

Not here: the private key (`GroupKeys.sign`), when to sign (`workers.sequencer`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from lotline.core.base.sealing import GroupKeys
from lotline.core.ledger.canonical import NotCanonical
from lotline.core.ledger.leaf import from_base64, to_base64
from lotline.core.ledger.merkle import HASH_SIZE

ED25519 = b"\x01"
PUBLIC_SIZE = 32
KEY_ID_SIZE = 4
SIGNATURE_SIZE = 64
MOST_SIGNATURES = 100
LARGEST_NOTE = 1_000_000

_SIGNATURE = re.compile("\N{EM DASH} ([^ ]+) ([A-Za-z0-9+/]+={0,2})\n")
_SIZE = re.compile("0|[1-9][0-9]{0,18}")


class BadNote(ValueError):
    """The note is no signed note, or nobody known has signed it."""


class BadCheckpoint(ValueError):
    """The text of a note is no checkpoint."""


@dataclass(frozen=True, slots=True)
class PublicKey:
    """Who may sign: a name and an Ed25519 key."""

    name: str
    key: bytes

    def __post_init__(self) -> None:
        assert good_name(self.name), "a key's name has no space and no plus"
        assert len(self.key) == PUBLIC_SIZE, "an Ed25519 public key"

    @property
    def id(self) -> bytes:
        """The first four bytes of SHA-256(name, newline, algorithm, key)."""
        return sha256(self.name.encode() + b"\n" + ED25519 + self.key).digest()[:KEY_ID_SIZE]

    def __str__(self) -> str:
        """`name+id+key`, as tools for signed notes take it."""
        return f"{self.name}+{self.id.hex()}+{to_base64(ED25519 + self.key)}"

    def accepts(self, message: bytes, signature: bytes) -> bool:
        """Whether this key signed the message."""
        try:
            Ed25519PublicKey.from_public_bytes(self.key).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True


@dataclass(frozen=True, slots=True)
class Signer:
    """A public key and the act that signs for it."""

    public: PublicKey
    sign: Callable[[bytes], bytes]


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The log `origin` had `size` leaves, and `root` over them."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """What is signed: three lines."""
        return f"{self.origin}\n{self.size}\n{to_base64(self.root)}\n"


def signers_of(origin: str, keys: GroupKeys) -> tuple[Signer, ...]:
    """Everyone who signs a group's checkpoints now: the key's name is the log's origin."""
    return tuple(Signer(PublicKey(origin, public), sign) for public, sign in keys.signers)


def good_name(name: str) -> bool:
    """No Unicode space, no plus, no control character, and not empty."""
    return bool(name) and name.isprintable() and not any(c.isspace() or c == "+" for c in name)


def read_public_key(text: str) -> PublicKey:
    """From `name+id+key`; a `BadNote` when the id is not that of the key."""
    try:
        name, key_id, encoded = text.split("+", 2)
        data = from_base64(encoded, 1 + PUBLIC_SIZE)
    except (ValueError, NotCanonical) as error:
        raise BadNote("a public key is written name+id+key") from error
    if data[:1] != ED25519 or not good_name(name):
        raise BadNote("a public key is written name+id+key, for Ed25519")
    key = PublicKey(name, data[1:])
    if key.id.hex() != key_id:
        raise BadNote("the public key's id is not that of the key")
    return key


def sign_note(text: str, signers: Sequence[Signer]) -> str:
    """The text, an empty line, and one line for each signer (two while a key is replaced)."""
    assert signers, "someone signs"
    assert text.endswith("\n"), "a note's text ends with a line"
    assert all(c == "\n" or c >= " " for c in text), "a note holds no control character"
    lines = [
        f"\N{EM DASH} {signer.public.name} "
        f"{to_base64(signer.public.id + signer.sign(text.encode()))}\n"
        for signer in signers
    ]
    return text + "\n" + "".join(lines)


def open_note(note: str, known: Sequence[PublicKey]) -> tuple[str, tuple[PublicKey, ...]]:
    """The note's text and who of the known signed it, or `BadNote`. Others' lines are ignored."""
    if len(note) > LARGEST_NOTE or any(c < " " and c != "\n" for c in note):
        raise BadNote("too long, or with control characters")
    text, parted, lines = note.rpartition("\n\n")
    text += "\n"
    if not parted or not lines:
        raise BadNote("no signature")
    try:
        message = text.encode()
    except UnicodeEncodeError as error:
        raise BadNote("not UTF-8") from error
    signed_by: list[PublicKey] = []
    read_to = 0
    for count, found in enumerate(_SIGNATURE.finditer(lines)):
        if found.start() != read_to or count == MOST_SIGNATURES:
            raise BadNote("a signature line is not as the form has it")
        read_to = found.end()
        key, signature = _known(found[1], found[2], known)
        if key is None or key in signed_by:
            continue
        if not key.accepts(message, signature):
            raise BadNote(f"the signature of {key.name} does not fit the text")
        signed_by.append(key)
    if read_to != len(lines):
        raise BadNote("a signature line is not as the form has it")
    if not signed_by:
        raise BadNote("nobody known has signed it")
    return text, tuple(signed_by)


def read_checkpoint(text: str) -> Checkpoint:
    """A checkpoint from a note's text, or `BadCheckpoint`. Lines after the third are ignored."""
    lines = text.split("\n")
    if len(lines) < 4 or lines[-1] or not all(lines[:-1]):
        raise BadCheckpoint("a checkpoint has three lines: origin, size, root")
    origin, size, root = lines[:3]
    if not _SIZE.fullmatch(size):
        raise BadCheckpoint("the size is a plain decimal number")
    try:
        return Checkpoint(origin, int(size), from_base64(root, HASH_SIZE))
    except NotCanonical as error:
        raise BadCheckpoint("the root is a hash in base64") from error


def sign_checkpoint(checkpoint: Checkpoint, signers: Sequence[Signer]) -> str:
    """The signed note that is stored and handed out."""
    assert "\n" not in checkpoint.origin, "an origin is one line"
    assert checkpoint.origin, "a log has an origin"
    return sign_note(checkpoint.text, signers)


def open_checkpoint(note: str, known: Sequence[PublicKey], origin: str) -> Checkpoint:
    """A checkpoint of this very log, signed by a known key, or `BadNote` or `BadCheckpoint`."""
    text, _ = open_note(note, known)
    checkpoint = read_checkpoint(text)
    if checkpoint.origin != origin:
        raise BadCheckpoint("it is of another log")
    return checkpoint


def _known(name: str, encoded: str, known: Sequence[PublicKey]) -> tuple[PublicKey | None, bytes]:
    try:
        data = from_base64(encoded)
    except NotCanonical as error:
        raise BadNote("a signature is not base64") from error
    if len(data) <= KEY_ID_SIZE:
        raise BadNote("a signature is too short")
    key_id, signature = data[:KEY_ID_SIZE], data[KEY_ID_SIZE:]
    for key in known:
        if key.name == name and key.id == key_id:
            return key, signature
    return None, signature
