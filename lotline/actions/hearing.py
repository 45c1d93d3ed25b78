"""What an arriving text means for consent: which entries it makes, which notice it is owed.

A carrier's own keyword net counts too, on the side of stopping: what it took for a STOP is one,
whatever we heard.

Not here: the words themselves (`core.consent.hearing`), storing anything (`receive`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from lotline.core.carriers.port import Arrival, CarrierStop
from lotline.core.consent.entry import Entry, How, Kind, Says, Scope, Source
from lotline.core.consent.hearing.context import asks_to_return, means_the_appointment
from lotline.core.consent.hearing.hear import Heard
from lotline.core.consent.hearing.remembered import hear_again
from lotline.core.consent.standing import Level
from lotline.core.messaging.notices import Notice
from lotline.store.standing import EntryRow

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from lotline.actions.context import Context
    from lotline.core.consent.standing import Standing
    from lotline.store.arrivals import ArrivedText

BURST = timedelta(minutes=2)  # how long somebody takes to type one sentence in pieces
PIECES, PIECES_LONG = 4, 160  # of one sentence: so many texts, and so many letters together
_GRAVITY = {
    "start": 0,
    "help": 0,
    "none": 0,
    "hold": 1,
    "partial": 2,
    "block": 3,
    "wrong_number": 3,
}
_GRAVEST = 3
# What may take something out of the queue: before it is stored, carriers' hands must be empty.
SHUTS = frozenset({"block", "partial", "wrong_number"})
_BY_CARRIER = Heard("block", "revoke", "all", "carrier", 1.0, "")


@dataclass(frozen=True, slots=True)
class Before:
    """What stood between us when a text came."""

    ours: tuple[str, ...] = ()  # our last few texts, the latest first
    theirs: tuple[str, ...] = ()  # theirs of this moment, from which nothing was decided
    out: bool = False
    doubted: bool = False  # an earlier text of theirs still waits for a person


def hear_arrival(arrival: Arrival, before: Before) -> Heard:
    """Our hearing, made no weaker than the carrier's."""
    heard = _in_pieces(arrival.body, before)
    if heard.decision == "hold" and means_the_appointment(arrival.body, before.ours):
        heard = replace(heard, decision="none", label="none", layer="context")
    if heard.decision == "hold" and heard.label == "ambiguous" and before.doubted:
        # Whoever says twice what may be a stop has said it.
        heard = replace(heard, decision="block", label="revoke", scope="all", layer="context")
    if arrival.carrier_stop is CarrierStop.STOP and heard.decision != "wrong_number":
        return heard if heard.decision == "block" else _BY_CARRIER
    return heard


def level_after(level: str, heard: Heard) -> str:
    """What the next text of the same moment is heard beside, before this one is kept."""
    if heard.decision in {"block", "wrong_number"}:
        return Level.OUT
    if heard.decision == "start":
        return Level.REPLIES
    return Level.CHECK if heard.decision == "hold" and level != Level.OUT else level


def _in_pieces(body: str, before: Before) -> Heard:
    """The text by itself, and as the end of what they began a moment ago: the graver counts."""
    asked = before.out and asks_to_return(before.ours)
    alone = hear_again(body, ours=before.ours, out=before.out, asked_to_return=asked)
    if not before.theirs or alone.layer == "keyword" or _GRAVITY[alone.decision] == _GRAVEST:
        return alone
    pieces = [*last_pieces(before.theirs), body]
    joined = hear_again("\n".join(pieces), ours=before.ours, out=before.out)
    return joined if _GRAVITY[joined.decision] > _GRAVITY[alone.decision] else alone


def last_pieces(theirs: Sequence[str]) -> Sequence[str]:
    """Of what somebody wrote just now, what may be pieces of one sentence: whoever floods us with
    words is heard text by text, and each costs what one costs.
    """
    first = max(0, len(theirs) - PIECES)
    room = PIECES_LONG
    for at in range(len(theirs) - 1, first - 1, -1):
        room -= len(theirs[at])
        if room < 0:
            return theirs[at + 1 :]
    return theirs[first:]


def entries_of(
    ctx: Context,
    arrival: Arrival,
    heard: Heard,
    *,
    before: Standing,
    text: ArrivedText,
    now: datetime,
) -> list[EntryRow]:
    """The acts in a text, as entries. A text that asks for nothing is an inquiry, once."""
    act = _act(heard, before)
    if act is None:
        return []
    says, scope, kind = act
    # Whose number it is, is a matter of fact and not one of the words that only they undo.
    exact = heard.layer in {"keyword", "carrier"} and heard.decision != "wrong_number"
    entry = Entry(
        id=ctx.new_id(),
        says=says,
        scope=scope,
        # By arrival: an older text that comes late must not undo what came after it, and a stop
        # holds from the moment it is here.
        said_at=now,
        heard_at=now,
        source=Source.TEXT,
        kind=kind,
        how=How.KEYWORD if exact else How.WORDING,
    )
    row = EntryRow(
        contact_id=text.thread.contact_id,
        entry=entry,
        store_id=text.thread.store_id,
        text_id=text.id,
        heard=text.heard,
        words={"words": arrival.body, "to": arrival.to_number},
    )
    return [row]


def _act(heard: Heard, before: Standing) -> tuple[Says, Scope, Kind | None] | None:
    if heard.decision == "block":
        return Says.STOP, Scope.ALL, None
    if heard.decision == "partial":
        return Says.STOP, Scope.OFFERS, None
    if heard.decision == "wrong_number":
        return Says.WRONG_NUMBER, Scope.ALL, None
    if heard.decision == "hold":
        return Says.DOUBT, Scope.OFFERS, None
    if heard.decision == "start":
        return Says.YES, Scope.ALL, Kind.EXPRESS
    asks = heard.decision == "none" and before.updates is None and before.stopped is None
    return (Says.YES, Scope.UPDATES, Kind.INQUIRY) if asks else None


def answers_to(arrival: Arrival, heard: Heard, before: Standing) -> Notice | None:
    """The one notice that a text is owed; none when the carrier has answered by itself."""
    if arrival.carrier_stop is not None:
        return None
    if heard.decision == "block":
        return None if before.stopped is Scope.ALL else Notice.STOP
    if heard.decision == "partial":
        return None if before.stopped is not None else Notice.STOP_OFFERS
    if heard.decision == "start":
        return Notice.START
    return Notice.HELP if heard.decision == "help" else None
