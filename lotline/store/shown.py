"""What pages show: the shapes that `load_*` functions hand to the web, already opened and in order.

Nothing here can be reached by a member whose reach does not include it: the loaders take the
viewer's reach and leave out the rest, so a template never decides what may be seen.

Not here: the SQL (`inbox`, `conversations`, `contacts`, ...), wording and clocks (`web`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import date, datetime
    from uuid import UUID


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who is looking: one signed-in device of one member, and what they may reach."""

    group_id: UUID
    member_id: UUID
    device_id: UUID
    name: str
    role: str
    hue: int
    settings: dict[str, Any]
    store_ids: frozenset[UUID]  # reach, resolved; owners and auditors have all
    line_ids: frozenset[UUID]
    active: bool
    policy_signed: bool
    trained: bool
    locked: bool
    company: str
    mfa_required: bool = False
    group_settings: dict[str, Any] = field(default_factory=dict)
    is_program: bool = False  # software that acts by itself: it is given no conversations
    since: datetime | None = None  # when they began here: what is older was read before them
    sign_by: datetime | None = None  # a new version of the policy waits for them until then
    trained_until: datetime | None = None  # where training is asked for
    tablet_id: UUID | None = None  # the shared tablet that this session is on
    by_pin: bool = False  # switched in by PIN: never more than staff, and no security pages

    @property
    def sees_all(self) -> bool:
        """The whole group, whatever is added to it later."""
        return self.role in {"owner", "auditor"}

    @property
    def sees_attempts(self) -> bool:
        """What others tried to send and could not."""
        return self.role in {"owner", "manager", "auditor"}

    @property
    def leads(self) -> bool:
        """May look after other members' devices within reach."""
        return self.role in {"owner", "manager"}

    @property
    def idle_minutes(self) -> int:
        """After how long alone this device locks itself."""
        return idle_minutes(self.group_settings, shared=self.tablet_id is not None)


def idle_minutes(group_settings: dict[str, Any], *, shared: bool = False) -> int:
    """The owner's choice, kept between 5 and 60, 15 when none was made; a shared tablet's, 1 to 15
    and 2.
    """
    if shared:
        return min(15, max(1, int(group_settings.get("tablet_idle_minutes", 2))))
    return min(60, max(5, int(group_settings.get("idle_minutes", 15))))


def hue_of(subject: UUID) -> int:
    """A colour of its own for an avatar, the same on each screen."""
    return int.from_bytes(subject.bytes[-2:], "big") % 360


@dataclass(frozen=True, slots=True)
class InboxRow:
    """One conversation in the list."""

    conversation_id: UUID
    contact_id: UUID
    name: str  # the number, as shown, when the name is unknown
    number: str
    hue: int
    line_id: UUID
    store_id: UUID
    assignee_id: UUID | None
    assignee_name: str
    last_at: datetime
    last_body: str
    last_direction: str  # in | out | ""
    last_state: str
    last_has_media: bool
    draft: str
    level: str  # core.consent.standing.Level
    word: str  # stock number, appointment, "Sold"
    waiting_since: datetime | None
    target_s: int
    unread: int
    held_until: datetime | None
    held_by: str  # the rule for which a person has to let it go; "" where it goes at an hour
    zones: tuple[str, ...]
    done: bool
    snoozed_until: datetime | None


@dataclass(frozen=True, slots=True)
class InboxCounts:
    """Numbers on tabs and chips, within the viewer's reach."""

    mine: int
    unassigned: int
    team: int
    unread: int
    waiting: int
    held: int


@dataclass(frozen=True, slots=True)
class LogItem:
    """One thing in a conversation's flow. `kind`: text, note, happening."""

    id: UUID
    kind: str
    at: datetime
    direction: str = ""
    body: str = ""
    added: str = ""  # company name and STOP line that went with it
    state: str = ""
    state_at: datetime | None = None
    error_code: str = ""
    purpose: str = ""
    author_id: UUID | None = None
    author_name: str = ""
    sender: str = ""
    heard: dict[str, Any] | None = None
    due_at: datetime | None = None  # undo or hold ends
    hold_until: datetime | None = None
    binding_rule: str = ""
    finding: dict[str, Any] | None = None  # the binding finding of the newest decision
    media: tuple[dict[str, Any], ...] = ()
    happening: str = ""
    said: dict[str, Any] = field(default_factory=dict)
    masked: bool = False  # something in it is hidden
    subject_id: UUID | None = None  # whom it happened to: the member something was assigned to
    subject_name: str = ""


@dataclass(frozen=True, slots=True)
class ConsentLine:
    """One entry of a customer's consent timeline."""

    id: UUID
    says: str
    scope: str
    kind: str
    source: str
    said_at: datetime
    heard_at: datetime
    member_name: str
    words: str  # the person's own words or form fields, opened
    wording: str  # the wording that was shown
    wording_name: str
    short_hash: str  # of the ledger leaf
    sequenced: bool
    corrects: UUID | None


@dataclass(frozen=True, slots=True)
class ContactCard:
    """A customer's card: what may be texted now and why, and the whole timeline."""

    contact_id: UUID
    name: str
    number: str  # E.164
    number_kind: str
    hue: int
    level: str
    place: str
    zones: tuple[str, ...]
    states: tuple[str, ...]
    place_source: str
    zip_code: str
    card: dict[str, Any]
    timeline: tuple[ConsentLine, ...]
    standing: Any  # core.consent.standing.Standing
    conversations: tuple[tuple[UUID, UUID, str], ...]  # conversation, line, line label
    created_at: datetime
    erased: bool


@dataclass(frozen=True, slots=True)
class ContactRow:
    """One customer in a list; the conversation is the newest one in the viewer's reach."""

    contact_id: UUID
    name: str
    number: str
    hue: int
    level: str
    level_at: datetime | None
    zones: tuple[str, ...]
    word: str
    conversation_id: UUID | None
    line_id: UUID | None
    last_at: datetime | None
    assignee_name: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class FoundContact:
    """Whom a number belongs to, for whoever types it: "That's Curtis Vale, who opted out"."""

    contact_id: UUID
    name: str
    level: str
    level_at: datetime | None
    number_kind: str
    erased: bool


@dataclass(frozen=True, slots=True)
class Template:
    """A saved reply."""

    id: UUID
    shortcut: str
    title: str
    body: str
    purpose: str
    shared: bool


@dataclass(frozen=True, slots=True)
class ConversationPage:
    """One conversation as its page shows it."""

    conversation_id: UUID
    contact: ContactCard
    line_id: UUID
    line_label: str
    line_number: str
    line_paused: bool
    store_id: UUID
    store_name: str
    store_zone: str
    assignee_id: UUID | None
    assignee_name: str
    done: bool
    snoozed_until: datetime | None
    log: tuple[LogItem, ...]  # oldest first
    earlier: bool  # there are older ones
    first_unread_id: UUID | None
    draft: str
    draft_kept_why: str
    draft_updated_at: datetime | None
    draft_other_device: bool
    cursor: str  # event cursor this page is true at
    last_in_at: datetime | None
    last_in_body: str
    later: bool = False  # there may be newer things than the log's last


@dataclass(frozen=True, slots=True)
class LineCard:
    """One of our numbers."""

    id: UUID
    store_id: UUID
    store_name: str
    label: str
    number: str
    kind: str
    carrier: str
    registration: str
    paused: bool
    paused_why: str
    last_in_at: datetime | None
    last_delivered_at: datetime | None
    failures_24h: int
    top_failure: str


@dataclass(frozen=True, slots=True)
class MemberCard:
    """Somebody who works here."""

    id: UUID
    name: str
    role: str
    hue: int
    stores: tuple[str, ...]
    lines: tuple[str, ...]
    store_ids: tuple[UUID, ...]
    line_ids: tuple[UUID, ...]
    active: bool
    stopped: bool  # a manager stopped their texting
    policy_signed: bool
    trained: bool
    open_count: int
    seen_at: datetime | None


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody a conversation may be given to."""

    id: UUID
    name: str
    hue: int
    role: str


@dataclass(frozen=True, slots=True)
class PolicyText:
    """A version of the texting policy."""

    version: int
    body: str
    sha256: str
    adopted_at: datetime
    sign_by: datetime
    changes: str = ""
    counsel: str = ""  # the lawyer who read it
    counsel_on: date | None = None


@dataclass(frozen=True, slots=True)
class SignedPolicy:
    """A member's name under a version."""

    id: UUID
    name: str
    signed_at: datetime


@dataclass(frozen=True, slots=True)
class AccessAct:
    """Something done about access, as the ledger has it."""

    id: UUID
    what: str
    actor_id: UUID | None
    actor_name: str
    about_id: UUID | None
    about_name: str  # when it was about a member
    detail: dict[str, Any]
    happened_at: datetime


@dataclass(frozen=True, slots=True)
class TurnedAway:
    """A webhook that failed verification: never applied, never dropped in silence."""

    id: UUID
    carrier: str
    account: str
    reason: str
    arrived_at: datetime
    seen_at: datetime | None


@dataclass(frozen=True, slots=True)
class DeviceCard:
    """One signed-in session."""

    id: UUID
    member_id: UUID
    member_name: str
    label: str
    address: str
    signed_in_at: datetime
    seen_at: datetime
    ended_at: datetime | None
    ended_why: str
    notices: bool = False  # whether it takes any


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened, as a cursor and ids; the viewer fetches the rest by their rights."""

    cursor: str
    name: str
    store_id: UUID | None
    line_id: UUID | None
    conversation_id: UUID | None
    contact_id: UUID | None
    subject_id: UUID | None
    member_id: UUID | None
    happened_at: datetime
