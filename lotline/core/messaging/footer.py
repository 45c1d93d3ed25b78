"""What is added around a person's words: the company's name before, the STOP line after.

Invariant: what is added is decided by the same function before the text is sent and while it is
typed, so nobody sends words that they did not see. The author cannot take it off.

Not here: the wording (`gate/rulebook/notices.toml`), counting segments (`segments`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

LANGUAGES = ("en", "es", "fr")

# The author has said how to stop already: the command and a word of answering, in either order.
_TELLS_STOP = re.compile(
    r"\b(?i:reply|text|send|responda|responde|env[ií]e|r[ée]pondez|envoyez)\b[^.!?\n]{0,20}\bSTOP\b"
)


@dataclass(frozen=True, slots=True)
class Added:
    """Locked words around the author's own; empty when nothing is added."""

    before: str = ""
    after: str = ""

    def around(self, body: str) -> str:
        """The text as it leaves."""
        return f"{self.before}{body}{self.after}"

    def __bool__(self) -> bool:
        return bool(self.before or self.after)


def added_to(
    body: str,
    *,
    company: str,
    wording: Mapping[str, Any],
    last_out_at: datetime | None,
    at: datetime,
    language: str = "en",
    always_stop: bool = False,
) -> Added:
    """What the first text to a person gets, and the first after a long silence of ours.

    `wording` is the rulebook's `notices`. `always_stop` is for lists, whose STOP line stays on.
    What the author has written already is not said twice.
    """
    words = wording["footer"]
    silence = timedelta(days=words["again_after_days"])
    first = last_out_at is None or at - last_out_at > silence
    if not (first or always_stop):
        return Added()
    spoken = language if language in LANGUAGES else "en"
    named = company.casefold() in body.casefold()
    before = "" if named or not first else words[f"name_{spoken}"].replace("{company}", company)
    after = "" if _TELLS_STOP.search(body) else f"\n{words[f'stop_{spoken}']}"
    return Added(before, after)
