"""A private phone's texts with one customer, held against what is on record of them.

What was said there is never a yes. A stop that was said there and is not on record becomes one,
dated by when it was said; a text of ours is counted when nothing permitted it at that instant.

Not here: whose texts these are (`actions.bring`), how a text is heard (`core.consent.hearing`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from lotline.core.consent.entry import Entry, How, Says, Scope, Source
from lotline.core.consent.hearing.hear import Heard, hear
from lotline.core.consent.standing import Standing, standing_at, standing_on_record
from lotline.core.messaging.phone import PhoneText

_OURS = 3  # so many of our texts before theirs, to know what an answer answers
_CLOSES = {
    "block": (Says.STOP, Scope.ALL),
    "partial": (Says.STOP, Scope.OFFERS),
    "wrong_number": (Says.WRONG_NUMBER, Scope.ALL),
}


@dataclass(frozen=True, slots=True)
class Said:
    """A text of theirs that was heard as an act, and its entry."""

    text: PhoneText
    entry: Entry
    heard: Heard


@dataclass(frozen=True, slots=True)
class Compared:
    """`without`: sent with no opt-in on record; `after_stop`: sent although they had asked."""

    sent: int
    without: int
    after_stop: int
    stops: tuple[Said, ...]
    doubts: tuple[Said, ...]


def hear_thread(texts: Sequence[PhoneText]) -> list[Heard | None]:
    """What each text of theirs asks for; None for ours. The texts are in their order."""
    ours: list[str] = []
    found: list[Heard | None] = []
    for text in texts:
        if text.direction == "out":
            ours = [text.body, *ours[: _OURS - 1]]
            found.append(None)
        else:
            found.append(hear(text.body, ours=tuple(ours)) if text.body else None)
    return found


def compare(
    texts: Sequence[PhoneText],
    heard: Sequence[Heard | None],
    entries: Sequence[Entry],
    *,
    new_id: Callable[[], UUID],
    now: datetime,
    told: Callable[[PhoneText], bool],
) -> Compared:
    """`told`: this text became an entry by an earlier import. A later text is never asked."""
    on_record = list(entries)
    stops: list[Said] = []
    doubt: tuple[PhoneText, Heard] | None = None
    sent = without = after_stop = 0
    for text, one in zip(texts, heard, strict=True):
        if text.at > now:
            continue
        if text.direction == "out":
            standing = standing_at(on_record, text.at)
            sent += 1
            if standing.stopped is Scope.ALL or standing.wrong_number_at is not None:
                after_stop += 1
            elif standing.updates is None and standing.offers is None:
                without += 1
        elif one is not None and one.decision in _CLOSES:
            says, scope = _CLOSES[one.decision]
            if not told(text) and not _holds(standing_at(on_record, text.at), says, scope):
                stops.append(Said(text, _entry(text, one, says, scope, new_id(), now), one))
                on_record.append(stops[-1].entry)
        elif one is not None and one.decision == "hold":
            doubt = None if told(text) else (text, one)
    doubts = _doubted(doubt, on_record, new_id, now)
    return Compared(sent, without, after_stop, tuple(stops), doubts)


def _doubted(
    last: tuple[PhoneText, Heard] | None,
    on_record: Sequence[Entry],
    new_id: Callable[[], UUID],
    now: datetime,
) -> tuple[Said, ...]:
    """The last that may have been a stop, unless all is stopped anyway: a person reads it."""
    if last is None or standing_on_record(on_record, now).stopped is Scope.ALL:
        return ()
    text, heard = last
    return (Said(text, _entry(text, heard, Says.DOUBT, Scope.OFFERS, new_id(), now), heard),)


def _holds(standing: Standing, says: Says, scope: Scope) -> bool:
    """Whether what they said was on record as of then."""
    if says is Says.WRONG_NUMBER:
        return standing.wrong_number_at is not None
    return standing.stopped is Scope.ALL or standing.stopped is scope


def _entry(  # noqa: PLR0917  # one entry's worth of values
    text: PhoneText, heard: Heard, says: Says, scope: Scope, entry_id: UUID, now: datetime
) -> Entry:
    return Entry(
        id=entry_id,
        says=says,
        scope=scope,
        said_at=text.at,
        heard_at=now,
        source=Source.IMPORT,
        how=How.KEYWORD if heard.layer == "keyword" else How.WORDING,
    )
