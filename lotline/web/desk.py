"""The desk in words: the list with its tabs, and one conversation with its box.

Takes what the loaders gave and the gate's answers, gives what the templates print. It loads
nothing, so the same value is the page, the swap and the fragment.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from urllib.parse import urlencode
from uuid import UUID

from lotline.core.base.numbers import shown
from lotline.store.inbox import COUNTED
from lotline.store.shown import (
    Colleague,
    ConversationPage,
    InboxCounts,
    InboxRow,
    LineCard,
    Viewer,
)
from lotline.web.clock import Clock
from lotline.web.customer import Card
from lotline.web.log import Bubble, Room, show_log
from lotline.web.rows import Row, show_row
from lotline.web.says import words_for
from lotline.web.verdict import Strip
from lotline.web.words import Mark, level

BOXES = (("mine", "Mine"), ("unassigned", "Unassigned"), ("team", "Team"))
FILTERS = (("open", "Open"), ("unread", "Unread"), ("waiting", "Waiting"), ("held", "Held"))
LESS = (("snoozed", "Snoozed"), ("done", "Done"))


@dataclass(frozen=True, slots=True)
class Filter:
    """What the list shows; it is in the address, so a list can be shared and reloaded."""

    box: str = "mine"
    is_: str = "open"
    line: UUID | None = None
    oldest: bool = False

    @property
    def query(self) -> str:
        said = {
            "box": self.box if self.box != "mine" else "",
            "is": self.is_ if self.is_ != "open" else "",
            "line": str(self.line or ""),
            "sort": "oldest" if self.oldest else "",
        }
        given = {key: value for key, value in said.items() if value}
        return f"?{urlencode(given)}" if given else ""

    @property
    def href(self) -> str:
        return f"/inbox/{self.query}"


def read_filter(given: dict[str, str]) -> Filter:
    """From an address; what nobody knows is as if it were not there."""
    box, is_ = given.get("box", ""), given.get("is", "")
    try:
        line = UUID(given["line"]) if given.get("line") else None
    except ValueError:
        line = None
    return Filter(
        box if box in dict(BOXES) else "mine",
        is_ if is_ in dict(FILTERS + LESS) else "open",
        line,
        given.get("sort") == "oldest",
    )


@dataclass(frozen=True, slots=True)
class Choice:
    """A tab, a chip, a line or a button among others."""

    word: str
    href: str = ""
    current: bool = False
    n: int | None = None
    sub: str = ""
    value: str = ""
    icon: str = ""
    tone: str = ""

    @property
    def count(self) -> str:
        """Counted no further than two figures."""
        return "" if self.n is None else f"{COUNTED - 1}+" if self.n >= COUNTED else str(self.n)


@dataclass(frozen=True, slots=True)
class Nothing:
    """Why a list is empty, and the one thing to do."""

    title: str
    says: str = ""
    href: str = ""
    act: str = ""
    icon: str = "inbox"
    tone: str = ""


@dataclass(frozen=True, slots=True)
class ListView:
    """The list pane."""

    query: str
    href: str
    line_said: str
    lines: tuple[Choice, ...]
    sorts: tuple[Choice, ...]
    tabs: tuple[Choice, ...]
    chips: tuple[Choice, ...]
    rows: tuple[Row, ...]
    next: str
    empty: Nothing


def show_list(
    chosen: Filter,
    rows: Sequence[InboxRow],
    more: str | None,
    counts: InboxCounts,
    *,
    lines: Sequence[LineCard] = (),
    viewer: Viewer,
    now: datetime,
    zone: str = "",
) -> ListView:
    """The list as it is now."""
    boxes = {"mine": counts.mine, "unassigned": counts.unassigned, "team": counts.team}
    chips = {"unread": counts.unread, "waiting": counts.waiting, "held": counts.held}
    line = next((one for one in lines if one.id == chosen.line), None)
    extra = f"&before={more}" if chosen.query else f"?before={more}"
    return ListView(
        query=chosen.query,
        href=chosen.href,
        line_said=f"{line.label} {shown(line.number)}" if line else "All my lines",
        lines=tuple(_lines(chosen, lines)),
        sorts=tuple(_sorts(chosen)),
        tabs=tuple(
            Choice(word, replace(chosen, box=box).href, box == chosen.box, boxes[box])
            for box, word in BOXES
        ),
        chips=tuple(
            Choice(word, replace(chosen, is_=is_).href, is_ == chosen.is_, chips.get(is_))
            for is_, word in FILTERS
        ),
        rows=tuple(show_row(row, viewer, now, zone) for row in rows),
        next=f"{chosen.href}{extra}" if more else "",
        empty=_nothing(chosen, counts),
    )


def _lines(chosen: Filter, lines: Sequence[LineCard]) -> list[Choice]:
    every = Choice("All my lines", replace(chosen, line=None).href, chosen.line is None)
    return [
        every,
        *(
            Choice(
                one.label,
                replace(chosen, line=one.id).href,
                one.id == chosen.line,
                sub=shown(one.number),
            )
            for one in lines
        ),
    ]


def _sorts(chosen: Filter) -> list[Choice]:
    return [
        Choice("Newest first", replace(chosen, oldest=False).href, not chosen.oldest),
        Choice("Longest waiting first", replace(chosen, oldest=True).href, chosen.oldest),
        *(Choice(word, replace(chosen, is_=is_).href, is_ == chosen.is_) for is_, word in LESS),
    ]


def _nothing(chosen: Filter, counts: InboxCounts) -> Nothing:
    if chosen.is_ != "open":
        word = dict(FILTERS + LESS)[chosen.is_].lower()
        thing = "texts" if chosen.is_ == "held" else "conversations"
        return Nothing(
            f"No {word} {thing}", "", replace(chosen, is_="open").href, "Clear filter", "search"
        )
    if chosen.box == "mine" and counts.unassigned:
        n = counts.unassigned
        says = f"{n} in Unassigned {'have' if n != 1 else 'has'} no one yet."
        href = replace(chosen, box="unassigned").href
        return Nothing("You’re caught up", says, href, "Open Unassigned", "check", "ok")
    return Nothing(
        "You’re caught up", "New texts show up here by themselves.", icon="check", tone="ok"
    )


# --- one conversation --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ConvView:
    """The conversation pane and its panel."""

    id: UUID
    contact_id: UUID
    name: str
    number: str
    hue: int
    state: Mark
    local_said: str
    local_short: str
    there: Clock
    here: Clock
    assignee_id: UUID | None
    assignee_name: str
    assignee_hue: int
    done: bool
    may_act: bool
    may_send: bool
    log: tuple[Bubble, ...]
    earlier: bool
    later: bool
    oldest: UUID | None
    members: tuple[Colleague, ...]
    snoozes: tuple[Choice, ...]
    card: Card
    notice: str

    @property
    def newest(self) -> UUID | None:
        """The text that is meant when one is flagged and none is named."""
        return next((one.id for one in reversed(self.log) if one.kind == "text"), None)


def show_conversation(
    page: ConversationPage,
    card: Card,
    viewer: Viewer,
    now: datetime,
    members: Sequence[Colleague] = (),
) -> ConvView:
    """The conversation as it is now."""
    here, there = clocks(page, now)
    may_act = viewer.role != "auditor"
    owner = next((one for one in members if one.id == page.assignee_id), None)
    return ConvView(
        id=page.conversation_id,
        contact_id=page.contact.contact_id,
        name=page.contact.name,
        number=page.contact.number,
        hue=page.contact.hue,
        state=level(page.contact.level),
        local_said=card.local_said,
        local_short=f"{there.time(now)} {there.zone_short}",
        there=there,
        here=here,
        assignee_id=page.assignee_id,
        assignee_name=page.assignee_name,
        assignee_hue=owner.hue if owner else viewer.hue,
        done=page.done,
        may_act=may_act,
        may_send=may_act,
        log=tuple(
            show_log(page.log, room_of(page, viewer, now), first_unread_id=page.first_unread_id)
        ),
        earlier=page.earlier,
        later=page.later,
        oldest=page.log[0].id if page.log else None,
        members=tuple(members),
        snoozes=snoozes(here),
        card=card,
        notice="This line is paused. Nothing sends from it." if page.line_paused else "",
    )


def room_of(page: ConversationPage, viewer: Viewer, now: datetime) -> Room:
    """What each line of this conversation is said with."""
    here, there = clocks(page, now)
    return Room(page.contact.name, here, there, viewer.member_id, words_of(page))


def words_of(page: ConversationPage) -> dict[str, str]:
    """What the gate's sentences may name here."""
    who = page.contact
    return words_for(who.name, shown(page.line_number), who.place, who.zones)


def clocks(page: ConversationPage, now: datetime) -> tuple[Clock, Clock]:
    """Ours, at the store, and the customer's."""
    zones = page.contact.zones
    return Clock(now, page.store_zone), Clock(now, zones[0] if zones else page.store_zone)


def snoozes(here: Clock) -> tuple[Choice, ...]:
    """For how long a conversation may sleep."""
    hours = here.now + timedelta(hours=3)
    monday = here.tomorrow_at(9) + timedelta(days=(7 - here.today.weekday()) % 7 - 1 or 6)
    return (
        Choice(f"Snooze 3 hours, to {here.time(hours)}", value=hours.isoformat()),
        Choice("Snooze to tomorrow 9:00 AM", value=here.tomorrow_at(9).isoformat()),
        Choice("Snooze to next week", value=monday.isoformat()),
    )


# --- the box -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Foot:
    """The composer, or what stands instead of it."""

    gone: bool = False
    acts: tuple[Choice, ...] = ()
    kept: str = ""
    body: str = ""
    client_id: str = ""
    stale: str = ""
    other_draft: bool = False
    purposes: tuple[Choice, ...] = field(default=())
    later: tuple[Choice, ...] = field(default=())


PURPOSE_CHOICES = (
    Choice("Let Lotline decide", value="", sub="auto"),
    Choice("Reply", value="reply", sub="answers them"),
    Choice("Update", value="update", icon="car", tone="update", sub="their visit or order"),
    Choice("Offer", value="offer", icon="mega", tone="offer", sub="asks them to buy"),
)


def show_foot(
    strip: Strip,
    page: ConversationPage,
    now: datetime,
    *,
    client_id: str,
    body: str | None = None,
    stale: str = "",
) -> Foot:
    """The box with its words, or why there is none and what would help."""
    _, there = clocks(page, now)
    if strip.state in ("none", "gate") or not strip.button:
        return Foot(
            gone=True, acts=_instead(strip, page), kept=page.draft if page.draft_kept_why else ""
        )
    return Foot(
        body=page.draft if body is None else body,
        client_id=client_id,
        stale=stale,
        other_draft=page.draft_other_device,
        purposes=PURPOSE_CHOICES,
        later=(Choice("Tomorrow 9:00 AM", value=there.tomorrow_at(9).isoformat()),),
    )


def _instead(strip: Strip, page: ConversationPage) -> tuple[Choice, ...]:
    contact = page.contact.contact_id
    call = Choice(
        "Call instead" if strip.state == "block" else "Call",
        f"tel:{page.contact.number}",
        icon="phone",
    )
    if "sign_policy" in strip.acts:
        return (Choice("Sign the texting policy", "/policy/", tone="primary"),)
    if "pass_training" in strip.acts:
        return (Choice("Start the training", "/training/", tone="primary"),)
    if strip.state == "gate":
        return (call,)
    if "ask_consent" in strip.acts and strip.state == "none":
        return (
            Choice("Add consent", f"/customers/{contact}/consent/add/", tone="primary"),
            Choice("Opt-in link", f"/opt-in/?line={page.line_id}", icon="link"),
            call,
        )
    if "confirm_number" in strip.acts:
        return (Choice("Check number", f"/customers/{contact}/", tone="primary"), call)
    return (call, Choice("See the STOP", f"/customers/{contact}/consent/"))
