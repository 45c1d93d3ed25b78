"""A leaf: what the ledger keeps for ever of one thing that happened.

A leaf holds no content. It commits to salted parts of it, each by SHA-256(salt || part), so a part
can be shown and checked alone, and once its salt is gone nobody can tell what it was, while the
log stays whole. Leaves about one subject (a contact) form a chain: each carries its number and the
hash of the one before, so none can be left out of the middle.

Not here: where in the tree a leaf stands (`merkle`), what the parts hold (`oversight.content`).
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from binascii import Error as BadBase64
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from hmac import digest as hmac_digest
from typing import Any
from uuid import UUID

from lotline.core.ledger.canonical import NotCanonical, canonical, instant, parse, read_instant
from lotline.core.ledger.merkle import HASH_SIZE, hash_leaf

VERSION = 1
SALT_SIZE = 32
LARGEST_LEAF = 0xFFFF  # an entry bundle gives the length of a leaf in two bytes


class LeafKind(StrEnum):
    """What happened."""

    CONSENT = "consent"  # a consent entry: agreed, refused, doubted, corrected
    DECISION = "decision"  # the gate's word on a text
    TEXT = "text"  # a text came in, or was handed to a carrier
    BROUGHT = "brought"  # what a member's private phone held of a customer came over
    POLICY_SIGNATURE = "policy_signature"
    ACCESS = "access"  # signed in, signed out, read another's conversation, suspended, ...
    KEY_ROTATION = "key_rotation"
    ERASURE = "erasure"
    EXPORT = "export"  # an evidence bundle left the house


class BadLeaf(ValueError):
    """The bytes are no leaf as the ledger writes them."""


@dataclass(frozen=True, slots=True)
class Head:
    """The end of a chain: how many leaves it has and the hash of the last."""

    seq: int
    hash: bytes


@dataclass(frozen=True, slots=True)
class Link:
    """A leaf's place in the chain of its subject; the first has seq 1 and nothing before it."""

    of: UUID
    seq: int
    prev: bytes | None

    def __post_init__(self) -> None:
        assert (self.seq == 1) == (self.prev is None), "only the first has nothing before it"


@dataclass(frozen=True, slots=True)
class Leaf:
    """`id` is the id of the row it records. `data` is what is kept, `hash` what the tree holds."""

    kind: LeafKind
    group: UUID
    id: UUID
    at: datetime
    commitments: Mapping[str, bytes]
    link: Link | None
    data: bytes
    hash: bytes

    @property
    def head(self) -> Head:
        """Its chain's end, once this leaf is on it."""
        assert self.link is not None, "this leaf is on no chain"
        return Head(self.link.seq, self.hash)


def next_link(subject: UUID, head: Head | None) -> Link:
    """Where the next leaf about `subject` goes. Read the head under the lock of its row."""
    return Link(subject, 1, None) if head is None else Link(subject, head.seq + 1, head.hash)


def make_leaf(
    *,
    kind: LeafKind,
    group: UUID,
    id: UUID,  # noqa: A002 -- the field's own name; the builtin is not used here
    at: datetime,
    parts: Mapping[str, Any],
    salt: bytes,
    link: Link | None = None,
) -> Leaf:
    """Commit to `parts`. The same arguments give the same leaf, so rows can be checked later."""
    assert len(salt) == SALT_SIZE, "a salt nobody can guess"
    assert all(name.isidentifier() and name.isascii() for name in parts), "a part's name is a word"
    commitments = {name: commit(parts[name], part_salt(salt, name)) for name in sorted(parts)}
    data = _written(
        kind=kind, group=group, row=id, at=instant(at), commitments=commitments, link=link
    )
    assert len(data) <= LARGEST_LEAF, "a leaf holds hashes, not content"
    return Leaf(kind, group, id, at, commitments, link, data, hash_leaf(data))


def read_leaf(data: bytes) -> Leaf:
    """A leaf from its bytes, or `BadLeaf`; what is accepted writes back to the same bytes."""
    try:
        value = parse(data)
        if canonical(value) != data:
            raise BadLeaf("a leaf is written in canonical form")
        return _from_json(value, data)
    except (NotCanonical, KeyError, TypeError, AttributeError) as error:
        raise BadLeaf(f"not a leaf of the ledger: {error}") from error


def changed_parts(leaf: Leaf, *, parts: Mapping[str, Any], salt: bytes) -> tuple[str, ...]:
    """Which parts, made again from today's row, are not those that the leaf committed to."""
    return tuple(
        name
        for name in sorted(leaf.commitments.keys() | parts.keys())
        if name not in parts
        or leaf.commitments.get(name) != commit(parts[name], part_salt(salt, name))
    )


def part_salt(salt: bytes, name: str) -> bytes:
    """The salt of one part, so that showing one part does not give the others away."""
    return hmac_digest(salt, name.encode(), "sha256")


def commit(content: Any, salt: bytes) -> bytes:
    """What a leaf holds in place of `content`."""
    assert len(salt) == SALT_SIZE, "a fixed length, so that salt and content cannot shift"
    return sha256(salt + canonical(content)).digest()


def to_base64(data: bytes) -> str:
    return b64encode(data).decode("ascii")


def from_base64(text: str, size: int | None = None) -> bytes:
    """Strict: there is one way to write each value. Raises `NotCanonical`."""
    try:
        data = b64decode(text, validate=True)
    except (BadBase64, ValueError) as error:
        raise NotCanonical("not base64") from error
    if to_base64(data) != text or size not in (None, len(data)):
        raise NotCanonical("not base64 as it is written here")
    return data


def read_uuid(text: str) -> UUID:
    """Strict: the hyphened lower-case form only. Raises `NotCanonical`."""
    try:
        found = UUID(text)
    except ValueError as error:
        raise NotCanonical("not an id") from error
    if str(found) != text:
        raise NotCanonical("not an id as it is written here")
    return found


def _written(
    *,
    kind: LeafKind,
    group: UUID,
    row: UUID,
    at: str,
    commitments: Mapping[str, bytes],
    link: Link | None,
) -> bytes:
    """Canonical JSON by hand, a third of the time: every value here is ASCII without a quote.

    `commitments` come sorted by name. `read_leaf` holds this to what `canonical` would write.
    """
    chain = "null"
    if link is not None:
        prev = "null" if link.prev is None else f'"{to_base64(link.prev)}"'
        chain = f'{{"of":"{link.of}","prev":{prev},"seq":{link.seq}}}'
    parts = ",".join(f'"{name}":"{to_base64(digest)}"' for name, digest in commitments.items())
    return (
        f'{{"at":"{at}","chain":{chain},"commitments":{{{parts}}},"group":"{group}",'
        f'"id":"{row}","kind":"{kind.value}","v":{VERSION}}}'
    ).encode("ascii")


def _from_json(value: Any, data: bytes) -> Leaf:
    fields = {"v", "kind", "group", "id", "at", "chain", "commitments"}
    if set(value) != fields or value["v"] != VERSION:
        raise BadLeaf("not a leaf of a version known here")
    if value["kind"] not in list(LeafKind):
        raise BadLeaf("a kind of leaf not known here")
    chain = value["chain"]
    link = None
    if chain is not None:
        if set(chain) != {"of", "seq", "prev"} or type(chain["seq"]) is not int:
            raise BadLeaf("a chain has of, seq and prev")
        prev = None if chain["prev"] is None else from_base64(chain["prev"], HASH_SIZE)
        if chain["seq"] < 1 or (chain["seq"] == 1) != (prev is None):
            raise BadLeaf("only the first of a chain has nothing before it")
        link = Link(read_uuid(chain["of"]), chain["seq"], prev)
    return Leaf(
        kind=LeafKind(value["kind"]),
        group=read_uuid(value["group"]),
        id=read_uuid(value["id"]),
        at=read_instant(value["at"]),
        commitments={
            name: from_base64(digest, HASH_SIZE) for name, digest in value["commitments"].items()
        },
        link=link,
        data=data,
        hash=hash_leaf(data),
    )
