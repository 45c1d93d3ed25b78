"""The inbox: conversations in a list, newest first or longest waiting first.

A page costs the same few statements however long the list is; what comes next is named by an
opaque cursor, so a list that moves while it is read neither repeats nor skips what stood still.

Not here: the flow of one conversation (`conversations`), what changes them (`actions`).
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as BadBase64
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple, TypedDict, Unpack
from uuid import UUID

from lotline.core.base.numbers import shown
from lotline.store.contacts import word_of
from lotline.store.reach import Reach, reach_of
from lotline.store.sealed import contact_key, open_json, open_words
from lotline.store.shown import InboxCounts, InboxRow, hue_of
from lotline.store.watch import show_body

if TYPE_CHECKING:
    from collections.abc import Callable

    from lotline.store.database import Tx
    from lotline.store.shown import Viewer

BOXES = ("mine", "unassigned", "team")
IS = ("open", "unread", "waiting", "held", "snoozed", "done")
COUNTED = 100  # a tab says "99+"
# From so many lines on a list is read from the top of the company's, not from the top of each line.
FEW_LINES = 8
_LOOKED_AT = 250  # conversations among which unread ones are counted
_LOOKED_THROUGH = 400  # of the company's newest, before the lines are asked one by one after all
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_END = datetime(9999, 12, 31, tzinfo=UTC)
_FIRST_ID = UUID(int=0)
_LAST_ID = UUID(int=2**128 - 1)
_FIELDS = 3


class _Place(NamedTuple):
    """Between which two rows a page begins."""

    at: datetime
    id: UUID
    waiting: datetime | None


class InboxAsked(TypedDict, total=False):
    """Which page of which list, as `ask_for_inbox` takes it."""

    box: str
    is_: str
    line_id: UUID | None
    oldest_first: bool
    before: str | None
    limit: int
    now: datetime | None


def load_inbox(
    tx: Tx, viewer: Viewer, **asked: Unpack[InboxAsked]
) -> tuple[list[InboxRow], str | None]:
    """A page and the cursor of the next one, None at the end. A cursor nobody gave starts anew."""
    return ask_for_inbox(tx, viewer, **asked)()


def ask_for_inbox(
    tx: Tx,
    viewer: Viewer,
    *,
    box: str = "mine",
    is_: str = "open",
    line_id: UUID | None = None,
    oldest_first: bool = False,
    before: str | None = None,
    limit: int = 30,
    now: datetime | None = None,
) -> Callable[[], tuple[list[InboxRow], str | None]]:
    """The same for whoever has more to ask meanwhile."""
    assert box in BOXES, "a box is mine, unassigned or team"
    assert is_ in IS, "a list is open, unread, waiting, held, snoozed or done"
    reach = reach_of(viewer, line_id)
    oldest_first = oldest_first and is_ != "snoozed"
    start = _read(before, oldest_first) or _start(oldest_first)
    found = tx.later(
        _statement(box, is_, oldest_first, many=len(reach.line_ids) > FEW_LINES),
        box=box,
        is_=is_,
        at=start.at,
        id=start.id,
        waiting=start.waiting,
        now=now,
        limit=limit + 1,
        member_id=reach.member_id,
        line_ids=reach.line_ids,
        since=reach.since,
        look=_LOOKED_THROUGH,
    )

    def listed() -> tuple[list[InboxRow], str | None]:
        chosen = found()
        page = chosen[:limit]
        rows = _rows(tx, reach, [one.id for one in page])
        return rows, _written(page[-1], oldest_first) if len(chosen) > limit else None

    return listed


def load_row(tx: Tx, viewer: Viewer, conversation_id: UUID) -> InboxRow | None:
    """One row, to swap it in a list; None when it is not the viewer's to see."""
    rows = _rows(tx, reach_of(viewer), [conversation_id])
    return rows[0] if rows else None


def load_counts(
    tx: Tx,
    viewer: Viewer,
    line_id: UUID | None = None,
    *,
    box: str = "team",
    now: datetime | None = None,
) -> InboxCounts:
    """Tabs count their boxes; the chips (unread, waiting, held) count within `box`.

    Each up to `COUNTED`; unread ones of the team are looked for among its newest conversations.
    """
    with tx.together():
        return ask_for_counts(tx, viewer, line_id, box=box, now=now)()


def ask_for_counts(
    tx: Tx,
    viewer: Viewer,
    line_id: UUID | None = None,
    *,
    box: str = "team",
    now: datetime | None = None,
) -> Callable[[], InboxCounts]:
    """The same for whoever has more to ask meanwhile."""
    assert box in BOXES, "a box is mine, unassigned or team"
    reach = reach_of(viewer, line_id)
    asked = {
        "now": now,
        "member_id": reach.member_id,
        "line_ids": reach.line_ids,
        "most": COUNTED,
    }
    tabs = tx.later("inbox.counts", **asked)
    if box == "mine":
        chips = tx.later("inbox.chips_of_mine", **asked, since=reach.since, look=_LOOKED_AT)
        unread = None
    else:
        chips = tx.later("inbox.chips", **asked, box=box)
        lines = len(reach.line_ids)
        unread = tx.later(
            "inbox.unread_widely" if lines > FEW_LINES else "inbox.unread",
            **asked,
            box=box,
            since=reach.since,
            look=_LOOKED_AT if lines > FEW_LINES else _LOOKED_AT // max(1, lines),
        )

    def counted() -> InboxCounts:
        (row,), (chip,) = tabs(), chips()
        among = chip.unread if unread is None else unread()[0].unread
        within = (min(one, COUNTED) for one in (among, chip.waiting, chip.held))
        return InboxCounts(row.mine, row.unassigned, row.team, *within)

    return counted


def _statement(box: str, is_: str, oldest_first: bool, *, many: bool) -> str:
    """Each way of listing has a statement that its own index answers."""
    if many and not oldest_first and is_ == "open" and box != "mine":
        return "inbox.widely_newest"
    if is_ == "done":
        return "inbox.done_oldest" if oldest_first else "inbox.done_newest"
    if oldest_first:
        return "inbox.oldest"
    if box == "unassigned" and is_ == "open":
        return "inbox.unassigned_newest"
    return "inbox.mine_newest" if box == "mine" else "inbox.team_newest"


def _rows(tx: Tx, reach: Reach, ids: list[UUID]) -> list[InboxRow]:
    if not ids:
        return []
    rows = tx.all(
        "inbox.rows",
        ids=ids,
        member_id=reach.member_id,
        line_ids=reach.line_ids,
        sees_attempts=reach.sees_attempts,
        since=reach.since,
    )
    return [_row(tx, row, reach) for row in rows]


def _row(tx: Tx, row: Any, reach: Reach) -> InboxRow:
    group = tx.group_id
    key = contact_key(tx, row.contact_id, row.key_wrapped, row.erased_at)
    number = open_words(key, row.number_ct, "contacts", "number_ct", group, row.contact_id)
    name = open_words(key, row.name_ct, "contacts", "name_ct", group, row.contact_id)
    card = open_json(key, row.card_ct, "contacts", "card_ct", group, row.contact_id)
    body = draft = ""
    if row.text_id is not None:
        body = open_words(key, row.body_ct, "texts", "body_ct", group, row.text_id)
        body = show_body(tx, body, row.store_id)
    if reach.member_id is not None:
        place = (row.conversation_id, reach.member_id)
        draft = open_words(key, row.draft_ct, "drafts", "body_ct", group, *place)
    assignee = ""
    if row.assignee_id is not None:
        ident = ("members", "name_ct", group, row.assignee_id)
        assignee = open_words(tx.keys, row.assignee_ct, *ident)
    return InboxRow(
        conversation_id=row.conversation_id,
        contact_id=row.contact_id,
        name=name or shown(number),
        number=number,
        hue=hue_of(row.contact_id),
        line_id=row.line_id,
        store_id=row.store_id,
        assignee_id=row.assignee_id,
        assignee_name=assignee,
        last_at=row.last_at,
        last_body=body,
        last_direction=row.direction or "",
        last_state=row.state or "",
        last_has_media=bool(row.has_media),
        draft=draft,
        level=row.level,
        word=word_of(card),
        waiting_since=row.waiting_since,
        target_s=row.target_s,
        unread=row.unread,
        held_until=row.held_until,
        held_by=row.held_by or "",
        zones=tuple(row.zones),
        done=row.done,
        snoozed_until=row.snoozed_until,
    )


def _start(oldest_first: bool) -> _Place:
    return _Place(_EPOCH, _FIRST_ID, _EPOCH) if oldest_first else _Place(_END, _LAST_ID, None)


def _written(row: Any, oldest_first: bool) -> str:
    waiting = "" if row.waiting_since is None or not oldest_first else _micros(row.waiting_since)
    return urlsafe_b64encode(f"{_micros(row.last_at)}.{waiting}.{row.id.hex}".encode()).decode()


def _read(cursor: str | None, oldest_first: bool) -> _Place | None:
    """None for what nobody gave out; a cursor only ever chooses a place among rows in reach."""
    try:
        fields = urlsafe_b64decode((cursor or "").encode("ascii")).decode("ascii").split(".")
        if len(fields) != _FIELDS:
            return None
        waiting = _moment(fields[1]) if oldest_first and fields[1] else None
        return _Place(_moment(fields[0]), UUID(hex=fields[2]), waiting)
    except (ValueError, OverflowError, BadBase64):
        return None


def _micros(at: datetime) -> str:
    return str((at - _EPOCH) // timedelta(microseconds=1))


def _moment(micros: str) -> datetime:
    return _EPOCH + timedelta(microseconds=int(micros))
