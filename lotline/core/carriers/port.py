"""What every carrier is asked to do for us, and every answer it may give.

One invariant: an answer says whether the text may have left. `Busy` means nothing was handed
over, so the same text may be offered again; `Unknown` means it may have left, so it is looked
for and never sent again blindly.

Not here: how a carrier is spoken to (`adapters`), what its receipts add up to (`receipts`),
what its error codes mean (`errors`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime


class RefusalKind(StrEnum):
    """Why a carrier said no, in the few kinds that we act on differently."""

    OPTED_OUT = "opted_out"  # their stop list holds the number: becomes a consent entry
    BAD_NUMBER = "bad_number"
    LANDLINE = "landline"
    FILTERED = "filtered"  # the words or the sender looked like spam
    UNREGISTERED = "unregistered"  # our line is not approved for this traffic
    UNREACHABLE = "unreachable"  # phone off, out of coverage, or blocking us
    BUSY = "busy"  # a queue or a rate was full; nothing was wrong with the text
    CONFIG = "config"  # our settings are wrong: every text of the line would be refused
    OTHER = "other"


class ReceiptWord(StrEnum):
    """A carrier's word on a text's fate, in our words. `receipts` gives them their ranks."""

    ACCEPTED = "accepted"
    SCHEDULED = "scheduled"
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    UNDELIVERED = "undelivered"
    FAILED = "failed"
    CANCELED = "canceled"


class CarrierStop(StrEnum):
    """What the carrier's own keyword net made of an arriving text."""

    STOP = "stop"
    START = "start"
    HELP = "help"


class HookFault(StrEnum):
    """Why a hook's call was not believed. Stored beside it and shown to the owner."""

    NO_SIGNATURE = "no_signature"
    WRONG_SIGNATURE = "wrong_signature"
    WRONG_BODY = "wrong_body"  # the signed hash is not the hash of what arrived
    UNKNOWN_ALGORITHM = "unknown_algorithm"
    UNKNOWN_KEY = "unknown_key"
    NO_SECRET = "no_secret"  # we hold nothing to check against
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One text to hand over. `reference` is ours and comes back in each receipt."""

    reference: str
    account: str
    to: str
    body: str
    callback_url: str
    from_number: str | None = None
    messaging_service: str | None = None
    media: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """A text without a sender or without words is our mistake."""
        assert self.from_number or self.messaging_service, "a text leaves from somewhere"
        assert self.body or self.media, "a text says something"
        assert self.reference, "a text is known by our reference"


@dataclass(frozen=True, slots=True)
class Sent:
    """The carrier took it and named it."""

    carrier_id: str
    word: ReceiptWord
    segments: int  # 0 when the carrier has not counted yet


@dataclass(frozen=True, slots=True)
class Refused:
    """The carrier will not take it: final for this text. `says` is a sentence for a person."""

    code: str
    says: str
    kind: RefusalKind


@dataclass(frozen=True, slots=True)
class Busy:
    """Nothing was handed over; the same text may be offered again after the wait."""

    retry_after_s: float
    why: str = ""


@dataclass(frozen=True, slots=True)
class Unknown:
    """It may have left. Look for it with `find`; never send it again blindly."""

    why: str


Outcome = Sent | Refused | Busy | Unknown


@dataclass(frozen=True, slots=True)
class Media:
    """A picture or file that came with a text; fetched later, with the account's credentials."""

    url: str
    content_type: str


@dataclass(frozen=True, slots=True)
class Arrival:
    """A customer's text as the carrier brought it. Unique on carrier, account, id and kind."""

    carrier: str
    account: str
    carrier_id: str
    from_number: str
    to_number: str
    body: str
    at: datetime
    messaging_service: str | None = None
    media: tuple[Media, ...] = ()
    segments: int = 1
    carrier_stop: CarrierStop | None = None
    delivery: str = ""  # the carrier's token for this delivery, the same on its retries

    @property
    def kind(self) -> str:
        """The last part of the unique key."""
        return "arrival"


@dataclass(frozen=True, slots=True)
class Receipt:
    """One word of the carrier on one of our texts."""

    carrier: str
    account: str
    carrier_id: str
    word: ReceiptWord
    at: datetime  # when we heard it; carriers rarely say when it was true
    reference: str = ""  # ours, when the carrier echoed it
    code: str = ""  # the carrier's error code, "" for none
    to_number: str = ""
    from_number: str = ""

    @property
    def kind(self) -> str:
        """The last part of the unique key: each word is heard once."""
        return f"receipt:{self.word}"


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A call that was genuine but says nothing we know. Kept aside, shown, never dropped."""

    why: str


HookCall = Arrival | Receipt | Unreadable


@dataclass(frozen=True, slots=True)
class Search:
    """What to look for in the carrier's own list of texts."""

    account: str
    to: str
    since: datetime
    until: datetime | None = None
    from_number: str | None = None
    messaging_service: str | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """One of our texts as the carrier's list shows it."""

    carrier_id: str
    word: ReceiptWord
    to: str
    from_number: str | None
    messaging_service: str | None
    body: str
    created_at: datetime
    code: str = ""
    segments: int = 0


@dataclass(frozen=True, slots=True)
class Found:
    """All texts that match, newest first; `complete` is False where a limit cut the search."""

    texts: tuple[Seen, ...]
    complete: bool = True


@dataclass(frozen=True, slots=True)
class CallRecord:
    """One call to a carrier, without words, numbers or secrets, fit to be logged."""

    carrier: str
    method: str
    path: str
    status: int | None  # None when no answer came
    ms: float
    bytes_out: int
    bytes_in: int
    outcome: str = field(default="answered")  # answered | not_written | no_answer


class Carrier(Protocol):
    """One account at one carrier."""

    @property
    def name(self) -> str:
        """The carrier's word in our tables: `twilio`."""

    @property
    def account(self) -> str:
        """The carrier's own id of the account this speaks for."""

    def send(self, text: Outgoing) -> Outcome:
        """Offer one text, once."""

    def find(self, search: Search) -> Found | Refused | Busy | Unknown:
        """Read the carrier's own list, to settle what became of an unknown text."""

    def verify_hook(
        self, path_and_query: str, headers: Mapping[str, str], body: bytes
    ) -> HookFault | None:
        """None when the call was signed by this account for one of our public addresses."""

    def parse_hook(
        self, path_and_query: str, headers: Mapping[str, str], body: bytes, at: datetime
    ) -> HookCall:
        """Read a verified call; `at` is when it reached us."""


@runtime_checkable
class TakesMany(Protocol):
    """A carrier's account that many texts can be offered to at once."""

    def send_many(
        self, texts: Sequence[Outgoing], may_go: Callable[[], bool]
    ) -> list[Outcome | None]:
        """Offer each once, in the order given for each sender. `may_go` is asked right before a
        text would be handed over, from any thread, and must not wait; None: it did not set out.
        """
