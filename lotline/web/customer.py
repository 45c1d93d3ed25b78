"""A customer's card in words: what may be texted and on what record, and the consent timeline.

"Right now" is the gate's answer to an offer at this moment, in the gate's own sentence. The rest
is read from the entries: each says what was agreed, how, and when in the customer's zone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from lotline.core.gate.decision import Decision, Verdict
from lotline.store.shown import ConsentLine, ContactCard, Viewer
from lotline.web.clock import Clock
from lotline.web.says import sentence, words_for
from lotline.web.words import SOURCES, Mark, level

_YES = {
    "inquiry": "Wrote to us first",
    "express": "Agreed to texts",
    "written": "Agreed to offers in writing",
}
_SCOPES = {"all": "", "offers": " to offers", "updates": " to updates", "line": " on this line"}
_PLACES = {"zip": "from the ZIP code", "stated": "as told", "area_code": "from the area code"}


@dataclass(frozen=True, slots=True)
class Permission:
    """One row of "What you may text"."""

    what: str
    mark: Mark
    source: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One entry of the timeline."""

    id: UUID
    says: str
    how: str
    when: str
    store_when: str
    tone: str
    hash: str
    sequenced: bool
    proof: str
    proof_said: str


@dataclass(frozen=True, slots=True)
class Card:
    """The whole card."""

    id: UUID
    name: str
    number: str
    hue: int
    level: str
    state: Mark
    place_said: str
    local_said: str
    permissions: tuple[Permission, ...]
    timeline: tuple[Line, ...]
    newest: tuple[Line, ...]
    facts: tuple[tuple[str, str], ...]
    facts_title: str
    stock: str
    record: str
    may_act: bool
    out_says: str
    conversations: tuple[tuple[UUID, UUID, str], ...]
    erased: bool


def show_card(
    card: ContactCard,
    viewer: Viewer,
    now: datetime,
    *,
    outlook: Decision | None = None,
    store_zone: str = "",
    line: str = "",
) -> Card:
    """The card at that moment; `outlook` is the gate's answer to an offer now."""
    zone = card.zones[0] if card.zones else (store_zone or "UTC")
    there = Clock(now, zone)
    timeline = tuple(_line(entry, there, store_zone) for entry in _newest(card))
    facts = card.card or {}
    return Card(
        id=card.contact_id,
        name=card.name,
        number=card.number,
        hue=card.hue,
        level=card.level,
        state=level(card.level),
        place_said=_place(card),
        local_said=_local(card, there),
        permissions=_permissions(card, there, outlook, line),
        timeline=timeline,
        newest=timeline[:3],
        facts=tuple(
            (_label(key), str(value)) for key, value in facts.items() if _plain(key, value)
        ),
        facts_title=str(facts.get("title") or facts.get("vehicle") or "Shopping for"),
        stock=str(facts.get("stock") or ""),
        record=timeline[0].hash if timeline else "",
        may_act=viewer.role != "auditor" and not card.erased,
        out_says=_out_says(card, there),
        conversations=card.conversations,
        erased=card.erased,
    )


def _newest(card: ContactCard) -> list[ConsentLine]:
    return sorted(card.timeline, key=lambda entry: (entry.said_at, entry.id), reverse=True)


def _label(key: str) -> str:
    return key.replace("_", " ").capitalize()


def _plain(key: str, value: Any) -> bool:
    return key not in {"title", "vehicle", "stock", "word"} and isinstance(value, str | int | float)


def _place(card: ContactCard) -> str:
    how = _PLACES.get(card.place_source, "")
    where = card.place or ", ".join(card.states)
    return f"{where} · {how}" if where and how else where or "Place unknown"


def _local(card: ContactCard, there: Clock) -> str:
    """Says "9:12 PM there · Columbus, OH"; several zones when nobody knows which."""
    if len(card.zones) > 1:
        times = dict.fromkeys(Clock(there.now, zone).time(there.now) for zone in card.zones)
        time = f"{' or '.join(list(times)[:2])} there"
    else:
        time = f"{there.time(there.now)} there" if card.zones else "Local time unknown"
    where = card.place or ", ".join(card.states[:2])
    return f"{time} · {where}" if where else time


def _says(entry: ConsentLine) -> tuple[str, str]:
    """The sentence and its tone."""
    scope = _SCOPES.get(entry.scope, "")
    if entry.says == "yes":
        return _YES.get(entry.kind, f"Agreed{scope or ' to texts'}"), "ok"
    if entry.says == "stop":
        return f"Asked us to stop{scope or ' all texts'}", "stop"
    if entry.says == "wrong_number":
        return "Said this is a wrong number", "stop"
    if entry.says == "confirmed":
        return "Number confirmed", "ok"
    return "Waits for a person to read it", "hold"


def _line(entry: ConsentLine, there: Clock, store_zone: str) -> Line:
    said, tone = _says(entry)
    how = SOURCES.get(entry.source, entry.source.replace("_", " "))
    if entry.wording_name:
        how = f"{entry.wording_name}, {how}"
    if entry.member_name:
        how = f"{how}, recorded by {entry.member_name}"
    store_when = ""
    if store_zone and store_zone != there.zone:
        here = Clock(there.now, store_zone)
        store_when = f"{here.full(entry.said_at)} {here.zone_said} at the store"
    proof = "\n\n".join(part for part in (entry.wording, entry.words) if part)
    proof_said = "What was shown, then what was given" if entry.wording else "In their own words"
    return Line(
        id=entry.id,
        says=f"Correction: {said}" if entry.corrects else said,
        how=how[:1].upper() + how[1:],
        when=f"{there.full(entry.said_at)} {there.zone_short}",
        store_when=store_when,
        tone=tone,
        hash=entry.short_hash,
        sequenced=entry.sequenced,
        proof=proof,
        proof_said=proof_said,
    )


def _source_of(entry_id: UUID | None, card: ContactCard, there: Clock) -> str:
    entry = next((one for one in card.timeline if one.id == entry_id), None)
    if entry is None:
        return ""
    said, _ = _says(entry)
    how = entry.wording_name or SOURCES.get(entry.source, "")
    return f"{said}{f', {how}' if how else ''}, {there.full(entry.said_at)}"


def _permissions(
    card: ContactCard, there: Clock, outlook: Decision | None, line: str
) -> tuple[Permission, ...]:
    standing = card.standing
    no = Mark("v-none", "Not yet")
    out = Mark("v-stop", "No, they said stop", "stop", solid=True)
    stopped = getattr(standing, "stopped", None)
    by = _source_of(getattr(standing, "stopped_by", None), card, there)
    replies = Permission("Replies and updates", no, "Nothing on record yet")
    offers = Permission("Offers", no, "Needs a yes to offers")
    if standing is not None and standing.updates is not None:
        mark = Mark("v-ok", "Yes", "ok", solid=True)
        replies = Permission(replies.what, mark, _source_of(standing.updates_by, card, there))
    if standing is not None and standing.offers is not None:
        word = "Yes, in writing" if standing.offers == "written" else "Yes"
        mark = Mark("v-ok", word, "ok", solid=True)
        offers = Permission(offers.what, mark, _source_of(standing.offers_by, card, there))
    if stopped in ("all", "updates"):
        replies = Permission(replies.what, out, by)
    if stopped in ("all", "offers"):
        offers = Permission(offers.what, out, by)
    if card.level == "check":
        wait = Mark("i-help", "Check first", "hold")
        replies = Permission(replies.what, wait, "The number may have a new owner")
    return (replies, offers, _right_now(card, there, outlook, line))


def _right_now(card: ContactCard, there: Clock, outlook: Decision | None, line: str) -> Permission:
    if outlook is None:
        return Permission("Right now", Mark("i-help", "Not checked", "hold"), "")
    said = sentence(outlook.binding, words_for(card.name, line, card.place, card.zones))
    if outlook.verdict is Verdict.ALLOW:
        return Permission("Right now", Mark("v-ok", "Offers can go", "ok", solid=True), said)
    if outlook.verdict is Verdict.HOLD:
        now = there.time(there.now)
        time = f"It’s {now} {there.zone_said}. " if card.zones and now not in said else ""
        return Permission(
            "Right now", Mark("v-hold", "Offers wait", "hold", solid=True), time + said
        )
    if card.level == "replies":
        return Permission("Right now", Mark("v-half", "Replies only", "part", solid=True), said)
    return Permission("Right now", Mark("v-stop", "No offers", "stop", solid=True), said)


def _out_says(card: ContactCard, there: Clock) -> str:
    at = getattr(card.standing, "stopped_at", None)
    if card.level != "out" or at is None:
        return ""
    return f"Stopped {there.full(at)} {there.zone_short}."
