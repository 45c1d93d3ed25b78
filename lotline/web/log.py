"""A conversation's flow in words: bubbles in groups, days between them, notes, and what happened.

Grouping only looks: the same sender within five minutes is one group, whose name and fate stand
once, under its last bubble. What was held or refused always says so itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from uuid import UUID

from lotline.store.shown import LogItem
from lotline.web.clock import Clock
from lotline.web.says import sentence
from lotline.web.verdict import SCREENS
from lotline.web.words import Mark, fate, first_name, purpose

_GROUP = timedelta(minutes=5)

# What happened, said by who did it. {who} is the member, {name} the customer's first name.
_HAPPENED = {
    "assigned": ("i-people", "{who} assigned this conversation{to}"),
    "unassigned": ("i-people", "{who} gave this conversation back to the team"),
    "done": ("i-check", "{who} marked this done"),
    "reopened": ("i-inbox", "{who} reopened this"),
    "snoozed": ("i-clock", "{who} snoozed this"),
    "woken": ("i-clock", "{who} woke this"),
    "started": ("i-pen", "{who} started this conversation"),
    "read": ("i-eye", "{who} read this"),
    "placed": ("i-clock", "{who} set where {name} is"),
    "consent": ("v-ok", "{name} agreed to texts"),
    "start": ("v-ok", "{name} texted START"),
    "stop": ("v-stop", "{name} asked us to stop"),
    "stop_offers": ("v-stop", "{name} asked for no more offers"),
    "wrong_number": ("v-stop", "Somebody else has this number"),
    "doubt": ("i-help", "A person should read this before the next offer"),
    "not_a_stop": ("v-ok", "{who} read it and found no request to stop"),
    "stop_unanswered": ("v-stop", "Nobody answered what {name} meant in time, so texts stopped"),
    "confirmed": ("v-ok", "{who} confirmed the number"),
    "lead": ("i-info", "{name} came to us as a lead, without a yes to texts"),
    "appointment": ("i-cal", "Appointment made"),
    "visit": ("i-info", "{name} came in"),
    "merged": ("i-people", "{who} merged two cards"),
}


@dataclass(frozen=True, slots=True)
class Bubble:
    """One thing in the flow, ready to print."""

    id: UUID
    kind: str  # text | note | happening
    at: datetime
    classes: str
    sender: str  # who said it, as the group's key
    by: str  # the name as read out
    body: str
    day: str = ""  # not empty: a day begins here
    new: bool = False  # the first unread one
    more: bool = False  # same sender as the one before, within five minutes
    added: str = ""
    mark: Mark | None = None
    said: str = ""  # the fate in words
    rule: str = ""
    purpose: Mark | None = None
    undo: bool = False
    due_at: datetime | None = None
    held: bool = False
    hidden: bool = False  # a number in it is masked
    unknown: bool = False  # the carrier could not tell: a person may
    code: str = ""
    photos: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Room:
    """What every line of one conversation is said with."""

    name: str
    here: Clock
    there: Clock
    viewer_id: UUID
    words: dict[str, str] = field(default_factory=dict)


def show_log(
    items: Iterable[LogItem],
    room: Room,
    *,
    first_unread_id: UUID | None = None,
    with_days: bool = True,
) -> list[Bubble]:
    """Oldest first, as they came."""
    shown: list[Bubble] = []
    before: LogItem | None = None
    for item in items:
        if item.state == "cancelled" and item.author_id == room.viewer_id:
            continue  # taken back: its words went to the box again
        day = ""
        if with_days and (before is None or not _same_day(before, item, room.here)):
            day = room.here.day(item.at)
        more = (
            before is not None
            and not day
            and item.kind == before.kind == "text"
            and _sender(item) == _sender(before)
            and item.at - before.at <= _GROUP
        )
        bubble = _bubble(item, room)
        shown.append(replace(bubble, day=day, more=more, new=item.id == first_unread_id))
        before = item
    return shown


def _same_day(one: LogItem, other: LogItem, here: Clock) -> bool:
    return here.local(one.at).date() == here.local(other.at).date()


def _sender(item: LogItem) -> str:
    if item.direction == "in":
        return "customer"
    return str(item.author_id or item.sender or "us")


def _bubble(item: LogItem, room: Room) -> Bubble:
    if item.kind == "happening":
        return _happening(item, room)
    ours = item.author_name or "Lotline"
    if item.kind == "note":
        return Bubble(
            item.id, "note", item.at, "note", sender=str(item.author_id), by=ours, body=item.body
        )
    mark, said, classes = _fate(item, room)
    fresh = item.state == "queued" and item.due_at is not None and item.due_at > room.here.now
    side = "in" if item.direction == "in" else "out"
    return Bubble(
        id=item.id,
        kind="text",
        at=item.at,
        classes=f"{side} {classes}".strip(),
        sender=_sender(item),
        by=first_name(room.name if side == "in" else ours),
        body=item.body,
        added=" ".join(item.added.split()),
        mark=mark,
        said=said,
        rule=item.binding_rule if item.state in {"blocked", "held"} else "",
        purpose=purpose(item.purpose) if item.purpose in {"offer", "update"} else None,
        undo=fresh and item.author_id == room.viewer_id,
        due_at=item.due_at,
        held=item.state == "held",
        hidden=item.masked,
        unknown=item.state == "unknown",
        code=item.error_code,
        photos=tuple(str(one.get("alt") or "Photo") for one in item.media),
    )


def _fate(item: LogItem, room: Room) -> tuple[Mark | None, str, str]:
    """The mark, the word and the class of what became of a text."""
    if item.direction == "in":
        return None, "", ""
    mark = fate(item.state)
    if item.state == "held":
        if item.hold_until is None and item.binding_rule == SCREENS:
            return mark, "Waits for a manager", "held"
        until = item.hold_until or item.due_at
        if until is None:
            return mark, "Waits for a person", "held"
        if item.hold_until is None:
            return Mark("i-cal", "Scheduled"), f"Scheduled {room.there.full(until)}", "held"
        return mark, f"Held to {room.there.until(until)}", "held"
    if item.state == "blocked":
        says = sentence(item.finding, room.words)
        return mark, f"Not sent. {says}" if says else "Not sent", "blocked"
    classes = {"failed": "failed", "cancelled": "cancelled", "queued": "sending"}.get(
        item.state, ""
    )
    return mark, mark.word, classes


def _happening(item: LogItem, room: Room) -> Bubble:
    glyph, sentence_ = _HAPPENED.get(item.happening, ("i-info", _plain(item.happening)))
    to = f" to {item.subject_name}" if item.subject_name else ""
    said = sentence_.format(who=item.author_name or "Lotline", name=first_name(room.name), to=to)
    tone = {"v-stop": "stop", "v-ok": "ok"}.get(glyph, "")
    mark = Mark(glyph, "", tone, solid=glyph.startswith("v-"))
    classes = f"event {tone}".strip()
    return Bubble(
        item.id, "happening", item.at, classes, sender="", by="", body=said + _how(item), mark=mark
    )


def _plain(kind: str) -> str:
    return kind.replace("_", " ").replace(".", " ").capitalize()


def _how(item: LogItem) -> str:
    how = str(item.said.get("how") or item.said.get("source") or "")
    return f" · {how.replace('_', ' ')}" if how else ""
