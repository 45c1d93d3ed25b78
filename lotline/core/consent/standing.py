"""What a person's entries add up to at an instant.

Standing is never stored as truth: it is folded from the entries, so the same entries read at the
same instant give the same answer, today and in a dispute. A stored copy is a cache of this fold.

Not here: how strong a yes must be for a text (`gate`), hearing a stop in a text (`hearing`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from lotline.core.consent.entry import Entry, How, Kind, Says, Scope, Source


class Level(StrEnum):
    """The one-word state shown beside a customer's name (`ui.md` 4.3)."""

    OFFERS = "offers"
    REPLIES = "replies"
    NONE = "none"
    OUT = "out"
    CHECK = "check"


@dataclass(frozen=True, slots=True)
class Standing:
    """`stopped` is the widest stop in force; `kind` the strongest yes since it, per purpose."""

    stopped: Scope | None = None
    stopped_at: datetime | None = None  # the latest stop in force, not the first
    stopped_by: UUID | None = None
    stopped_lines: frozenset[UUID] = frozenset()
    updates: Kind | None = None
    updates_by: UUID | None = None
    offers: Kind | None = None
    offers_by: UUID | None = None
    doubted_at: datetime | None = None
    wrong_number_at: datetime | None = None
    stopped_how: How | None = None
    stopped_source: Source | None = None
    doubted: Scope | None = None  # OFFERS: only offers wait for a person; anything else: all do
    updates_at: datetime | None = None
    offers_at: datetime | None = None
    reopened_at: datetime | None = None  # a yes after a stop, which undid it
    lines_stopped_at: datetime | None = None  # the latest stop of a line alone
    refused_yes_at: datetime | None = None  # a yes heard after a stop, which could not undo it


_CLOSES = frozenset({Says.STOP, Says.WRONG_NUMBER, Says.DOUBT})
_STRENGTH = {Kind.INQUIRY: 1, Kind.EXPRESS: 2, Kind.WRITTEN: 3}
# Within one instant the word that closes is taken last, so that it wins.
_LAST_WORD = {
    Says.YES: 0,
    Says.CONFIRMED: 1,
    Says.DOUBT: 2,
    Says.STOP: 3,
    Says.WRONG_NUMBER: 4,
}
# Acts of the customer's own hand. What staff write down for them, and what a file brings, may
# record a yes but never undo a stop.
_OWN_HAND = frozenset({Source.TEXT, Source.WEB_FORM, Source.CARRIER})


def standing_at(entries: Iterable[Entry], instant: datetime) -> Standing:
    """The last word said up to `instant`; silence is not consent.

    1. Order is when it was said, not when we heard of it. Within one instant a stop beats a yes,
       and a doubt beats its clearing. A stop heard by `instant` counts even if its clock is ahead.
    2. A yes before a stop is spent by it. Only a yes said after the stop opens again what it
       covers, and only from the customer's own hand: a text or a carrier's START, a web form, or a
       signed paper. An import, a call or a word in the showroom never does, nor does a mere
       inquiry (their new question may be answered, the stop stays).
    3. A stop of all closes updates, offers and every line; of offers or updates, that purpose; of
       a line, that line for every purpose. A yes opens what it names; a yes to all opens all.
    4. A wrong number is a stop of all and voids every earlier yes, for the person who said them
       is not there. A later yes lifts the stop but not the mark: who said it is not known until a
       person confirms. Confirming clears the mark but not the stop.
    5. A doubt stands until a CONFIRMED said after it. A doubt about offers holds offers only.
    6. A correction voids the entry it names if that is a yes. It never voids a stop, a wrong
       number or a doubt, unless it is an explicit CONFIRMED that names it (a misheard text undone
       by a person, whose reason the ledger keeps). Whether a person may do so is not asked here.
    7. A yes that does not name the seller counts for nothing. A yes without a kind is an inquiry,
       and an inquiry covers updates only, whatever scope it claims.
    """
    assert instant.tzinfo is not None, "an instant carries its zone"
    counted = [entry for entry in entries if _counts(entry, instant)]
    if not counted:
        return _NOTHING
    gone = voided(counted)
    fold = _Fold()
    for entry in sorted(counted, key=_order):
        if entry.id not in gone:
            fold.take(entry)
    return fold.standing()


def standing_on_record(entries: Sequence[Entry], now: datetime) -> Standing:
    """What they add up to now. What is on record was heard before now, whatever the clock says:
    a stop that was stamped by a clock since put back holds.
    """
    closed = (min(one.said_at, one.heard_at) for one in entries if one.says in _CLOSES)
    return standing_at(entries, max(now, max(closed, default=now)))


def is_stopped_after_all(
    entries: Sequence[Entry], wrote_at: datetime | None, now: datetime
) -> bool:
    """Whether one more stop would say nothing new. It does where they wrote since the last one, for
    it ends what they asked, and where a START stands ahead of a clock that was put back.
    """
    stamps = [now, *(one.said_at for one in entries)]
    last = standing_at(entries, max(stamps))
    return last.stopped is Scope.ALL and (
        wrote_at is None or (last.stopped_at is not None and wrote_at <= last.stopped_at)
    )


def level(standing: Standing, line_id: UUID | None = None) -> Level:
    """The word beside the name. A stop is shown before a doubt; a wrong number asks for a check."""
    out = standing.stopped is Scope.ALL or line_id in standing.stopped_lines
    if standing.wrong_number_at is not None and standing.wrong_number_at == standing.stopped_at:
        return Level.CHECK
    if out:
        return Level.OUT
    if standing.wrong_number_at is not None or standing.doubted_at is not None:
        return Level.CHECK
    if standing.offers is not None:
        return Level.OFFERS
    if standing.updates is not None:
        return Level.REPLIES
    return Level.OUT if standing.stopped is not None else Level.NONE


_NOTHING = Standing()


def _counts(entry: Entry, instant: datetime) -> bool:
    if entry.says in _CLOSES:
        return min(entry.said_at, entry.heard_at) <= instant
    return entry.said_at <= instant


def _order(entry: Entry) -> tuple[datetime, int, str]:
    return (entry.said_at, _LAST_WORD[entry.says], str(entry.id))


def voided(entries: Sequence[Entry]) -> set[UUID]:
    """Which of these count for nothing, because another of them corrects them."""
    says = {entry.id: entry.says for entry in entries}
    gone: set[UUID] = set()
    for entry in entries:
        said = says.get(entry.corrects) if entry.corrects is not None else None
        if said is None or entry.corrects is None or entry.corrects == entry.id:
            continue
        confirms = entry.says is Says.CONFIRMED
        if (said is Says.YES) is not confirms and said is not Says.CONFIRMED:
            gone.add(entry.corrects)
    return gone


@dataclass(slots=True)
class _Purpose:
    """One purpose's side of the fold."""

    kind: Kind | None = None
    by: Entry | None = None
    stop: Entry | None = None

    def close(self, stop: Entry) -> None:
        self.kind = self.by = None
        self.stop = stop

    def open(self, yes: Entry, kind: Kind) -> None:
        """After a stop, only a yes from the customer's own hand counts."""
        if self.stop is not None:
            if not _reopens(yes, kind):
                return
            self.stop = None
        if self.kind is None or _STRENGTH[kind] >= _STRENGTH[self.kind]:
            self.kind, self.by = kind, yes


class _Fold:
    """Entries taken one by one, oldest word first."""

    def __init__(self) -> None:
        self.updates = _Purpose()
        self.offers = _Purpose()
        self.lines: dict[UUID, Entry] = {}
        self.doubt: Entry | None = None
        self.wrong: Entry | None = None
        self.reopened_at: datetime | None = None
        self.idle_yes_heard_at: datetime | None = None

    def take(self, entry: Entry) -> None:
        if entry.says is Says.YES:
            self._yes(entry)
        elif entry.says is Says.STOP:
            self._stop(entry)
        elif entry.says is Says.WRONG_NUMBER:
            self.wrong = entry
            self._stop(replace(entry, scope=Scope.ALL, how=How.WORDING))
        elif entry.says is Says.DOUBT:
            if self.doubt is None or self.doubt.scope is Scope.OFFERS:
                self.doubt = entry
        else:
            self.doubt = self.wrong = None

    def _stop(self, stop: Entry) -> None:
        if stop.scope is Scope.LINE and stop.line_id is not None:
            self.lines[stop.line_id] = stop
            return
        # A stop of a line that names no line cannot be trusted to be narrow.
        if stop.scope is not Scope.OFFERS:
            self.updates.close(stop)
        if stop.scope is not Scope.UPDATES:
            self.offers.close(stop)

    def _yes(self, yes: Entry) -> None:
        if not yes.seller_named:
            return
        kind = yes.kind or Kind.INQUIRY
        before = self._closed()
        if yes.scope in (Scope.ALL, Scope.UPDATES):
            self.updates.open(yes, kind)
        if yes.scope in (Scope.ALL, Scope.OFFERS) and kind is not Kind.INQUIRY:
            self.offers.open(yes, kind)
        self._open_lines(yes, kind)
        if self._closed() < before:
            self.reopened_at = yes.said_at
        elif kind is not Kind.INQUIRY:
            self.idle_yes_heard_at = max(self.idle_yes_heard_at or yes.heard_at, yes.heard_at)

    def _closed(self) -> int:
        return len(self.lines) + (self.updates.stop is not None) + (self.offers.stop is not None)

    def _open_lines(self, yes: Entry, kind: Kind) -> None:
        if not self.lines or not _reopens(yes, kind):
            return
        if yes.scope is Scope.ALL:
            self.lines.clear()
        elif yes.scope is Scope.LINE and yes.line_id is not None:
            self.lines.pop(yes.line_id, None)

    def standing(self) -> Standing:
        stops = [side.stop for side in (self.updates, self.offers) if side.stop is not None]
        last = max(stops, key=_order) if stops else None
        late = self.idle_yes_heard_at
        return Standing(
            stopped=self._stopped(),
            stopped_at=last.said_at if last else None,
            stopped_by=last.id if last else None,
            stopped_lines=frozenset(self.lines),
            updates=self.updates.kind,
            updates_by=self.updates.by.id if self.updates.by else None,
            offers=self.offers.kind,
            offers_by=self.offers.by.id if self.offers.by else None,
            doubted_at=self.doubt.said_at if self.doubt else None,
            wrong_number_at=self.wrong.said_at if self.wrong else None,
            stopped_how=last.how if last else None,
            stopped_source=last.source if last else None,
            doubted=self.doubt.scope if self.doubt else None,
            updates_at=self.updates.by.said_at if self.updates.by else None,
            offers_at=self.offers.by.said_at if self.offers.by else None,
            reopened_at=self.reopened_at,
            lines_stopped_at=max((e.said_at for e in self.lines.values()), default=None),
            refused_yes_at=late if last and late and late > last.said_at else None,
        )

    def _stopped(self) -> Scope | None:
        if self.updates.stop and self.offers.stop:
            return Scope.ALL
        if self.offers.stop:
            return Scope.OFFERS
        return Scope.UPDATES if self.updates.stop else None


def _reopens(yes: Entry, kind: Kind) -> bool:
    if kind is Kind.INQUIRY:
        return False
    signed_paper = yes.source is Source.PAPER_FORM and kind is Kind.WRITTEN
    return signed_paper or yes.source in _OWN_HAND
