"""Telling others over HTTP, signed by the Standard Webhooks scheme.

Nothing is followed, and what comes back is not kept.

Not here: what is told and when it is tried again (`actions.webhooks`), the way there (`outward`).
"""

from __future__ import annotations

import time
from datetime import UTC

import urllib3
from standardwebhooks import Webhook

from lotline.adapters.outward import NotReached, dial
from lotline.core.people.webhooks import Said, Telling

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
        try:
            line = dial(telling.url, private=self._private)
        except NotReached as why:
            return None, why.why
        headers = {**signed(telling), "Host": line.host, "Content-Type": "application/json"}
        headers["User-Agent"] = "Lotline-Webhooks"
        try:
            with line.pool as pool:
                answer = pool.urlopen(
                    "POST",
                    line.target,
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
