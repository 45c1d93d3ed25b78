"""The interface's words for states: each a glyph, a word and a tone, never a colour alone.

One table for consent, one for a text's fate, one for purpose, so that a word means the same on
every screen. No sentence of law is here: those come with a finding, from the rulebook.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Mark:
    """How a state looks and what it is called."""

    glyph: str
    word: str
    tone: str = ""  # ok | part | hold | stop
    solid: bool = False


LEVELS = {
    "offers": Mark("v-ok", "Offers OK", "ok", solid=True),
    "replies": Mark("v-half", "Replies only", "part", solid=True),
    "none": Mark("v-none", "No opt-in yet"),
    "out": Mark("v-stop", "Opted out", "stop", solid=True),
    "check": Mark("i-help", "Check number", "hold"),
}

FATES = {
    "queued": Mark("i-clock", "Sending"),
    "sending": Mark("i-clock", "Sending"),
    "accepted": Mark("i-check", "Sent"),
    "sent": Mark("i-check", "Sent"),
    "delivered": Mark("i-checks", "Delivered"),
    "held": Mark("v-hold", "Held", "hold", solid=True),
    "blocked": Mark("v-stop", "Not sent", "stop", solid=True),
    "cancelled": Mark("i-undo", "Cancelled"),
    "failed": Mark("i-x", "Not delivered", "stop"),
    "conflicting": Mark("i-help", "Receipts disagree", "hold"),
    "unknown": Mark("i-help", "Checking with the carrier", "hold"),
}

PURPOSES = {
    "reply": Mark("", "Reply"),
    "update": Mark("i-car", "Update", "update"),
    "offer": Mark("i-mega", "Offer", "offer"),
}

SOURCES = {
    "text": "by text",
    "web_form": "web form",
    "paper_form": "signed form",
    "in_person": "in person",
    "phone": "by phone",
    "email": "by email",
    "carrier": "reported by the carrier",
    "import": "imported record",
}

ROLES = {"owner": "Owner", "manager": "Manager", "staff": "Staff", "auditor": "Auditor"}


def level(name: str) -> Mark:
    return LEVELS.get(name, LEVELS["none"])


def fate(state: str) -> Mark:
    return FATES.get(state, Mark("i-clock", state.capitalize() or "Sending"))


def purpose(name: str) -> Mark:
    return PURPOSES.get(name, Mark("", name.replace("_", " ").capitalize()))


def first_name(name: str) -> str:
    """The customer's first name; the whole number when that is all there is."""
    if not name or name[0] in "(+0123456789":
        return name
    return name.split(maxsplit=1)[0]


def initials(name: str) -> str:
    """Two letters for a person, "#" for somebody whose name nobody knows."""
    letters = [word[0] for word in name.split() if word[0].isalpha()]
    if not letters:
        return "#"
    return (letters[0] + (letters[-1] if len(letters) > 1 else "")).upper()
