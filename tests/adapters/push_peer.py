"""A push service and browsers of our own: what reaches an endpoint, as it came and as it opens.

It opens what it gets by the text of RFC 8188, 8291 and 8292, with nothing of the sender's code.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

CURVE = ec.SECP256R1()


def b64(plain: bytes) -> str:
    return base64.urlsafe_b64encode(plain).rstrip(b"=").decode()


def unb64(said: str) -> bytes:
    return base64.urlsafe_b64decode(said + "=" * (-len(said) % 4))


def point(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def _mac(key: bytes, said: bytes) -> bytes:
    return hmac.new(key, said, hashlib.sha256).digest()


@dataclass
class Phone:
    """A browser that takes notices at an endpoint."""

    endpoint: str
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(CURVE))
    secret: bytes = field(default_factory=lambda: os.urandom(16))

    def said(self) -> dict[str, Any]:
        """What its `PushSubscription` says of itself."""
        keys = {"p256dh": b64(point(self.key.public_key())), "auth": b64(self.secret)}
        return {"endpoint": self.endpoint, "expirationTime": None, "keys": keys}

    def open(self, body: bytes) -> bytes:
        salt, size, length = body[:16], int.from_bytes(body[16:20], "big"), body[20]
        theirs, record = body[21 : 21 + length], body[21 + length :]
        assert len(record) <= size
        sender = ec.EllipticCurvePublicKey.from_encoded_point(CURVE, theirs)
        shared = self.key.exchange(ec.ECDH(), sender)
        info = b"WebPush: info\x00" + point(self.key.public_key()) + theirs
        secret = _mac(_mac(self.secret, shared), info + b"\x01")
        pseudo = _mac(salt, secret)
        key = _mac(pseudo, b"Content-Encoding: aes128gcm\x00\x01")[:16]
        nonce = _mac(pseudo, b"Content-Encoding: nonce\x00\x01")[:12]
        plain = AESGCM(key).decrypt(nonce, record, None).rstrip(b"\x00")
        assert plain.endswith(b"\x02"), "the last record says so"
        return plain[:-1]

    def read(self, body: bytes) -> dict[str, str]:
        found: dict[str, str] = json.loads(self.open(body))
        return found


@dataclass(frozen=True)
class Call:
    """One request as it came."""

    path: str
    headers: dict[str, str]
    body: bytes


def signature(call: Call) -> tuple[dict[str, Any], bytes]:
    """The claims of a call and the public key that they hold under."""
    scheme, _, said = call.headers["authorization"].partition(" ")
    assert scheme == "vapid"
    parts = dict(one.strip().split("=", 1) for one in said.split(","))
    key, token = unb64(parts["k"]), parts["t"]
    words, _, mark = token.rpartition(".")
    raw = unb64(mark)
    signed = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    ec.EllipticCurvePublicKey.from_encoded_point(CURVE, key).verify(
        signed, words.encode(), ec.ECDSA(hashes.SHA256())
    )
    head, claims = (json.loads(unb64(part)) for part in words.split("."))
    assert head["alg"] == "ES256"
    return claims, key


@dataclass
class PushService:
    """Takes everything, unless told otherwise for a path."""

    url: str = ""
    says: dict[str, int] = field(default_factory=dict)
    heard: list[Call] = field(default_factory=list)
    slow: dict[str, threading.Event] = field(default_factory=dict)

    def phone(self, name: str) -> Phone:
        return Phone(f"{self.url}/push/{name}")

    def of(self, phone: Phone) -> list[Call]:
        return [one for one in self.heard if phone.endpoint.endswith(one.path)]


@contextmanager
def a_push_service() -> Iterator[PushService]:
    made = PushService()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:  # the library's name
            body = self.rfile.read(int(self.headers["content-length"]))
            if self.path in made.slow:
                made.slow[self.path].wait(20)
            headers = {name.lower(): said for name, said in self.headers.items()}
            made.heard.append(Call(self.path, headers, body))
            self.send_response(made.says.get(self.path, 201))
            self.send_header("Location", f"{made.url}/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
