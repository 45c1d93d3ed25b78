"""Facts: everything that the gate is told about a text, read at one instant and for many at once.

One statement reads all of it, so no fact is older than another, and two hundred texts cost one
question. Standing is folded from the entries here and now, never taken from a cache.

Not here: the verdict (`core.gate`), what the text says (purpose and marks come from the caller).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from lotline.core.base.places import Place
from lotline.core.consent.entry import Entry, How, Kind, Says, Scope, Source
from lotline.core.consent.standing import Standing, standing_on_record
from lotline.core.gate.facts import (
    Facts,
    LineFacts,
    LineKind,
    ListKind,
    MemberFacts,
    Registration,
    Sender,
)
from lotline.core.messaging.purpose import Purpose
from lotline.core.people.roles import may_text
from lotline.store.viewer import policy_is_signed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lotline.store.database import Tx

_WHOLE_GROUP = frozenset({"owner", "auditor"})


@dataclass(frozen=True, slots=True)
class Asked:
    """One text that the gate will be asked about."""

    contact_id: UUID
    line_id: UUID
    purpose: Purpose
    sender: Sender
    at: datetime
    member_id: UUID | None = None
    text_id: UUID | None = None  # itself, not to be counted as an earlier one
    marks: frozenset[str] = field(default_factory=frozenset)
    courtesy: bool = False
    rest: Purpose | None = None
    confirms: datetime | None = None  # when the stop was heard that this text was made to confirm


def load_facts(tx: Tx, asked: Sequence[Asked]) -> list[Facts]:
    """The facts of each, in order. A contact or line that is not there is our mistake."""
    if not asked:
        return []
    if not tx.by_key:
        look_up_by_key(tx)
    # What one conversation is asked about several purposes is told once.
    named = [(one.contact_id, one.line_id, one.member_id, one.text_id, one.at) for one in asked]
    once = list(dict.fromkeys(named))
    contacts, lines, members, texts, ats = map(list, zip(*once, strict=True))
    rows = tx.all(
        "facts.load", contacts=contacts, lines=lines, members=members, texts=texts, ats=ats
    )
    assert len(rows) == len(once), "each text has a contact and a line of its own group"
    told = dict(zip(once, rows, strict=True))
    return [_facts(told[name], one) for name, one in zip(named, asked, strict=True)]


def look_up_by_key(tx: Tx) -> None:
    """The rest of this transaction asks by keys alone, and its statements are planned once.

    To plan what the gate is told takes five times as long as to read it.
    """
    tx.run("facts.by_key")


def _facts(row: Any, asked: Asked) -> Facts:
    entries = [_entry(part) for part in row.entries]
    standing = standing_on_record(entries, asked.at)
    heard_at = _stop_heard_at(entries, standing)
    if heard_at is not None and asked.confirms is not None:
        # A later stop is none of its business: it would have its five minutes begin anew.
        heard_at = asked.confirms
    return Facts(
        at=asked.at,
        purpose=asked.purpose,
        sender=asked.sender,
        place=Place(tuple(row.states), tuple(row.zones), row.place_source),
        standing=standing,
        line=LineFacts(
            row.line_id, LineKind(row.line_kind), Registration(row.registration), row.paused
        ),
        member=None if asked.member_id is None else _member(row, asked.at),
        last_in_at=row.last_in_at,
        number_kind=row.number_kind,
        reassigned=_reassigned(row, entries),
        national_dnc=row.national_listed,
        state_dnc=row.state_listed,
        litigator=row.litigator,
        lists=_lists(row),
        offers_24h=tuple(row.offers_24h),
        bought_on=row.bought_on,
        asked_on=row.asked_on,
        stop_heard_at=heard_at,
        stop_confirmed=_confirmed(row.confirmed_at, heard_at),
        marks=asked.marks,
        courtesy=asked.courtesy,
        answered=row.answered,
        rest=asked.rest,
    )


def _reassigned(row: Any, entries: Sequence[Entry]) -> str:
    """A yes that is younger than the day the number was given up is its new holder's own."""
    if not row.moved:
        said: str = row.reassigned
        return said
    yeses = [entry.said_at.date() for entry in entries if entry.says is Says.YES]
    if row.moved_on is not None and any(on > row.moved_on for on in yeses):
        return "no"
    return "yes"


def _lists(row: Any) -> tuple[tuple[str, date | None], ...]:
    """Each list that may speak of this number, by the day of its copy; None: never imported."""
    known = {
        f"{kind}:{region}" if region else kind: date.fromisoformat(on)
        for kind, region, on in row.lists
    }
    asked = [ListKind.NATIONAL_DNC.value]
    asked += [f"{ListKind.STATE_DNC.value}:{state}" for state in row.states]
    asked += [ListKind.REASSIGNED.value]
    asked += [ListKind.LITIGATORS.value] * (ListKind.LITIGATORS.value in known)
    return tuple((name, known.get(name)) for name in asked)


def _member(row: Any, at: datetime) -> MemberFacts:
    """Nobody known by that id may do nothing."""
    if row.role is None:
        return MemberFacts(may_text=False, active=False, policy_signed=False, trained=False)
    return MemberFacts(
        may_text=may_text(row.role)
        and (row.role in _WHOLE_GROUP or row.reaches)
        and row.program_reaches,
        active=not row.suspended and not row.program_ended,
        policy_signed=policy_is_signed(row, row.settings, at),
        trained=row.trained or not row.settings.get("training_required", False),
        stopped=row.stopped,
    )


def _entry(part: list[Any]) -> Entry:
    """From the JSON that gathers a contact's entries; instants keep their microseconds in it."""
    entry_id, says, scope, kind, source, line_id, corrects, named, said_at, heard_at, how = part
    return Entry(
        id=UUID(entry_id),
        says=Says(says),
        scope=Scope(scope),
        said_at=datetime.fromisoformat(said_at),
        heard_at=datetime.fromisoformat(heard_at),
        source=Source(source),
        kind=None if kind is None else Kind(kind),
        line_id=None if line_id is None else UUID(line_id),
        corrects=None if corrects is None else UUID(corrects),
        seller_named=named,
        how=How(how),
    )


def _stop_heard_at(entries: Sequence[Entry], standing: Standing) -> datetime | None:
    """When we heard the stop that is in force: the confirmation must follow it soon.

    A stop that a person found in a doubt was said when the doubt was.
    """
    by_id = {entry.id: entry for entry in entries}
    stop = by_id.get(standing.stopped_by) if standing.stopped_by is not None else None
    if stop is None:
        return None
    doubt = by_id.get(stop.corrects) if stop.corrects is not None else None
    if doubt is None or doubt.says is not Says.DOUBT:
        return stop.heard_at
    return min(stop.heard_at, doubt.heard_at)


def _confirmed(confirmed_at: datetime | None, heard_at: datetime | None) -> bool:
    return confirmed_at is not None and heard_at is not None and confirmed_at >= heard_at
