"""The rows that ring one keeps in memory, and the facts that are read from them.

Each stands for a row of the product's tables and holds what the core is told of it.

Not here: what happens to them (`memory`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from uuid import UUID

from lotline.core.base.numbers import parse_number
from lotline.core.base.places import Place, place_of
from lotline.core.carriers.receipts import Fate
from lotline.core.consent.entry import Entry
from lotline.core.consent.hearing.hear import Heard, hear
from lotline.core.consent.standing import Level, standing_on_record
from lotline.core.gate.decision import Decision
from lotline.core.gate.facts import Facts, LineFacts, LineKind, MemberFacts, Registration
from lotline.core.gate.facts import Sender as By
from lotline.core.messaging.footer import Added
from lotline.core.messaging.notices import Notice, notice
from lotline.core.messaging.purpose import Guess, Purpose, guess_purpose
from lotline.core.messaging.segments import count
from tests.sim.auditor import BOOK
from tests.sim.hands import LINE
from tests.town import COMPANY

LINE_ID = UUID(int=7)
OPEN_LINE = LineFacts(LINE_ID, LineKind.LOCAL, Registration.SIMULATED)
BEN = MemberFacts()
DAY = timedelta(hours=24)


@lru_cache(4096)
def heard_in(body: str, *, out: bool) -> Heard:
    return hear(body, ours=(), out=out)


@lru_cache(4096)
def guess(body: str, last_in: str | None, *, in_time: bool) -> Guess:
    return guess_purpose(body, last_in=last_in, minutes_since=1.0 if in_time else None)


@lru_cache(64)
def place(phone: str) -> tuple[Place, str]:
    number = parse_number(phone)
    return place_of(number), number.kind.value


@lru_cache(8)
def worded(which: Notice) -> str:
    return notice(which, wording=BOOK.notices, company=COMPANY, phone=LINE)


@lru_cache(256)
def straight(body: str) -> str:
    return count(body).straightened


@dataclass(slots=True, eq=False)
class Contact:
    """One row of contacts, with its one conversation."""

    id: UUID
    phone: str
    key: bool = True
    level: Level = Level.NONE
    entries: list[Entry] = field(default_factory=list)
    texts: list[Text] = field(default_factory=list)
    last_in: tuple[int, str, datetime] | None = None
    last_in_at: datetime | None = None


@dataclass(slots=True, eq=False)
class Text:
    """One row of texts, with its receipts and the gate's words on it."""

    id: int
    contact: Contact
    sender: By
    purpose: Purpose
    body: str
    added: Added
    state: str
    state_at: datetime
    created_at: datetime
    handed_at: datetime | None = None
    carrier_id: str | None = None
    error_code: str | None = None
    fate: Fate = field(default_factory=Fate)
    decided: tuple[str, Facts, Decision] | None = None


def facts_of(
    contact: Contact,
    purpose: Purpose,
    sender: By,
    at: datetime,
    *,
    itself: Text | None = None,
    first: Facts | None = None,
    marks: frozenset[str] = frozenset(),
) -> Facts:
    """What the gate is told; `first` are the facts of the first look at the same text."""
    standing = standing_on_record(contact.entries, at)
    heard_at = next((e.heard_at for e in contact.entries if e.id == standing.stopped_by), None)
    if first is not None and purpose is Purpose.STOP_CONFIRMATION and heard_at is not None:
        heard_at = first.stop_heard_at or heard_at
    last_in_at = contact.last_in_at
    offers, confirmed_at, answered = [], None, False
    for text in contact.texts:
        if text is itself:
            continue
        handed = text.handed_at
        if handed is not None:
            answered = answered or (last_in_at is not None and handed >= last_in_at)
            if text.purpose is Purpose.OFFER and handed > at - DAY:
                offers.append(handed)
        confirms = text.purpose is Purpose.STOP_CONFIRMATION
        if confirms and text.state not in {"blocked", "cancelled"}:
            stamps = (confirmed_at, text.created_at, handed)
            confirmed_at = max(one for one in stamps if one is not None)
    where, kind = place(contact.phone)
    return Facts(
        at=at,
        purpose=purpose,
        sender=sender,
        place=where,
        standing=standing,
        line=OPEN_LINE,
        member=BEN if sender is By.PERSON else None,
        last_in_at=last_in_at,
        number_kind=kind,
        offers_24h=tuple(sorted(offers)),
        stop_heard_at=heard_at,
        stop_confirmed=bool(confirmed_at and heard_at and confirmed_at >= heard_at),
        marks=first.marks if first is not None else marks,
        courtesy=first is not None and first.courtesy,
        answered=answered,
        rest=first.rest if first is not None else None,
    )
