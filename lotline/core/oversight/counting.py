"""Counting: what one customer's texts and consent entries add up to, day by day.

Invariant: a count is a pure function of what is on record about one customer. Counted twice, late
or out of order it is the same, so a stored count can always be thrown away and made again.

Not here: the clock of open hours (`waits`), storing counts (`store.counts`), adding them up.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from lotline.core.consent.entry import Entry, Says
from lotline.core.consent.standing import Level, level, standing_at, voided
from lotline.core.oversight.waits import Hours, Said, fold_waits, open_between, opens_at

NOTICES = frozenset({"stop_confirmation", "start_confirmation", "help"})  # automatic answers
OPTED_IN = frozenset({Level.OFFERS, Level.REPLIES})
# What a customer said that a person has to answer; a stop or a keyword has its answer already.
ASKS = frozenset({"none", "hold", "partial"})
_WITHOUT = frozenset({Level.NONE, Level.OUT})
_ANSWERS = "law.reply"  # a rule whose word is itself a basis: the customer wrote first


class Told(NamedTuple):
    """One text as it is on record. `taken`: the carrier accepted it."""

    id: UUID
    conversation_id: UUID
    line_id: UUID
    incoming: bool
    sender: str
    author_id: UUID | None
    purpose: str | None
    state: str
    asks: bool  # of an incoming one: a person has to answer
    created_at: datetime
    handed_at: datetime | None
    taken: bool
    was_held: bool = False
    rule: str | None = None  # the binding one of its last decision; None: none was made
    released: bool = False  # a person let it go


@dataclass(slots=True)
class Day:
    """One day of one conversation, of what one member wrote, or nobody."""

    sent: int = 0
    received: int = 0
    allowed: int = 0
    held: int = 0
    blocked: int = 0


class DayKey(NamedTuple):
    """Whose day it is; the day is the store's."""

    conversation_id: UUID
    line_id: UUID
    day: date
    author_id: UUID | None


class Marked(NamedTuple):
    """A text that is asked for by name: `held`, `blocked`, or `without` any opt-in."""

    text_id: UUID
    what: str
    conversation_id: UUID
    line_id: UUID
    author_id: UUID | None
    at: datetime
    day: date
    why: str


class Answered(NamedTuple):
    """A wait that ended; `hour` is the store's, of the first open moment of it."""

    text_id: UUID
    conversation_id: UUID
    line_id: UUID
    author_id: UUID | None
    started_at: datetime
    ended_at: datetime
    day: date
    hour: int
    open_s: int


class Move(NamedTuple):
    """The customer's level changed. `credited`: who wrote it down, else who last texted them."""

    entry_id: UUID
    at: datetime
    was: Level
    now: Level
    source: str
    credited: UUID | None


@dataclass(slots=True)
class Counts:
    """All that is counted of one customer."""

    days: dict[DayKey, Day] = field(default_factory=lambda: defaultdict(Day))
    marked: list[Marked] = field(default_factory=list)
    answered: list[Answered] = field(default_factory=list)
    moves: list[Move] = field(default_factory=list)


def count(
    texts: Sequence[Told],
    entries: Sequence[Entry],
    hours: Mapping[UUID, Hours],
    recorded_by: Mapping[UUID, UUID] | None = None,
) -> Counts:
    """One customer. `hours` are by line; `recorded_by` says which member wrote an entry down."""
    counts = Counts()
    counts.moves = _moves(entries, texts, recorded_by or {})
    past = _Past(counts.moves, entries)
    talks: dict[UUID, list[Told]] = defaultdict(list)
    for text in texts:
        talks[text.conversation_id].append(text)
        zone = hours[text.line_id].zone
        made = text.created_at.astimezone(zone).date()
        if text.incoming:
            counts.days[DayKey(text.conversation_id, text.line_id, made, None)].received += 1
            continue
        _count_try(counts, text, made)
        if text.taken:
            left = text.handed_at or text.created_at
            day = left.astimezone(zone).date()
            counts.days[DayKey(text.conversation_id, text.line_id, day, text.author_id)].sent += 1
            why = past.why_without(text, left)
            if why:
                counts.marked.append(_mark(text, "without", left, day, why))
    for talk in talks.values():
        counts.answered += _answered(talk, hours[talk[0].line_id])
    return counts


def outcome(text: Told) -> str:
    """The gate's one word on a try: `allowed`, `held`, `blocked`; "" for what is no try.

    Taken back before it left is no try, but a text that was held stays one, whatever became of it
    save a block. What a member put off by hand was not held by the gate. Automatic answers are
    nobody's try.
    """
    if text.incoming or text.purpose in NOTICES:
        return ""
    if text.state == "blocked":
        return "blocked"
    if text.was_held:
        return "held"
    return "" if text.state == "cancelled" else "allowed"


def _count_try(counts: Counts, text: Told, made: date) -> None:
    word = outcome(text)
    if not word:
        return
    day = counts.days[DayKey(text.conversation_id, text.line_id, made, text.author_id)]
    setattr(day, word, getattr(day, word) + 1)
    if word != "allowed":
        counts.marked.append(_mark(text, word, text.created_at, made, text.rule or ""))


def _mark(text: Told, what: str, at: datetime, day: date, why: str) -> Marked:
    place = (text.conversation_id, text.line_id, text.author_id)
    return Marked(text.id, what, *place, at, day, why)


def _answered(talk: Sequence[Told], hours: Hours) -> list[Answered]:
    said = [
        Said(one.id, one.created_at, theirs=True)
        if one.incoming
        else Said(one.id, one.handed_at or one.created_at, theirs=False, author_id=one.author_id)
        for one in talk
        if (one.asks if one.incoming else one.sender == "person" and one.taken)
    ]
    found = []
    for wait in fold_waits(said):
        if wait.ended_at is None:
            continue
        found.append(
            Answered(
                wait.text_id,
                talk[0].conversation_id,
                talk[0].line_id,
                wait.author_id,
                wait.started_at,
                wait.ended_at,
                wait.ended_at.astimezone(hours.zone).date(),
                opens_at(hours, wait.started_at).astimezone(hours.zone).hour,
                int(open_between(hours, wait.started_at, wait.ended_at).total_seconds()),
            )
        )
    return found


def _effective(entry: Entry) -> datetime:
    """From when it counts: what closes does so when it was said or heard, whichever came first."""
    if entry.says in {Says.YES, Says.CONFIRMED}:
        return entry.said_at
    return min(entry.said_at, entry.heard_at)


def _moves(
    entries: Sequence[Entry], texts: Sequence[Told], recorded_by: Mapping[UUID, UUID]
) -> list[Move]:
    """Each change of the level, as it is judged today: what was corrected since never counted."""
    gone = voided(entries)
    kept = sorted((one for one in entries if one.id not in gone), key=_effective)
    ours = sorted(
        (one.handed_at or one.created_at, one.author_id)
        for one in texts
        if one.taken and one.sender == "person" and one.author_id is not None
    )
    moves: list[Move] = []
    was = Level.NONE
    for entry in kept:
        at = _effective(entry)
        now = level(standing_at(kept, at))
        if now is was:
            continue
        before = bisect_right(ours, at, key=lambda one: one[0])
        last = ours[before - 1][1] if before else None
        credited = recorded_by.get(entry.id) or last
        moves.append(Move(entry.id, at, was, now, entry.source.value, credited))
        was = now
    return moves


class _Past:
    """What a text could rest on when it left."""

    def __init__(self, moves: Sequence[Move], entries: Iterable[Entry]) -> None:
        self._at = [move.at for move in moves]
        self._levels = [Level.NONE, *(move.now for move in moves)]
        entries = list(entries)
        gone = voided(entries)
        self._voided = [one.said_at for one in entries if one.id in gone and one.says is Says.YES]

    def why_without(self, text: Told, at: datetime) -> str:
        """Why there was no opt-in under it: `voided`, `override`, `imported`; "" when there was."""
        if text.purpose in NOTICES or text.rule == _ANSWERS:
            return ""
        if self._levels[bisect_right(self._at, at)] not in _WITHOUT:
            return ""
        if any(said <= at for said in self._voided):
            return "voided"
        if text.released:
            return "override"
        return "imported" if text.rule is None else "none"
