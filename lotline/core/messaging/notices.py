"""The texts that Lotline sends by itself: stop and opt-in confirmations and the HELP answer.

Invariant: a notice has no marketing and no words but the rulebook's, filled with the company's
own name and address. A missing word is an error here, before anything is sent.

Not here: the wording (`gate/rulebook/notices.toml`), whether it may go (`gate`).
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from lotline.core.messaging.footer import LANGUAGES
from lotline.core.messaging.purpose import Purpose


class Notice(StrEnum):
    """Which text; the name of its entry in the wording."""

    STOP = "stop"
    STOP_OFFERS = "stop_offers"
    START = "start"
    HELP = "help"

    @property
    def purpose(self) -> Purpose:
        """What the gate is told it is for."""
        if self is Notice.START:
            return Purpose.START_CONFIRMATION
        return Purpose.HELP if self is Notice.HELP else Purpose.STOP_CONFIRMATION


def notice(
    which: Notice,
    *,
    wording: Mapping[str, Any],
    company: str,
    phone: str = "",
    email: str = "",
    language: str = "en",
) -> str:
    """The text, in the customer's language where we have it, else in English."""
    spoken = language if language in LANGUAGES else "en"
    words: str = wording[which.value][spoken]
    if which is Notice.HELP:
        assert phone or email, "HELP names a way to reach the company"
        also = wording["or"][spoken].replace("{email}", email) if phone and email else ""
        words = words.replace("{or_email}", also).replace("{phone}", phone or email)
    return words.replace("{company}", company)
