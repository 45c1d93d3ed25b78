"""The carrier of the town's past: in this process, taking every text that is offered.

What became of a text afterwards is told as a carrier tells it, in receipts (`living`).

Not here: the carrier of its present, which is the simulator over HTTP.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from datetime import datetime

from lotline.core.carriers.port import (
    Found,
    HookCall,
    HookFault,
    Outgoing,
    ReceiptWord,
    Search,
    Sent,
    Unknown,
    Unreadable,
)


class PastCarrier:
    """One account. Nothing leaves this process."""

    name = "twilio"

    def __init__(self, account: str) -> None:
        self._account = account
        self._numbers = itertools.count(1)
        self.sids: dict[str, str] = {}  # by our reference
        self.unheard: set[str] = set()  # whose answer is lost on the way

    @property
    def account(self) -> str:
        return self._account

    def new_sid(self) -> str:
        """A name as the carrier gives them."""
        return f"SM{self._account[-8:]}{next(self._numbers):024x}"

    def send(self, text: Outgoing) -> Sent | Unknown:
        if text.reference in self.unheard:
            return Unknown("no answer came")
        sid = self.sids[text.reference] = self.new_sid()
        return Sent(sid, ReceiptWord.QUEUED, 0)

    def find(self, search: Search) -> Found:  # noqa: ARG002 - nothing of the past is unknown
        return Found(())

    def verify_hook(
        self,
        path_and_query: str,  # noqa: ARG002 - nobody calls
        headers: Mapping[str, str],  # noqa: ARG002 - nobody calls
        body: bytes,  # noqa: ARG002 - nobody calls
    ) -> HookFault | None:
        return HookFault.NO_SECRET

    def parse_hook(
        self,
        path_and_query: str,  # noqa: ARG002 - nobody calls
        headers: Mapping[str, str],  # noqa: ARG002 - nobody calls
        body: bytes,  # noqa: ARG002 - nobody calls
        at: datetime,  # noqa: ARG002 - nobody calls
    ) -> HookCall:
        return Unreadable("the past is not called")
