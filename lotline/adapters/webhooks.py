"""Telling others over HTTP, signed by the Standard Webhooks scheme.

The address is looked up once and that very answer is called, so that a name cannot stand for one
machine when it is looked at and for another when it is called. Nothing is followed, and what comes
back is not kept.

Not here: what is told and when it is tried again (`actions.webhooks`).
"""

from __future__ import annotations

import socket
import time
from datetime import UTC
from urllib.parse import urlsplit

import urllib3
from standardwebhooks import Webhook

from lotline.core.people.webhooks import Said, Telling, is_public

TIMEOUT_S = 10.0
CONNECT_S = 3.0
_GONE = 410
_OK = range(200, 300)


class Telephone:
    """`private`: the installation's owner allows addresses inside networks, and plain HTTP."""

    def __init__(self, *, private: bool = False) -> None:
        self._private = private

    def __call__(self, telling: Telling) -> Said:
        """One call; whatever happens is an outcome."""
        began = time.monotonic()
        status, outcome = self._outcome(telling)
        return Said(status, outcome, round((time.monotonic() - began) * 1000))

    def _outcome(self, telling: Telling) -> tuple[int | None, str]:
        parts = urlsplit(telling.url)
        host = parts.hostname or ""
        secure = parts.scheme == "https"
        port = parts.port or (443 if secure else 80)
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            return None, "unreachable"
        addresses = [str(one[4][0]) for one in found]
        if not addresses or not (self._private or all(map(is_public, addresses))):
            return None, "private"
        return self._call(telling, addresses[0], host=host, port=port, secure=secure)

    def _call(
        self, telling: Telling, address: str, *, host: str, port: int, secure: bool
    ) -> tuple[int | None, str]:
        parts = urlsplit(telling.url)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        timeout = urllib3.Timeout(total=TIMEOUT_S, connect=CONNECT_S)
        pool: urllib3.HTTPConnectionPool
        if secure:
            pool = urllib3.HTTPSConnectionPool(
                address, port, timeout=timeout, server_hostname=host, assert_hostname=host
            )
        else:
            pool = urllib3.HTTPConnectionPool(address, port, timeout=timeout)
        headers = {**signed(telling), "Host": parts.netloc, "Content-Type": "application/json"}
        headers["User-Agent"] = "Lotline-Webhooks"
        try:
            with pool:
                answer = pool.urlopen(
                    "POST",
                    target,
                    body=telling.body.encode(),
                    headers=headers,
                    redirect=False,
                    retries=False,
                    preload_content=False,
                )
                answer.close()  # what they say is their own
        except urllib3.exceptions.TimeoutError:
            return None, "timeout"
        except (urllib3.exceptions.HTTPError, OSError):
            return None, "unreachable"
        if answer.status in _OK:
            return answer.status, "told"
        return answer.status, "gone" if answer.status == _GONE else "refused"


def signed(telling: Telling) -> dict[str, str]:
    """The three headers; while a secret is replaced, both sign."""
    at = telling.at.astimezone(UTC)
    signatures = [Webhook(secret).sign(telling.id, at, telling.body) for secret in telling.secrets]
    return {
        "webhook-id": telling.id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(signatures),
    }
