"""Push: a notice on a member's own device that a text waits, and what such a notice may say.

One invariant: a notice has no place for a customer's name, number or words. What it may show of a
customer are `Initials`, at most two letters, and only where the member and their owner both chose
that. It names its conversation by an id, under which ten texts make one notice.

Not here: rows (`store.push`), whom it is sent to (`actions.push`), the way there (`adapters.push`).
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from lotline.core.people.webhooks import BadAddress, Said, read_address

WAITS = "New text waiting. Open Lotline to read it."
TESTED = "This is a test. Notices reach this device."
APP = "Lotline"
OLDEST = timedelta(hours=12)  # a notice that could not be handed over by then is none any more
# So long a text is left to whoever has its conversation before them: read, it needs no notice.
FIRST_PAUSE = timedelta(seconds=3)
NEXT_PAUSE = timedelta(seconds=30)  # between two notices of one conversation on one device
_PAUSES_S = (15, 60, 300, 1800, 3600)
_JITTER = 0.2
_LONGEST_LINE = 60
_BLOCK = 256  # payloads are filled up to whole blocks, so that a length tells nothing
_CURVE = ec.SECP256R1()
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_POINT_BYTES = 65
_SECRET_BYTES = 16


class BadSubscription(ValueError):
    """Nothing is sent there; the message says why."""


class Detail(StrEnum):
    """What a notice says, from the least to the most."""

    NONE = "none"
    LINE = "line"
    INITIALS = "initials"


USUAL = Detail.LINE
_ORDERED = tuple(Detail)


@dataclass(frozen=True, slots=True)
class Initials:
    """At most two letters, each of a script that writes names with many."""

    letters: str

    def __post_init__(self) -> None:
        assert 0 < len(self.letters) <= 2, "initials are one letter or two"
        assert all(map(_is_letter, self.letters)), "initials are letters"


@dataclass(frozen=True, slots=True)
class Notice:
    """What waits where. `conversation_id` is None for a test."""

    conversation_id: UUID | None
    line: str = ""
    initials: Initials | None = None


@dataclass(frozen=True, slots=True)
class Way:
    """Where a browser takes notices, and what they are sealed for."""

    endpoint: str = field(repr=False)
    key: bytes = field(repr=False)
    secret: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Push:
    """One call as it is made. `topic` lets the push service keep the newest of a conversation."""

    way: Way
    payload: bytes = field(repr=False)
    topic: str
    signing: int = field(repr=False)  # the company's private key
    contact: str
    at: datetime


class Pusher(Protocol):
    """Makes one call. It never raises: whatever happens is an outcome."""

    def __call__(self, push: Push) -> Said: ...


def detail_of(chosen: object, most: object) -> Detail:
    """What a member chose, and never more than their owner allows."""
    return min(_read(chosen, USUAL), _read(most, Detail.INITIALS), key=_ORDERED.index)


def allowed(most: object) -> tuple[Detail, ...]:
    """What a member may choose under their owner's limit."""
    return _ORDERED[: _ORDERED.index(_read(most, Detail.INITIALS)) + 1]


def _read(said: object, otherwise: Detail) -> Detail:
    """What nobody chose is as usual; what cannot be read is the least."""
    if said is None:
        return otherwise
    return Detail(str(said)) if str(said) in _ORDERED else Detail.NONE


def initials_of(name: str) -> Initials | None:
    """Of the first word and the last; None where a letter may be a whole name, or is none."""
    words = name.split()
    ends = [words[0], *words[1:][-1:]] if words else []
    found = "".join(word[0].upper()[:1] for word in ends if _is_letter(word[0]))
    return Initials(found) if found else None


def _is_letter(sign: str) -> bool:
    return sign.isalpha() and sign.lower() != sign.upper()


def notice_of(
    detail: Detail, conversation_id: UUID, *, line: str, initials: Initials | None
) -> Notice:
    """No more than may be said."""
    return Notice(
        conversation_id,
        line=line if detail is not Detail.NONE else "",
        initials=initials if detail is Detail.INITIALS else None,
    )


def payload_of(notice: Notice) -> bytes:
    """As the service worker reads it: title, body, tag, and where a tap leads."""
    title = notice.line[:_LONGEST_LINE] or APP
    if notice.initials is not None:
        title = f"{title}: {notice.initials.letters}"
    talk = notice.conversation_id
    said = {
        "t": title,
        "b": WAITS if talk else TESTED,
        "g": str(talk) if talk else "test",
        "u": f"/c/{talk}/#box" if talk else "/me/#push",
    }
    plain = json.dumps(said, separators=(",", ":")).encode()
    return plain.ljust(-(-len(plain) // _BLOCK) * _BLOCK)


def pause_after(tries: int, chance: float) -> timedelta | None:
    """How long until the next try, `chance` in 0..1 spreads them; None when it was the last."""
    if tries > len(_PAUSES_S):
        return None
    return timedelta(seconds=_PAUSES_S[tries - 1] * (1 + _JITTER * (2 * chance - 1)))


def read_way(said: Mapping[str, Any], *, private: bool) -> Way:
    """What a browser says of itself. It is anybody's input: an address, a point, a secret."""
    keys = said.get("keys")
    endpoint = said.get("endpoint")
    if not isinstance(endpoint, str) or not isinstance(keys, Mapping):
        raise BadSubscription("This browser’s answer can’t be read.")
    try:
        address = read_address(endpoint, private=private)
    except BadAddress:
        raise BadSubscription("This browser takes notices where we may not send any.") from None
    key, secret = _bytes(keys.get("p256dh")), _bytes(keys.get("auth"))
    if len(key) != _POINT_BYTES or len(secret) != _SECRET_BYTES:
        raise BadSubscription("This browser’s answer can’t be read.")
    try:
        ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, key)
    except ValueError:
        raise BadSubscription("This browser’s answer can’t be read.") from None
    return Way(address, key, secret)


def _bytes(said: object) -> bytes:
    """Base64 as browsers write it, without filling; nothing when it is none."""
    if not isinstance(said, str) or len(said) > 200 or not said.isascii():
        return b""
    try:
        return base64.b64decode(said + "=" * (-len(said) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return b""


def private_from(noise: bytes) -> int:
    """A private key of the curve from at least 48 random bytes, as even as they are."""
    assert len(noise) >= 48, "fewer would favour some keys"
    return int.from_bytes(noise, "big") % (_ORDER - 1) + 1


def public_of(private: int) -> bytes:
    """What browsers are told, so that they take notices of this company and of no other."""
    point = ec.derive_private_key(private, _CURVE).public_key()
    return point.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def base64url(plain: bytes) -> str:
    return base64.urlsafe_b64encode(plain).rstrip(b"=").decode()
