"""All that the gate is told about one text. It asks nobody else.

Facts carry no name, no number and no word of the text, so that they can be kept beside the
decision for ever, in clear, and decide again years later.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import msgspec

from lotline.core.base.places import Place
from lotline.core.consent.standing import Standing
from lotline.core.messaging.purpose import Purpose


class Sender(StrEnum):
    """Who starts the text: a person pressing Send, software alone, or a list."""

    PERSON = "person"
    SOFTWARE = "software"
    BROADCAST = "broadcast"


class LineKind(StrEnum):
    """What sort of number the line is, which decides what a carrier must have approved."""

    LOCAL = "local"  # 10DLC
    TOLL_FREE = "toll_free"
    SHORT_CODE = "short_code"


class Registration(StrEnum):
    """What the carrier approved for the line."""

    APPROVED = "approved"
    WAITING = "waiting"
    REFUSED = "refused"
    NONE = "none"
    SIMULATED = "simulated"  # a simulator line needs no approval


class Mark(StrEnum):
    """What was found in a text, or about the place it goes to. Any `shaft_...` is refused."""

    OFFER_INSIDE = "offer_inside"  # the sender called it something else; an offer was found in it
    EMERGENCY = "state_of_emergency"
    SHAFT = "shaft_"
    # What the house's own screens found, each with the screen's name; and a manager's word on it.
    SCREEN_WARN = "screen_warn_"
    SCREEN_FLAG = "screen_flag_"
    SCREEN_HOLD = "screen_hold_"
    SCREEN_BLOCK = "screen_block_"
    RELEASED = "screen_released"
    REFUSED = "screen_refused"


class ListKind(StrEnum):
    """What an imported list says of a number that is on it."""

    NATIONAL_DNC = "national_dnc"
    STATE_DNC = "state_dnc"  # of one state, named beside it
    REASSIGNED = "reassigned"
    LITIGATORS = "litigators"


@dataclass(frozen=True, slots=True)
class LineFacts:
    """The line the text would leave from."""

    id: UUID
    kind: LineKind = LineKind.LOCAL
    registration: Registration = Registration.APPROVED
    paused: bool = False


@dataclass(frozen=True, slots=True)
class MemberFacts:
    """The member who sends; None in `Facts` when software sends."""

    may_text: bool = True  # role allows it, in this line's scope
    active: bool = True  # neither suspended nor gone
    policy_signed: bool = True
    trained: bool = True
    stopped: bool = False  # a manager stopped their texting after a text of theirs


@dataclass(frozen=True, slots=True)
class Facts:
    """`at` is the instant of decision; `last_in_at` the customer's own last text on this line."""

    at: datetime
    purpose: Purpose
    sender: Sender
    place: Place
    standing: Standing
    line: LineFacts
    member: MemberFacts | None = None
    last_in_at: datetime | None = None
    number_kind: str = "mobile"  # mobile | landline | voip | toll_free | unknown
    reassigned: str = "no"  # no | yes | unknown
    offers_24h: tuple[datetime, ...] = ()
    bought_on: date | None = None
    asked_on: date | None = None
    national_dnc: bool = False
    state_dnc: bool = False
    own_dnc: bool = False
    stop_heard_at: datetime | None = None  # for a STOP_CONFIRMATION: the stop it confirms
    stop_confirmed: bool = False  # already confirmed once
    marks: frozenset[str] = field(default_factory=frozenset)  # see `Mark`
    courtesy: bool = False  # an UPDATE that could wait: thanks, a survey, keeping in touch
    answered: bool = False  # a text of ours has already gone since `last_in_at`
    litigator: bool = False  # on the imported list of known litigators
    # Of each list that was asked about this number: its name (a kind, or a kind and a state) and
    # the day of the copy in force, None where none was ever imported. Empty: nobody was asked.
    lists: tuple[tuple[str, date | None], ...] = ()
    rest: Purpose | None = None  # what the text is for once its offer is taken out, where known


def facts_to_json(facts: Facts) -> dict[str, Any]:
    """Plain values, the same for equal facts, to keep beside a decision."""
    plain: dict[str, Any] = msgspec.to_builtins(facts, order="deterministic")
    return plain


def facts_from_json(plain: dict[str, Any]) -> Facts:
    """The facts exactly as they were; refuses what it does not know, by naming it."""
    unknown = plain.keys() - Facts.__dataclass_fields__.keys()
    if unknown:
        raise ValueError(f"these are not facts: {', '.join(sorted(unknown))}")
    return msgspec.convert(plain, Facts)
