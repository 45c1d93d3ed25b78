"""How the rows behind a number are shown: which columns each kind has, and what stands in them.

Not here: loading them (`store.dashboard_rows`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from lotline.store.dashboard_rows import Row
from lotline.web.clock import Clock, month_day
from lotline.web.words import level

PAGE = 100
SOURCES = {
    "text": "by text",
    "web_form": "web form",
    "paper_form": "paper form",
    "in_person": "in person",
    "phone": "by phone",
    "email": "by email",
    "carrier": "carrier keyword",
    "import": "imported",
}
WHY = {
    "voided": "The consent it rested on was corrected since",
    "override": "A manager let it go",
    "imported": "Imported history",
    "none": "No opt-in on record",
}


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of rows: its address, title, definition and columns."""

    slug: str
    title: str
    measure: str
    heads: tuple[str, ...]
    none: str
    by_day: bool = True  # it is of the days of the range, and not of now


@dataclass(frozen=True, slots=True)
class Shown:
    """One row as text, and where its customer is."""

    href: str
    cells: tuple[str, ...]


_TEXT = ("Customer", "From", "When", "Text", "Why")
_DAY = ("Customer", "From", "Day", "Texts", "Line")
_MOVE = ("Customer", "Credited to", "When", "How", "State")
_NOW = ("Customer", "Assigned to", "Since", "Line", "State")
KINDS: dict[str, Kind] = {
    "without": Kind(
        "no-opt-in", "Texted without opt-in", "without", _TEXT, "Everybody had agreed."
    ),
    "blocked": Kind("blocked", "Blocked by the gate", "gate", _TEXT, "Nothing was blocked."),
    "held": Kind("blocked", "Held by the gate", "gate", _TEXT, "Nothing was held."),
    "sent": Kind("sent", "Texts sent", "texts", _DAY, "Nothing was sent."),
    "in": Kind("received", "Texts received", "texts", _DAY, "Nothing was received."),
    "allowed": Kind("allowed", "Sent at once", "gate", _DAY, "Nothing was sent."),
    "replies": Kind(
        "replies",
        "First replies",
        "first_reply",
        ("Customer", "Answered by", "Customer wrote", "Open time", "Line"),
        "No wait ended in these days.",
    ),
    "opt-ins": Kind("opt-ins", "New opt-ins", "opt_ins", _MOVE, "Nobody opted in."),
    "stops": Kind("stops", "Stop requests", "stops", _MOVE, "Nobody opted out."),
    "waiting": Kind("waiting", "Waiting now", "waiting", _NOW, "Nobody waits.", by_day=False),
    "offers": Kind("offers", "Offers OK", "may_text", _NOW, "Nobody yet.", by_day=False),
    "replies_only": Kind(
        "replies-only", "Replies and updates only", "may_text", _NOW, "Nobody.", by_day=False
    ),
    "none": Kind("no-record", "No opt-in on record", "may_text", _NOW, "Nobody.", by_day=False),
    "out": Kind("opted-out", "Opted out", "may_text", _NOW, "Nobody.", by_day=False),
}  # fmt: skip


def took(seconds: int) -> str:
    """Says "4m 10s", "2h 5m"."""
    return " ".join(f"{n}{unit[0]}" for n, unit in parts_of(seconds))


def parts_of(seconds: int) -> list[tuple[int, str]]:
    """The same where numbers are large and their units small: "4 min 10 s"."""
    if seconds >= 3600:  # an hour
        return [(seconds // 3600, "h"), (seconds % 3600 // 60, "min")]
    least = (seconds % 60, "s")
    return [(seconds // 60, "min"), least] if seconds >= 60 else [least]  # a minute


def rows_of(
    what: str,
    rows: Sequence[Row],
    names: Mapping[UUID, str],
    lines: Mapping[UUID, str],
    clock: Clock,
) -> list[Shown]:
    """Each row in words."""
    return [_shown(what, row, names, lines, clock) for row in rows]


def _shown(
    what: str, row: Row, names: Mapping[UUID, str], lines: Mapping[UUID, str], clock: Clock
) -> Shown:
    by = names.get(row.author_id, "Somebody else") if row.author_id else "Nobody"
    at = clock.full(row.at) if row.at else ""
    line = lines.get(row.line_id, "") if row.line_id else ""
    if KINDS[what].heads is _TEXT:
        tail = (at, row.body, WHY.get(row.why, f"Rule {row.why}"))
    elif KINDS[what].heads is _DAY:
        day = month_day(row.day, clock.today) if row.day else ""
        tail = (day, str(row.count), line)
    elif what == "replies":
        tail = (at, took(row.open_s), line)
    elif KINDS[what].heads is _MOVE:
        tail = (at, SOURCES.get(row.source, row.source), level(row.level).word)
    else:
        tail = (at, line, level(row.level).word if row.level else "Waiting")
    href = f"/customers/{row.contact_id}/"
    if row.conversation_id:
        href = f"/c/{row.conversation_id}/"
        if row.text_id:
            href += f"?at={row.text_id}#m{row.text_id}"
    return Shown(href, (row.name, by, *tail))
