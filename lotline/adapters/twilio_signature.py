"""Twilio's proof that a webhook is Twilio's.

Two forms: the classic one (HMAC-SHA1 under the account's token) and the one with a shared key
(HMAC-SHA256, named in a settings header). One invariant: what is signed is the public address
we configured, never the Host that a proxy or a stranger put into the request.

Pure and cheap, so that a hook may call it for each of a batch. Not here: what a call says
(`twilio_hooks`). There is no time in these signatures, so replays are told apart by their ids.
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

from lotline.core.carriers.port import HookFault

SIGNATURE = "x-twilio-signature"
SETTINGS = "x-twilio-webhooks-signature-settings"
DELIVERY = "i-twilio-idempotency-token"
_HASHES = {"HMAC_SHA1": "sha1", "HMAC_SHA256": "sha256"}
_DEFAULT_PORTS = {"https": 443, "http": 80}

Params = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Secrets:
    """What an account's webhooks may be signed with. Several tokens while one is rotated."""

    auth_tokens: tuple[str, ...] = field(default=(), repr=False)
    shared_keys: Mapping[str, str] = field(default_factory=dict, repr=False)  # id -> secret


def verify(
    url: str, said: Params | bytes, headers: Mapping[str, str], secrets: Secrets
) -> HookFault | None:
    """None when the call was signed for this address with one of the secrets.

    `said` is the form's parameters, or the raw body where the body is not a form.
    `headers` are in lower case, as ASGI gives them.
    """
    given = headers.get(SIGNATURE, "")
    if not given:
        return HookFault.NO_SIGNATURE
    algorithm, key_id = _settings(headers.get(SETTINGS, ""))
    if algorithm not in _HASHES:
        return HookFault.UNKNOWN_ALGORITHM
    if key_id or algorithm != "HMAC_SHA1":
        if key_id not in secrets.shared_keys:
            return HookFault.UNKNOWN_KEY
        keys: tuple[str, ...] = (secrets.shared_keys[key_id],)
    else:
        keys = secrets.auth_tokens
    keys = tuple(key for key in keys if key)  # an empty key would let anyone sign
    if not keys:
        return HookFault.NO_SECRET
    if isinstance(said, bytes):
        if not _body_agrees(url, said):
            return HookFault.WRONG_BODY
        said = {}
    tail = signed_tail(said)
    for address in _with_and_without_port(url):
        for key in keys:
            if hmac.compare_digest(sign(address + tail, key, algorithm).encode(), given.encode()):
                return None
    return HookFault.WRONG_SIGNATURE


def signed_tail(params: Params) -> str:
    """Each name once in order, each of its values once in order."""
    said = []
    for name in sorted(params):
        values = params[name]
        said += [name + value for value in (values if len(values) == 1 else sorted(set(values)))]
    return "".join(said)


def sign(signed: str, key: str, algorithm: str = "HMAC_SHA1") -> str:
    """The signature of an address followed by its tail."""
    digest = hmac.digest(key.encode(), signed.encode(), _HASHES[algorithm])
    return b64encode(digest).decode("ascii")


def public_urls(bases: Sequence[str], path_and_query: str) -> tuple[str, ...]:
    """The addresses that a call to this path may have been signed for."""
    path = path_and_query if path_and_query.startswith("/") else "/" + path_and_query
    return tuple(base.rstrip("/") + path for base in bases)


def _settings(header: str) -> tuple[str, str]:
    """(algorithm, key id); no header means the classic form."""
    parts = dict(part.strip().split("=", 1) for part in header.split(",") if "=" in part)
    return parts.get("algorithm", "").strip().upper() or "HMAC_SHA1", parts.get("key", "").strip()


def _body_agrees(url: str, body: bytes) -> bool:
    """A body that is no form is signed through its hash in the query; an empty one needs none."""
    hashes = parse_qs(urlsplit(url).query).get("bodySHA256", [])
    if not hashes:
        return not body
    return hmac.compare_digest(hashlib.sha256(body).hexdigest(), hashes[0].lower())


def _with_and_without_port(url: str) -> tuple[str, ...]:
    """Twilio signs either form of an address on a default port; any other port is always there."""
    parts = urlsplit(url)
    default = _DEFAULT_PORTS.get(parts.scheme)
    if default is None or parts.port not in {None, default}:
        return (url,)
    bare = parts.netloc.removesuffix(f":{default}") if parts.port else parts.netloc
    start, rest = f"{parts.scheme}://", url[len(parts.scheme) + 3 + len(parts.netloc) :]
    return (f"{start}{bare}{rest}", f"{start}{bare}:{default}{rest}")
