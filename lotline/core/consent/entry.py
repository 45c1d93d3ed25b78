"""One act of agreeing or refusing, with the proof of it.

An entry is never changed. A correction is a new entry that names the one it corrects.

Not here: what the entries add up to (`standing`), how a text is heard (`hearing`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class Says(StrEnum):
    """What the act said."""

    YES = "yes"
    STOP = "stop"
    WRONG_NUMBER = "wrong_number"
    DOUBT = "doubt"  # the number may have a new owner, or a message was unclear
    CONFIRMED = "confirmed"  # a person cleared a doubt


class Kind(StrEnum):
    """How strong a yes is, weakest first; a higher kind satisfies a demand for a lower one."""

    INQUIRY = "inquiry"  # wrote to us first: replies and updates on what was asked
    EXPRESS = "express"  # prior express consent: gave the number for this, spoken or typed
    WRITTEN = "written"  # prior express written consent, every element of 47 CFR 64.1200(f)(9)


class Scope(StrEnum):
    """Which texts the act covers."""

    ALL = "all"
    OFFERS = "offers"
    UPDATES = "updates"
    LINE = "line"  # this line only; the entry names it


class Source(StrEnum):
    """Where the act happened."""

    TEXT = "text"
    WEB_FORM = "web_form"
    PAPER_FORM = "paper_form"
    IN_PERSON = "in_person"
    PHONE = "phone"
    EMAIL = "email"
    CARRIER = "carrier"
    IMPORT = "import"


class How(StrEnum):
    """In what manner a stop was said, which decides the source that is named for it."""

    KEYWORD = "keyword"  # one of the seven words of 47 CFR 64.1200(a)(10), in a text
    WORDING = "wording"  # any other words, or any other door
    UNANSWERED = "unanswered"  # asked which kinds to stop, and silence means all
    NARROWED = "narrowed"  # asked which kinds to stop, and this is the answer


@dataclass(frozen=True, slots=True)
class Entry:
    """`said_at` is when the person said it, `heard_at` when we learned of it; both UTC instants."""

    id: UUID
    says: Says
    scope: Scope
    said_at: datetime
    heard_at: datetime
    source: Source
    kind: Kind | None = None  # for a YES only
    line_id: UUID | None = None  # for Scope.LINE only
    corrects: UUID | None = None
    seller_named: bool = True  # False: "our partners" and the like, which permits nobody
    how: How = How.KEYWORD  # for a STOP only
