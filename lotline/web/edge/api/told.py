"""What programs are told of texts, customers, consent, lines and what happens.

Not here: what they may send, and the decision on a text (`shapes`).
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Literal, TypeVar
from uuid import UUID

from msgspec import UNSET, Meta, Struct, UnsetType

from lotline.store.program_texts import SeenText
from lotline.web.edge.api.shapes import Instant, Number

if TYPE_CHECKING:
    from lotline.core.consent.entry import Entry
    from lotline.store.shown import ContactCard, Event, LineCard

Limit = Annotated[int, Meta(ge=1, le=200)]
Cursor = Annotated[str, Meta(max_length=64, pattern=r"^[0-9]{1,19}-[0-9]{1,19}$")]
State = Literal[
    "received",
    "held",
    "queued",
    "sending",
    "accepted",
    "sent",
    "delivered",
    "failed",
    "unknown",
    "blocked",
    "cancelled",
    "conflicting",
]


class TextsAsked(Struct, forbid_unknown_fields=True):
    """Which texts to list."""

    after: UUID | UnsetType = UNSET
    limit: Limit = 50
    contact_id: UUID | UnsetType = UNSET
    line_id: UUID | UnsetType = UNSET
    state: State | UnsetType = UNSET
    direction: Literal["in", "out"] | UnsetType = UNSET
    client_id: Annotated[str, Meta(min_length=1, max_length=64)] | UnsetType = UNSET


class TextOut(SeenText):
    """A text and what became of it so far."""


class TextsOut(Struct):
    """A page of texts, oldest first. `after` leads to the next one, null when that was all."""

    texts: list[TextOut]
    after: UUID | None


class NewContact(Struct, forbid_unknown_fields=True):
    """A customer to be found by number, or added. `line_id` is the line that will text them."""

    number: Number
    line_id: UUID
    name: Annotated[str, Meta(max_length=120)] = ""
    zip: Annotated[str, Meta(max_length=10)] = ""


class ContactsAsked(Struct, forbid_unknown_fields=True):
    """Whom to find."""

    number: Number


class ContactOut(Struct):
    """A customer within reach. `level`: what their consent adds up to."""

    id: UUID
    name: str
    number: str
    number_kind: str
    level: str
    states: tuple[str, ...]
    zones: tuple[str, ...]
    erased: bool
    created_at: datetime


class ContactsOut(Struct):
    """None or one: a number has one card."""

    contacts: list[ContactOut]


class NewConsent(Struct, forbid_unknown_fields=True):
    """A yes that somebody holds proof of. `words` are what they said or signed."""

    kind: Literal["inquiry", "express", "written"]
    source: Literal["in_person", "phone", "paper_form", "web_form", "email", "text"]
    said_at: Instant
    words: Annotated[str, Meta(min_length=1, max_length=4000)]
    scope: Literal["all", "offers", "updates"] = "updates"
    wording_id: UUID | UnsetType = UNSET
    reason: Annotated[str, Meta(max_length=400)] = ""


class NewStop(Struct, forbid_unknown_fields=True):
    """They asked to be left alone; in force before it is answered."""

    how: Literal["phone", "in_person", "email", "text", "web_form"]
    scope: Literal["all", "offers"] = "all"


class EntryMade(Struct):
    """The entry's id in the consent log."""

    id: UUID


class EntryOut(Struct):
    """One act of agreeing or refusing."""

    id: UUID
    says: str
    scope: str
    kind: str | None
    source: str
    line_id: UUID | None
    corrects: UUID | None
    said_at: datetime
    heard_at: datetime


class StandingOut(Struct):
    """What the entries add up to at this moment, and the entries."""

    contact_id: UUID
    level: str
    entries: list[EntryOut]


class LineOut(Struct):
    """One of our numbers."""

    id: UUID
    store_id: UUID
    store: str
    label: str
    number: str
    kind: str
    registration: str
    paused: bool


class LinesOut(Struct):
    """Every line that the token reaches."""

    lines: list[LineOut]


class EventsAsked(Struct, forbid_unknown_fields=True):
    """From where to go on; left out, from now."""

    after: Cursor | UnsetType = UNSET
    limit: Limit = 100


class EventOut(Struct):
    """That something happened: ids, and never a word of it."""

    cursor: str
    kind: str
    happened_at: datetime
    line_id: UUID | None
    conversation_id: UUID | None
    contact_id: UUID | None
    text_id: UUID | None


class EventsOut(Struct):
    """`reset`: the cursor was too old, something is missing; read anew and go on from `cursor`."""

    events: list[EventOut]
    cursor: str
    reset: bool


Told = TypeVar("Told", bound=Struct)


def _told(made: type[Told], known: object, /, **named: object) -> Told:
    """Field by field from what is known; `named` where a program knows it by another name."""
    fields = {one: getattr(known, one) for one in made.__struct_fields__ if one not in named}
    return made(**fields, **named)


def text_out(text: SeenText) -> TextOut:
    return _told(TextOut, text)


def contact_out(card: ContactCard) -> ContactOut:
    return _told(ContactOut, card, id=card.contact_id)


def entry_out(entry: Entry) -> EntryOut:
    return _told(EntryOut, entry)  # its words are words already


def line_out(line: LineCard) -> LineOut:
    return _told(LineOut, line, store=line.store_name)


def event_out(event: Event) -> EventOut:
    text_id = event.subject_id if event.name.startswith("text.") else None
    return _told(EventOut, event, kind=event.name, text_id=text_id)
