"""A conversation's flow in words: bubbles in groups, days between them, notes, and what happened.

Grouping only looks: the same sender within five minutes is one group, whose name and fate stand
once, under its last bubble. What was held or refused always says so itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from lotline.store.shown import LogItem
from lotline.web.clock import Clock
from lotline.web.says import sentence
from lotline.web.words import Mark, fate, first_name, purpose

_GROUP = timedelta(minutes=5)

# What happened, said by who did it. {who} is the member, {name} the customer's first name.
_HAPPENED = {
    "assigned": ("i-people", "{who} assigned this conversation{to}"),
    "unassigned": ("i-people", "{who} gave this conversation back to the team"),
    "done": ("i-check", "{who} marked this done"),
    "reopened": ("i-inbox", "{who} reopened this"),
    "snoozed": ("i-clock", "{who} snoozed this"),
    "consent": ("v-ok", "{name} agreed to texts"),
    "consent.yes": ("v-ok", "{name} agreed to texts"),
    "consent.start": ("v-ok", "{name} texted START"),
    "consent.stop": ("v-stop", "{name} asked us to stop"),
    "consent.wrong_number": ("v-stop", "Somebody else has this number"),
    "consent.doubt": ("i-help", "Somebody should read this before the next offer"),
    "consent.confirmed": ("v-ok", "{who} confirmed the number"),
    "started": ("i-pen", "{who} started this conversation"),
    "woken": ("i-clock", "{who} woke this"),
    "read": ("i-eye", "{who} read this"),
    "flag": ("i-flag", "{who} flagged this"),
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
    day: str  # not empty: a day begins here
    new: bool  # the first unread one
    more: bool  # same sender as the one before, within five minutes
    added: str = ""
    mark: Mark | None = None
    said: str = ""  # the fate in words
    rule: str = ""
    purpose: Mark | None = None
    undo: bool = False
    due_at: datetime | None = None
    held: bool = False
    code: str = ""
    photos: tuple[str, ...] = ()
    heard: str = ""


def show_log(
    items: tuple[LogItem, ...],
    *,
    name: str,
    here: Clock,
    there: Clock,
    viewer_id: UUID,
    first_unread_id: UUID | None = None,
    with_days: bool = True,
    words: dict[str, str] | None = None,
) -> list[Bubble]:
    """Oldest first, as they came."""
    shown: list[Bubble] = []
    before: LogItem | None = None
    for item in items:
        if item.state == "cancelled" and item.author_id == viewer_id:
            continue  # taken back: its words went to the box again
        day = ""
        if with_days and (before is None or here.local(before.at).date() != here.local(item.at).date()):
            day = here.day(item.at)
        more = (
            before is not None
            and not day
            and item.kind == before.kind == "text"
            and _sender(item) == _sender(before)
            and item.at - before.at <= _GROUP
        )
        shown.append(
            _bubble(
                item, name, here, there, viewer_id, day, more, item.id == first_unread_id, words or {}
            )
        )
        before = item
    return shown


def _sender(item: LogItem) -> str:
    if item.direction == "in":
        return "customer"
    return str(item.author_id or item.sender or "us")


def _bubble(
    item: LogItem,
    name: str,
    here: Clock,
    there: Clock,
    viewer_id: UUID,
    day: str,
    more: bool,
    new: bool,
    words: dict[str, str],
) -> Bubble:
    if item.kind == "happening":
        return _happening(item, name, day, new)
    by = first_name(name) if item.direction == "in" else (item.author_name or "Lotline")
    if item.kind == "note":
        return Bubble(
            item.id, "note", item.at, "note", str(item.author_id), by, item.body, day, new, more=False
        )
    mark, said, classes = _fate(item, here, there, words)
    fresh = item.state == "queued" and item.due_at is not None and item.due_at > here.now
    return Bubble(
        id=item.id,
        kind="text",
        at=item.at,
        classes=f"{'in' if item.direction == 'in' else 'out'} {classes}".strip(),
        sender=_sender(item),
        by=by if item.direction == "in" else first_name(by),
        body=item.body,
        day=day,
        new=new,
        more=more,
        added=" ".join(item.added.split()),
        mark=mark,
        said=said,
        rule=item.binding_rule if item.state in ("blocked", "held") else "",
        purpose=purpose(item.purpose) if item.purpose in ("offer", "update") else None,
        undo=fresh and item.author_id == viewer_id,
        due_at=item.due_at,
        held=item.state == "held",
        code=item.error_code,
        photos=tuple(str(m.get("alt") or "Photo") for m in item.media),
        heard=str((item.heard or {}).get("label", "")),
    )


def _fate(
    item: LogItem, here: Clock, there: Clock, words: dict[str, str]
) -> tuple[Mark | None, str, str]:
    """The mark, the word and the class of what became of a text."""
    if item.direction == "in":
        return None, "", ""
    mark = fate(item.state)
    if item.state == "held":
        until = item.hold_until or item.due_at
        if until is None:
            return mark, "Waits for a person", "held"
        if item.hold_until is None:
            return Mark("i-cal", "Scheduled"), f"Scheduled {there.full(until)}", "held"
        return mark, f"Held to {there.until(until)}", "held"
    if item.state == "blocked":
        says = sentence(item.finding, words)
        return mark, f"Not sent. {says}" if says else "Not sent", "blocked"
    classes = {"failed": "failed", "cancelled": "cancelled", "queued": "sending"}.get(item.state, "")
    return mark, mark.word, classes


def _happening(item: LogItem, name: str, day: str, new: bool) -> Bubble:
    mark, sentence = _HAPPENED.get(
        item.happening, ("i-info", item.happening.replace("_", " ").replace(".", " ").capitalize())
    )
    to = item.subject_name
    said = sentence.format(
        who=item.author_name or "Lotline", name=first_name(name), to=f" to {to}" if to else ""
    )
    tone = "stop" if mark == "v-stop" else "ok" if mark == "v-ok" else ""
    extra = _extra(item.said)
    return Bubble(
        item.id,
        "happening",
        item.at,
        f"event {tone}".strip(),
        "",
        "",
        f"{said}{extra}",
        day,
        new,
        more=False,
        mark=Mark(mark, "", tone, solid=mark.startswith("v-")),
    )


def _extra(said: dict[str, Any]) -> str:
    how = str(said.get("how") or said.get("source") or "")
    return f" · {how.replace('_', ' ')}" if how else ""
