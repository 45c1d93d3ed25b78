"""A conversation's row in the list, in words. It adds nothing that its `InboxRow` does not hold."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from lotline.store.shown import InboxRow, Viewer
from lotline.web.clock import Clock, ago
from lotline.web.verdict import SCREENS
from lotline.web.words import Mark, fate, level


@dataclass(frozen=True, slots=True)
class Row:
    """What the template prints, in the order in which it is read out."""

    id: UUID
    name: str
    hue: int
    when: str
    at: datetime
    lead: str  # "You:", "Draft", "Photo"
    text: str
    tick: Mark | None
    state: Mark
    word: str
    waiting: str
    waiting_since: datetime | None
    late: bool
    target_s: int
    unread: int
    done: bool
    snoozed: str
    owner: str


def _lead(row: InboxRow, viewer: Viewer) -> tuple[str, str]:
    if row.draft:
        return "Draft", row.draft
    photo = "Photo" if row.last_has_media else ""
    if row.last_direction == "out":
        who = "You:" if row.assignee_id in (None, viewer.member_id) else "Team:"
        return who, row.last_body or photo
    if photo:
        return "Photo ·" if row.last_body else "Photo", row.last_body
    return "", row.last_body


def show_row(row: InboxRow, viewer: Viewer, now: datetime, zone: str = "") -> Row:
    """The row at that moment."""
    here = Clock(now, zone or getattr(row, "store_zone", "") or (row.zones[0] if row.zones else ""))
    there = Clock(now, row.zones[0] if row.zones else here.zone)
    lead, text = _lead(row, viewer)
    state = level(row.level)
    if row.held_by:
        says = "Waits for a manager" if row.held_by == SCREENS else "Waits for a person"
        state = Mark("v-hold", says, "hold", solid=True)
    elif row.held_until:
        state = Mark("v-hold", f"Held to {there.until(row.held_until)}", "hold", solid=True)
    waited = (now - row.waiting_since).total_seconds() if row.waiting_since else 0.0
    sent = row.last_direction == "out" and row.last_state in (
        "accepted",
        "sent",
        "delivered",
        "failed",
    )
    return Row(
        id=row.conversation_id,
        name=row.name,
        hue=row.hue,
        when=here.brief(row.last_at),
        at=row.last_at,
        lead=lead,
        text=text,
        tick=fate(row.last_state) if sent and not row.draft else None,
        state=state,
        word=row.word,
        waiting=ago(now, row.waiting_since) if row.waiting_since else "",
        waiting_since=row.waiting_since,
        late=waited > row.target_s,
        target_s=row.target_s,
        unread=row.unread,
        done=row.done,
        snoozed=here.full(row.snoozed_until)
        if row.snoozed_until and row.snoozed_until > now
        else "",
        owner=row.assignee_name,
    )
