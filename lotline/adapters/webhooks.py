"""Telling others over HTTP, signed by the Standard Webhooks scheme.

Nothing is followed, and what comes back is not kept.

Not here: what is told and when it is tried again (`actions.webhooks`), the way there (`outward`).
"""

from __future__ import annotations

from datetime import UTC

from standardwebhooks import Webhook

from lotline.adapters.outward import post
from lotline.core.people.webhooks import Said, Telling

_GONE = frozenset({410})


class Telephone:
    """`private`: the installation's owner allows addresses inside networks, and plain HTTP."""

    def __init__(self, *, private: bool = False) -> None:
        self._private = private

    def __call__(self, telling: Telling) -> Said:
        """One call; whatever happens is an outcome."""
        headers = {
            **signed(telling),
            "Content-Type": "application/json",
            "User-Agent": "Lotline-Webhooks",
        }
        body = telling.body.encode()
        return post(telling.url, body, headers, private=self._private, gone=_GONE)


def signed(telling: Telling) -> dict[str, str]:
    """The three headers; while a secret is replaced, both sign."""
    at = telling.at.astimezone(UTC)
    signatures = [Webhook(secret).sign(telling.id, at, telling.body) for secret in telling.secrets]
    return {
        "webhook-id": telling.id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(signatures),
    }
