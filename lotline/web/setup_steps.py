"""The steps of the first run, and how far a company has come with them.

Kept in the company's settings: the words of the steps that are done, or "done" for all of them.

Not here: the steps' pages (`first_run`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

STEPS = (
    ("owner", "You and your company"),
    ("store", "Your store"),
    ("number", "Your number"),
    ("rules", "The rules"),
    ("wording", "Opt-in wording"),
    ("team", "Your team"),
    ("test", "Text yourself"),
)
ZONES = (
    ("America/New_York", "Eastern"),
    ("America/Chicago", "Central"),
    ("America/Denver", "Mountain"),
    ("America/Phoenix", "Arizona"),
    ("America/Los_Angeles", "Pacific"),
    ("America/Anchorage", "Alaska"),
    ("Pacific/Honolulu", "Hawaii"),
    ("America/Puerto_Rico", "Puerto Rico"),
)
DAYS = (
    ("mon", "Monday"),
    ("tue", "Tuesday"),
    ("wed", "Wednesday"),
    ("thu", "Thursday"),
    ("fri", "Friday"),
    ("sat", "Saturday"),
    ("sun", "Sunday"),
)


def done_of(group_settings: Mapping[str, Any]) -> frozenset[str]:
    """The steps that are done. A company that was never asked has nothing to do."""
    kept = group_settings.get("first_run", "done")
    words = [word for word, _ in STEPS]
    return frozenset(words) if kept == "done" else frozenset(kept) & frozenset(words)


def first_left(group_settings: Mapping[str, Any]) -> str:
    """The step to go on with; nothing when all are done."""
    done = done_of(group_settings)
    return next((word for word, _ in STEPS if word not in done), "")


def title_of(step: str) -> str:
    return dict(STEPS)[step]


def checklist(group_settings: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What the inbox shows; nothing once all is done."""
    done = done_of(group_settings)
    if len(done) == len(STEPS):
        return []
    return [{"word": word, "title": title, "done": word in done} for word, title in STEPS]
