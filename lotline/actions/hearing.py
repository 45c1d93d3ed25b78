"""What an arriving text means for consent: which entries it makes, which notice it is owed.

A carrier's own keyword net counts too, on the side of stopping: what it took for a STOP is one,
whatever we heard.

Not here: the words themselves (`core.consent.hearing`), storing anything (`receive`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lotline.core.carriers.port import Arrival, CarrierStop
from lotline.core.consent.entry import Entry, How, Kind, Says, Scope, Source
from lotline.core.consent.hearing.hear import Heard, hear
from lotline.core.messaging.notices import Notice
from lotline.store.standing import EntryRow

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from lotline.actions.context import Context
    from lotline.core.consent.standing import Standing
    from lotline.store.arrivals import ArrivedText

# What may take something out of the queue: before it is stored, carriers' hands must be empty.
SHUTS = frozenset({"block", "partial", "wrong_number"})
_BY_CARRIER = Heard("block", "revoke", "all", "carrier", 1.0, "")


def hear_arrival(arrival: Arrival, ours: Sequence[str], *, out: bool) -> Heard:
    """Our hearing, made no weaker than the carrier's. `out`: they are opted out."""
    heard = hear(arrival.body, ours=ours, out=out)
    if arrival.carrier_stop is CarrierStop.STOP and heard.decision != "wrong_number":
        return heard if heard.decision == "block" else _BY_CARRIER
    return heard


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
    exact = heard.layer in {"keyword", "carrier"}
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
