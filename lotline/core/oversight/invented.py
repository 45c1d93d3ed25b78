"""A customer and a text that nobody has: plain words made into the gate's facts.

The words are those of an address or of a case in the rulebook's data. Consent and stops become
entries and are folded, and a place is resolved, exactly as for a real customer, so that the gate
can't tell the difference. A word that makes no sense is refused by name, never guessed at.

Not here: any verdict, a real customer (`store.facts`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from lotline.core.base.numbers import Number, NumberKind
from lotline.core.base.places import Place, place_of
from lotline.core.consent.entry import Entry, How, Kind, Says, Scope, Source
from lotline.core.consent.standing import standing_at
from lotline.core.gate.facts import (
    Facts,
    LineFacts,
    LineKind,
    ListKind,
    Mark,
    MemberFacts,
    Registration,
    Sender,
)
from lotline.core.messaging.purpose import Purpose

T = TypeVar("T")
Given = Mapping[str, str]

BY = {"person": Sender.PERSON, "software": Sender.SOFTWARE, "list": Sender.BROADCAST}
YES = {"none": None, "wrote": Kind.INQUIRY, "express": Kind.EXPRESS, "written": Kind.WRITTEN}
STOPS = {"all": Scope.ALL, "offers": Scope.OFFERS, "updates": Scope.UPDATES, "wrong": Scope.ALL}
_HOW = {
    "keyword": How.KEYWORD,
    "wording": How.WORDING,
    "unanswered": How.UNANSWERED,
    "narrowed": How.NARROWED,
}
_MEMBERS = {
    "": MemberFacts(),
    "unsigned": MemberFacts(policy_signed=False),
    "untrained": MemberFacts(trained=False),
    "out_of_reach": MemberFacts(may_text=False),
    "stopped": MemberFacts(stopped=True),
}
_AGO = re.compile(r"(\d{1,5})([mhd])")
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
_LINE = UUID(int=1)
_TOLL_FREE = "800"
_SENT_MAX = 20


class Odd(ValueError):
    """A word that makes no sense; its words are for the person who wrote it."""


def facts_of(given: Given, at: datetime, place: Place | None = None) -> Facts:
    """The facts of an invented customer and text at an instant."""
    sender = _one_of(BY, given.get("by", "person"), "who sends")
    purpose = _one_of({p.value: p for p in Purpose}, given.get("purpose", "offer"), "the purpose")
    stop = given.get("stop", "")
    stopped = _moment(given.get("stop_on") or "2d", at) if stop else None
    wrote = given.get("wrote", "")
    listed = set(filter(None, given.get("listed", "").split(",")))
    return Facts(
        at=at,
        purpose=purpose,
        sender=sender,
        place=place_of_given(given) if place is None else place,
        standing=standing_at(list(_entries(given, at)), at),
        line=LineFacts(
            _LINE,
            LineKind(given.get("line_kind") or "local"),
            Registration(given.get("line") or "approved"),
            paused=bool(given.get("paused")),
        ),
        member=_MEMBERS.get(given.get("member", "")) if sender is Sender.PERSON else None,
        last_in_at=_moment(wrote, at) if wrote else None,
        number_kind=given.get("kind") or "mobile",
        reassigned=given.get("reassigned") or "no",
        offers_24h=_sent(given.get("sent", ""), at),
        bought_on=_day(given.get("bought", ""), at),
        asked_on=_day(given.get("asked", ""), at),
        national_dnc="national" in listed,
        state_dnc="state" in listed,
        own_dnc="own" in listed,
        stop_heard_at=stopped,
        stop_confirmed=bool(given.get("confirmed")),
        marks=frozenset(_marks(given)),
        courtesy=bool(given.get("courtesy")),
        litigator=bool(given.get("litigator")),
        lists=_lists(given.get("copy", ""), at),
    )


def place_of_given(given: Given) -> Place:
    """Where they may be, by a ZIP of their own, a state, or the area code alone."""
    area = given.get("area", "").strip()
    if area and not re.fullmatch(r"[2-9]\d\d", area):
        raise Odd("An area code has three digits.")
    zip_code = given.get("zip", "").strip()
    if zip_code and not re.fullmatch(r"\d{5}(-\d{4})?", zip_code):
        raise Odd("A ZIP code has five digits.")
    kind = NumberKind.MOBILE if area else NumberKind.TOLL_FREE
    number = Number(f"+1{area or _TOLL_FREE}5550142", kind, area or _TOLL_FREE)
    known = not given.get("zip_from")
    place = place_of(number, zip_code=zip_code or None, zip_given=bool(zip_code) and known)
    if (place.zones and (area or zip_code)) or not given.get("state"):
        return place
    return place_of(number, stated_state=given["state"])


def _entries(given: Given, at: datetime) -> Iterator[Entry]:
    kind = _one_of(YES, given.get("yes") or "written", "the yes")
    if kind is not None:
        said = _moment(given.get("yes_on") or "60d", at)
        source = Source.IMPORT if given.get("yes_by") == "import" else Source.WEB_FORM
        yield Entry(
            id=UUID(int=2),
            says=Says.YES,
            scope=Scope.UPDATES if kind is Kind.INQUIRY else _scope(given.get("yes_to", "all")),
            said_at=said,
            heard_at=max(said, at) if source is Source.IMPORT else said,
            source=source,
            kind=kind,
        )
    stop = given.get("stop", "")
    if stop:
        said = _moment(given.get("stop_on") or "2d", at)
        yield Entry(
            id=UUID(int=3),
            says=Says.WRONG_NUMBER if stop == "wrong" else Says.STOP,
            scope=_one_of(STOPS, stop, "the stop"),
            said_at=said,
            heard_at=said,
            source=Source.TEXT if given.get("stop_by", "text") == "text" else Source.PHONE,
            how=_one_of(_HOW, given.get("stop_how") or "keyword", "how they said stop"),
        )
    if given.get("doubt"):
        said = _moment("1d", at)
        yield Entry(
            id=UUID(int=4),
            says=Says.DOUBT,
            scope=_scope(given["doubt"]),
            said_at=said,
            heard_at=said,
            source=Source.TEXT,
        )


def _marks(given: Given) -> Iterator[str]:
    if given.get("emergency"):
        yield Mark.EMERGENCY.value
    if given.get("offer_inside"):
        yield Mark.OFFER_INSIDE.value
    if given.get("content"):
        yield f"{Mark.SHAFT.value}{given['content']}"
    yield from given.get("marks", "").split()


def _scope(said: str) -> Scope:
    return _one_of({"all": Scope.ALL, "offers": Scope.OFFERS, "updates": Scope.UPDATES}, said, "it")


def _one_of(known: Mapping[str, T], said: str, what: str) -> T:
    if said not in known:
        raise Odd(f"Nobody knows what {what} “{said[:40]}” would be.")
    return known[said]


def _moment(said: str, at: datetime) -> datetime:
    """An instant: so long ago ("10m", "3h", "2d"), or written out with its offset."""
    ago = _AGO.fullmatch(said.strip())
    if ago:
        return at - int(ago[1]) * _UNITS[ago[2]]
    try:
        moment = datetime.fromisoformat(said.strip())
    except ValueError:
        raise Odd(f"“{said[:40]}” is no time.") from None
    if moment.tzinfo is None:
        raise Odd(f"“{said[:40]}” lacks its offset from UTC.")
    return moment.astimezone(UTC)


def _day(said: str, at: datetime) -> date | None:
    """A day: so many days ago ("90d"), or written out."""
    if not said:
        return None
    ago = _AGO.fullmatch(said.strip())
    if ago and ago[2] == "d":
        return at.date() - timedelta(days=int(ago[1]))
    try:
        return date.fromisoformat(said.strip())
    except ValueError:
        raise Odd(f"“{said[:40]}” is no day.") from None


def _sent(said: str, at: datetime) -> tuple[datetime, ...]:
    """Earlier offers: their instants, or how many, then one an hour up to an hour ago."""
    if not said.strip():
        return ()
    if said.strip().isdigit():
        most = min(int(said), _SENT_MAX)
        return tuple(at - timedelta(hours=n) for n in range(1, most + 1))
    return tuple(_moment(one, at) for one in said.split(",")[:_SENT_MAX])


def _lists(days: str, at: datetime) -> tuple[tuple[str, date | None], ...]:
    """Our copy of the national list, so many days old; nothing said, nobody was asked."""
    if not days.isdigit():
        return ()
    return ((ListKind.NATIONAL_DNC.value, at.date() - timedelta(days=min(int(days), 9999))),)


def plain_case(case: Mapping[str, Any]) -> dict[str, str]:
    """A case of the rulebook's data as an invented customer's words."""
    return {key: str(value) for key, value in case.items() if key not in {"says", "clock"}}
