"""Sending notices by Web Push: sealed for one browser (RFC 8291), signed by the company (RFC 8292).

A push service sees for whom something is, how big it is and when; what it says opens in the one
browser alone. Nothing is followed, and what comes back is not kept.

Not here: what is said and when it is tried again (`actions.push`), the way there (`outward`).
"""

from __future__ import annotations

import json
import os
import struct
from datetime import datetime
from urllib.parse import urlsplit

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from lotline.adapters.outward import post
from lotline.core.people.push import Push, Way, base64url, public_of
from lotline.core.people.webhooks import Said

KEPT_S = 12 * 3600  # so long a push service keeps what it cannot deliver at once
SIGNED_S = 6 * 3600  # so long a signature stands; services refuse what stands longer than a day
_RECORD = 4096
_CURVE = ec.SECP256R1()
_GONE = frozenset({404, 410})


class WebPush:
    """`private`: the installation's owner allows addresses inside networks, and plain HTTP."""

    def __init__(self, *, private: bool = False) -> None:
        self._private = private

    def __call__(self, push: Push) -> Said:
        """One call; whatever happens is an outcome."""
        headers = {
            "Authorization": signed(push.way.endpoint, push.signing, push.contact, push.at),
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
            "TTL": str(KEPT_S),
            "Urgency": "high",
            "Topic": push.topic,
        }
        body = sealed(push.payload, push.way, ec.generate_private_key(_CURVE), os.urandom(16))
        return post(push.way.endpoint, body, headers, private=self._private, gone=_GONE)


def sealed(plain: bytes, way: Way, own: ec.EllipticCurvePrivateKey, salt: bytes) -> bytes:
    """One record of `aes128gcm` (RFC 8188), with keys that only this browser can find again."""
    theirs = ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, way.key)
    ours = own.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    shared = own.exchange(ec.ECDH(), theirs)
    secret = _derived(way.secret, shared, b"WebPush: info\0" + way.key + ours, 32)
    key = _derived(salt, secret, b"Content-Encoding: aes128gcm\0", 16)
    nonce = _derived(salt, secret, b"Content-Encoding: nonce\0", 12)
    assert len(plain) < _RECORD - 17, "a notice is one record"
    head = salt + struct.pack("!IB", _RECORD, len(ours)) + ours
    return head + AESGCM(key).encrypt(nonce, plain + b"\x02", None)


def _derived(salt: bytes, secret: bytes, info: bytes, size: int) -> bytes:
    return HKDF(hashes.SHA256(), size, salt, info).derive(secret)


def signed(endpoint: str, private: int, contact: str, at: datetime) -> str:
    """That it is us, to this push service and for a few hours."""
    parts = urlsplit(endpoint)
    claims: dict[str, object] = {
        "aud": f"{parts.scheme}://{parts.netloc}",
        "exp": int(at.timestamp()) + SIGNED_S,
        "sub": contact,
    }
    said = f"{_part({'typ': 'JWT', 'alg': 'ES256'})}.{_part(claims)}"
    key = ec.derive_private_key(private, _CURVE)
    r, s = decode_dss_signature(key.sign(said.encode(), ec.ECDSA(hashes.SHA256())))
    mark = base64url(r.to_bytes(32, "big") + s.to_bytes(32, "big"))
    return f"vapid t={said}.{mark}, k={base64url(public_of(private))}"


def _part(said: dict[str, object]) -> str:
    return base64url(json.dumps(said, separators=(",", ":")).encode())
