"""An audience: many contacts who would get the same text at the same instant, by line and purpose.

They are read as classes of equal facts. A class keeps of its people what a rule can see and leaves
out what none does: the exact instant of a plain yes, of their last text, of a purchase within one
band of days. Whoever has more to them than that (a correction, a doubt, a wrong number, a text of
theirs within a day, an offer within a day, a number that moved) is apart, and is read alone.

Invariant: the facts of a class lead to the decision to which each member's own facts lead: the
same verdict, rule, hour and verdict without the offer.

Not here: deciding (`actions.audience`), the bands (`core.gate.rules.bands`), answers: a reply is
nobody's in particular.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from lotline.core.base.places import Place
from lotline.core.consent.entry import Entry, How, Kind, Says, Scope, Source
from lotline.core.consent.standing import Standing, standing_on_record
from lotline.core.gate.facts import Facts, LineFacts, LineKind, ListKind, Registration, Sender
from lotline.core.gate.rules.bands import Bands, inquiry_bands, purchase_bands, stop_bands
from lotline.core.messaging.purpose import Purpose

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from lotline.core.gate.rules.book import Book
    from lotline.store.database import Tx

_ID_BYTES = 16
_NATIONAL, _STATE, _LITIGATOR = 1, 2, 4
# As `audience.sql` numbers them.
_SCOPES = (Scope.ALL, Scope.OFFERS, Scope.UPDATES, Scope.LINE)
_KINDS = (None, Kind.INQUIRY, Kind.EXPRESS, Kind.WRITTEN)
_UNKNOWN_AGE = date.min  # of a copy that cannot be asked
_LONG_AGO = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Audience:
    """`contacts` None: everybody the group knows."""

    line_id: UUID
    purpose: Purpose
    sender: Sender
    at: datetime
    contacts: Sequence[UUID] | None = None
    marks: frozenset[str] = field(default_factory=frozenset)
    courtesy: bool = False

    def __post_init__(self) -> None:
        assert self.purpose in (Purpose.OFFER, Purpose.UPDATE), "an answer has one addressee"
        assert self.sender is not Sender.PERSON, "a person's rights are asked text by text"


@dataclass(frozen=True, slots=True)
class Class:
    """People of equal facts. `members` are their ids, packed, and are not unpacked to be queued."""

    facts: Facts
    members: bytes

    @property
    def size(self) -> int:
        return len(self.members) // _ID_BYTES


@dataclass(frozen=True, slots=True)
class Crowd:
    """An audience as it was read: classes, and those who are apart."""

    classes: list[Class]
    apart: bytes


def packed(ids: Iterable[UUID]) -> bytes:
    return b"".join(one.bytes for one in ids)


def unpacked(members: bytes) -> list[UUID]:
    return [UUID(bytes=members[at : at + _ID_BYTES]) for at in range(0, len(members), _ID_BYTES)]


def load_crowd(tx: Tx, audience: Audience, book: Book) -> Crowd:
    """The audience in classes, read at one instant by one statement."""
    at = audience.at
    shared = _Shared(
        audience,
        _line(tx.only("audience.line", line_id=audience.line_id)),
        tx.all("audience.lists"),
        purchase_bands(book, at),
        inquiry_bands(book, at),
        stop_bands(book, at),
    )
    apart: list[bytes] = []
    classes = []
    for row in _rows(tx, audience, book, shared):
        if row.apart:
            apart.append(row.members)
        else:
            classes.append(Class(shared.facts(row), row.members))
    return Crowd(classes, b"".join(apart))


def _rows(tx: Tx, audience: Audience, book: Book, shared: _Shared) -> list[Any]:
    tx.run("audience.room")
    answerable = timedelta(hours=max(24, book.law["reply"]["day_hours"]))
    return tx.all(
        "audience.classes",
        line_id=audience.line_id,
        contacts=None if audience.contacts is None else list(audience.contacts),
        at=audience.at,
        writing=audience.purpose is Purpose.UPDATE,
        lately=audience.at - answerable - timedelta(hours=1),
        bought=list(shared.bought.starts),
        asked=list(shared.asked.starts),
        stopped=list(shared.stopped.starts),
    )


@dataclass(frozen=True, slots=True)
class _Shared:
    """What is the same for everybody, and examples for what is alike."""

    audience: Audience
    line: LineFacts
    lists: Sequence[Any]
    bought: Bands[date]
    asked: Bands[date]
    stopped: Bands[datetime]
    _standings: dict[tuple[Any, ...], Standing] = field(default_factory=dict)
    _lists: dict[tuple[Any, ...], tuple[tuple[str, date | None], ...]] = field(default_factory=dict)

    def facts(self, row: Any) -> Facts:
        audience = self.audience
        return Facts(
            at=audience.at,
            purpose=audience.purpose,
            sender=audience.sender,
            place=Place(tuple(row.states), tuple(row.zones), row.place_source),
            standing=self._standing(row),
            line=self.line,
            last_in_at=audience.at - _LONG_AGO if row.wrote else None,
            number_kind=row.number_kind,
            reassigned=row.reassigned,
            national_dnc=bool(row.listed & _NATIONAL),
            state_dnc=bool(row.listed & _STATE),
            litigator=bool(row.listed & _LITIGATOR),
            lists=self._asked_lists(row),
            bought_on=None if row.bought is None else self.bought.examples[row.bought],
            asked_on=None if row.asked is None else self.asked.examples[row.asked],
            marks=audience.marks,
            courtesy=audience.courtesy,
            answered=row.answered,
        )

    def _standing(self, row: Any) -> Standing:
        key = (row.yeses, row.stopped, row.how, row.source)
        known = self._standings.get(key)
        if known is None:
            entries = list(agreed(row.yeses, self.audience.at))
            if row.stopped is not None:
                entries.append(_stop(row, self.stopped.examples[row.stopped]))
            known = self._standings[key] = standing_on_record(entries, self.audience.at)
        return known

    def _asked_lists(self, row: Any) -> tuple[tuple[str, date | None], ...]:
        """As for one text: a copy under another look-up key than the number's can't be asked."""
        key = (tuple(row.states), row.hash_version)
        known = self._lists.get(key)
        if known is None:
            dates = {
                f"{one.kind}:{one.region}" if one.region else one.kind: one.as_of
                if one.hash_version == row.hash_version
                else _UNKNOWN_AGE
                for one in self.lists
            }
            names = [ListKind.NATIONAL_DNC.value]
            names += [f"{ListKind.STATE_DNC.value}:{state}" for state in row.states]
            names += [ListKind.REASSIGNED.value]
            names += [ListKind.LITIGATORS.value] * (ListKind.LITIGATORS.value in dates)
            known = self._lists[key] = tuple((name, dates.get(name)) for name in names)
        return known


def agreed(bits: int, at: datetime) -> Iterable[Entry]:
    """Plain yeses by scope and kind. Where and when they were said, no rule asks while there is
    no stop that one of them might lift.
    """
    said_at = at - _LONG_AGO
    for place in range(len(_SCOPES) * len(_KINDS)):
        if bits >> place & 1:
            scope, kind = divmod(place, len(_KINDS))
            yield Entry(
                id=UUID(int=place + 1),
                says=Says.YES,
                scope=_SCOPES[scope],
                said_at=said_at,
                heard_at=said_at,
                source=Source.WEB_FORM,
                kind=_KINDS[kind],
            )


def _stop(row: Any, said_at: datetime) -> Entry:
    return Entry(
        id=UUID(int=100),
        says=Says.STOP,
        scope=Scope.ALL,
        said_at=said_at.astimezone(UTC),
        heard_at=said_at.astimezone(UTC),
        source=Source(row.source),
        how=How(row.how),
    )


def _line(row: Any) -> LineFacts:
    return LineFacts(row.id, LineKind(row.kind), Registration(row.registration), row.paused)
