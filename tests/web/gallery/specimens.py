"""Invented people and moments, one for each state a page can be in, as the loaders would hand them.

Not here: the demo town, which lives in a database (`lotline.store.town`).
"""

# ruff: noqa: E501 - Django is set up before its templates are read; specimens stay in one line

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from lotline.core.consent.entry import Kind, Scope
from lotline.core.consent.standing import Standing
from lotline.core.gate.decision import Decision, Finding, Remedy, Verdict
from lotline.store import shown as s

NOW = datetime(2026, 11, 19, 2, 12, tzinfo=UTC)  # 8:12 PM in Chicago, 9:12 PM in New York
CHICAGO, NEW_YORK = "America/Chicago", "America/New_York"


def uid(n: int) -> UUID:
    return UUID(int=0x0190_0000_0000_7000_8000_0000_0000_0000 + n)


def before(**ago: float) -> datetime:
    return NOW - timedelta(**ago)


SAM = s.Viewer(
    group_id=uid(1),
    member_id=uid(2),
    device_id=uid(3),
    name="Sam Ortega",
    role="staff",
    hue=285,
    settings={},
    store_ids=frozenset({uid(4)}),
    line_ids=frozenset({uid(5)}),
    active=True,
    policy_signed=True,
    trained=True,
    locked=False,
    company="Northgate Motors",
)
SALES = s.LineCard(
    uid(5), uid(4), "Northgate", "Sales line", "+18165550110", "local", "twilio", "approved",
    False, "", NOW, NOW, 0, "",
)  # fmt: skip
MEMBERS = (
    s.Colleague(uid(2), "Sam Ortega", 285, "staff"),
    s.Colleague(uid(6), "Jordan Reyes", 120, "staff"),
)
COUNTS = s.InboxCounts(14, 3, 61, 6, 2, 4)


def row(n: int, name: str, hue: int, when: datetime, body: str, **more: Any) -> s.InboxRow:
    known: dict[str, Any] = {
        "conversation_id": uid(100 + n), "contact_id": uid(200 + n), "name": name,
        "number": "+18165550100", "hue": hue, "line_id": uid(5), "store_id": uid(4),
        "assignee_id": uid(2), "assignee_name": "Sam Ortega", "last_at": when, "last_body": body,
        "last_direction": "in", "last_state": "received", "last_has_media": False, "draft": "",
        "level": "offers", "word": "", "waiting_since": None, "target_s": 300, "unread": 0,
        "held_until": None, "held_by": "", "zones": (CHICAGO,), "done": False, "snoozed_until": None,
    }  # fmt: skip
    return s.InboxRow(**{**known, **more})


ROWS = (
    row(1, "Luis Corden", 85, before(minutes=2), "Still thinking about the Tundra? This month we can do 2.9%",
        last_direction="out", last_state="held", held_until=NOW + timedelta(hours=10, minutes=48),
        word="Tundra N4390", zones=(NEW_YORK,)),
    row(2, "Priya Ramnath", 200, before(minutes=7), "Also, do you take trades? I’ve got a 2017 Odyssey, 88k miles.",
        word="4Runner N4471", waiting_since=before(minutes=7), zones=(NEW_YORK,)),
    row(3, "Dale Okafor", 30, before(minutes=9), "Running about 10 late, still ok?", unread=2,
        level="replies", word="F-150 appt 8:15"),
    row(4, "Teresa Lindqvist", 330, before(minutes=14), "Here’s the VIN plate you asked for",
        unread=1, last_has_media=True, word="Trade: CX-5"),
    row(5, "Amara Stone", 255, before(minutes=31), "Plates are in, pick up any time after 9.",
        level="replies", last_direction="out", last_state="delivered", word="Sold · CR-V"),
    row(6, "Joanne Pruitt", 155, before(hours=3), "", level="none", word="Web lead, no box ticked",
        draft="Hi Joanne, this is Sam at Northgate. You asked about"),
    row(7, "Curtis Vale", 10, before(days=4), "STOP", level="out", word="Call or email only"),
    row(8, "(816) 555-0177", 210, before(days=9), "who is this?", level="check"),
)  # fmt: skip


def line(n: int, says: str, kind: str, source: str, at: datetime, **more: Any) -> s.ConsentLine:
    known: dict[str, Any] = {
        "id": uid(300 + n), "says": says, "scope": "all", "kind": kind, "source": source,
        "said_at": at, "heard_at": at, "member_name": "", "words": "", "wording": "",
        "wording_name": "", "short_hash": "9f2c…e1", "sequenced": True, "corrects": None,
    }  # fmt: skip
    return s.ConsentLine(**{**known, **more})


TIMELINE = (
    line(1, "yes", "inquiry", "text", before(hours=3, minutes=41), short_hash="51ad…07",
         words="Hi, is the green 4Runner TRD (N4471) still there?"),
    line(2, "yes", "written", "web_form", before(hours=3, minutes=36), wording_name="Reserve form v3",
         wording="By ticking this box I agree that Northgate Motors may text me offers.",
         words="Ticked: yes\nNumber: (614) 555-0142"),
)  # fmt: skip


def card(
    name: str = "Priya Ramnath", level: str = "offers", standing: Standing | None = None
) -> s.ContactCard:
    return s.ContactCard(
        contact_id=uid(202),
        name=name,
        number="+16145550142",
        number_kind="mobile",
        hue=200,
        level=level,
        place="Columbus, OH",
        zones=(NEW_YORK,),
        states=("OH",),
        place_source="zip",
        zip_code="43215",
        card={
            "vehicle": "2023 4Runner TRD Off-Road",
            "stock": "N4471",
            "listed": "$39,995",
            "visit": "Sat 10:30 AM",
        },
        timeline=TIMELINE,
        standing=standing
        or Standing(
            updates=Kind.INQUIRY, updates_by=uid(301), offers=Kind.WRITTEN, offers_by=uid(302)
        ),
        conversations=((uid(102), uid(5), "Sales line"),),
        created_at=before(days=2),
        erased=False,
    )


def text(n: int, at: datetime, body: str, **more: Any) -> s.LogItem:
    return s.LogItem(
        uid(400 + n),
        "text",
        at,
        **(dict[str, Any](direction="in", state="received", body=body) | more),
    )


def ours(n: int, at: datetime, body: str, state: str = "delivered", **more: Any) -> s.LogItem:
    return text(n, at, body, direction="out", state=state, author_id=uid(2), author_name="Sam Ortega",
                sender="person", purpose="reply", **more)  # fmt: skip


LOG = (
    text(1, before(hours=3, minutes=41), "Hi, is the green 4Runner TRD (N4471) still there? I’m driving in from Columbus on Saturday."),
    ours(2, before(hours=3, minutes=39), "Hi Priya, Sam at Northgate. Yes, N4471 is here and I’ve put a hold on it for you until noon Saturday.",
         added="Northgate Motors. Reply STOP to opt out."),
    ours(3, before(hours=3, minutes=37), "It’s parked right by the front doors."),
    s.LogItem(uid(404), "happening", before(hours=3, minutes=36), happening="consent.yes", said={"how": "reserve form"}),
    s.LogItem(uid(405), "note", before(hours=2, minutes=10), body="Desk approved $41,850 out the door, good through Sunday.",
              author_id=uid(6), author_name="Jordan Reyes"),
    ours(6, before(hours=1), "P.S. Trade-ins get an extra $500 this weekend!", "blocked", binding_rule="CONSENT-OFFER",
         finding={"says": "{name} hasn’t agreed to offers."}),
    text(7, before(minutes=8), "On my way"),
    text(8, before(minutes=7), "Also, do you take trades? I’ve got a 2017 Odyssey, 88k miles."),
    ours(9, before(minutes=2), "Ask me about the certified SUVs.", "held", hold_until=NOW + timedelta(hours=10, minutes=48), binding_rule="FED-HOURS"),
    ours(10, before(seconds=3), "See you at 8:25", "queued", due_at=NOW + timedelta(seconds=7)),
)  # fmt: skip


def page(contact: s.ContactCard, **more: Any) -> s.ConversationPage:
    known: dict[str, Any] = {
        "conversation_id": uid(102), "contact": contact, "line_id": uid(5), "line_label": "Sales line",
        "line_number": "+18165550110", "line_paused": False, "store_id": uid(4), "store_name": "Northgate",
        "store_zone": CHICAGO, "assignee_id": uid(2), "assignee_name": "Sam Ortega", "done": False,
        "snoozed_until": None, "log": LOG, "earlier": True, "first_unread_id": uid(407),
        "draft": "We do! Bring it Saturday and we'll appraise it while you drive. Trade-ins this weekend get an extra $500 toward a certified SUV.",
        "draft_kept_why": "", "draft_updated_at": None, "draft_other_device": False, "cursor": "7-1",
        "last_in_at": before(minutes=7), "last_in_body": "Also, do you take trades?",
    }  # fmt: skip
    return s.ConversationPage(**{**known, **more})


def decided(verdict: Verdict, says: str, rule: str, *remedies: Remedy, **more: Any) -> Decision:
    until = more.pop("hold_until", None)
    found = Finding(rule, verdict, says, remedies=remedies, hold_until=until)
    return Decision(verdict, (found,), "0" * 64, NOW, hold_until=until, **more)


ALLOW = decided(Verdict.ALLOW, "They texted us today.", "FED-REPLY")
HOLD = decided(
    Verdict.HOLD, "It’s past 9 PM in Columbus.", "FED-HOURS", Remedy.WAIT, Remedy.DROP_OFFER,
    hold_until=NOW + timedelta(hours=10, minutes=48), without_offer=Verdict.ALLOW,
)  # fmt: skip
CONTENT = decided(
    Verdict.BLOCK, "{name} hasn’t agreed to offers.", "FED-CONSENT", Remedy.DROP_OFFER
)
OUT = decided(
    Verdict.BLOCK, "Replied STOP on Nov 14 at 2:08 PM. Only {name} can undo it, by texting START to (816) 555-0110.",
    "FED-STOP", Remedy.CUSTOMER_START,
)  # fmt: skip
NONE = decided(
    Verdict.BLOCK,
    "Add how {name} agreed, or share the opt-in link so {name} can say yes.",
    "FED-ASK",
    Remedy.ASK_CONSENT,
)
UNSIGNED = decided(Verdict.BLOCK, "About 6 minutes.", "POLICY-SIGNED", Remedy.SIGN_POLICY)
STOPPED = Standing(stopped=Scope.ALL, stopped_at=before(days=4), stopped_by=uid(301))
