"""The stream: what happened after a cursor, complete and in order, within the viewer's reach.

A cursor is (transaction, running number). Events are handed out only once no transaction that is
still running could come before them, so nobody's cursor can pass one that has yet to appear. What
a cursor cannot be followed from (too far behind, cut off, from another time) is said to be `reset`:
the reader loads its page anew and goes on from there.

Not here: writing events (`events`), waiting for them and drawing them (`web`).
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from lotline.store.reach import reach_of
from lotline.store.shown import Event

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from uuid import UUID

    from lotline.store.database import Tx
    from lotline.store.shown import Viewer

KEPT = timedelta(days=3)
MOST = 500
Place = tuple[int, int]  # a cursor's transaction and running number
_LARGEST = 2**63 - 1


class Stream(NamedTuple):
    """`cursor` is where to go on from, also when nothing in it was for this viewer."""

    events: list[Event]
    reset: bool
    cursor: str


class Told(NamedTuple):
    """One event for whoever it is for: `talk_line_ids` when it follows its conversation's lines."""

    at: Place
    event: Event
    talk_line_ids: frozenset[UUID]


class News(NamedTuple):
    """What a company's streams go on with. `ahead` has happened, and may not be told yet."""

    told: list[Told]
    ahead: list[Told]
    cursor: Place
    more: bool  # there is more than was read


def load_cursor(tx: Tx) -> str:
    """Where the stream is complete up to now. Read it before what it is to be true for."""
    return ask_for_cursor(tx)()


def ask_for_cursor(tx: Tx) -> Callable[[], str]:
    """The same for whoever has more to ask meanwhile: what is asked after it comes after it."""
    rows = tx.later("stream.edge", now=None)
    return lambda: _cursor(rows()[0].xid, 0)


def load_events(tx: Tx, viewer: Viewer, after: str, limit: int = MOST) -> tuple[list[Event], bool]:
    """What came after, oldest first; `reset` with nothing when it cannot be told completely."""
    found = load_stream(tx, viewer, after, limit)
    return found.events, found.reset


def load_stream(
    tx: Tx,
    viewer: Viewer,
    after: str,
    limit: int = MOST,
    now: datetime | None = None,
    *,
    paged: bool = False,
) -> Stream:
    """As `load_events`, with the cursor that all of it leads to.

    With `paged`, more than the limit is no reset: the cursor leads to the last one given.
    """
    edge = tx.only("stream.edge", now=now)
    cursor = _cursor(edge.xid, 0)
    start = read_cursor(after)
    if start is None or start > (int(edge.xid), 0) or _was_cut(edge, start):
        return Stream([], reset=True, cursor=cursor)
    reach = reach_of(viewer)._replace(member_id=viewer.member_id)
    rows = tx.all(
        "stream.since",
        after_xid=str(start[0]),
        after_n=start[1],
        edge=edge.xid,
        limit=limit + 1,
        **reach._asdict(),
    )
    if len(rows) > limit and paged:
        events = [_event(row) for row in rows[:limit]]
        return Stream(events, reset=False, cursor=events[-1].cursor)
    if len(rows) > limit:
        return Stream([], reset=True, cursor=cursor)
    return Stream([_event(row) for row in rows], reset=False, cursor=cursor)


def load_news(tx: Tx, after: Place, limit: int) -> News:
    """What came after, for anybody at all: the caller keeps to each one's reach."""
    rows = tx.all("stream.news", after_xid=str(after[0]), after_n=after[1], limit=limit)
    edge = (int(rows[0].edge), 0)
    found = [row for row in rows if row.n is not None]
    told = [_told(row) for row in found if row.settled]
    ahead = [_told(row) for row in found if not row.settled]
    more = len(found) == limit
    whole = not more or bool(ahead)  # then all that is settled was read
    return News(told, ahead, edge if whole else told[-1].at, more)


def prune_events(tx: Tx, before: datetime, limit: int = 1000) -> int:
    """Forget a batch of what happened before; how many. The newest of them stays as the mark."""
    return tx.run("stream.prune", before=before, limit=limit)


def _was_cut(edge: Any, start: tuple[int, int]) -> bool:
    """The first event kept is a mark of cutting once it is older than what is kept."""
    if edge.first_xid is None:
        return False
    return start < (int(edge.first_xid), edge.first_n) and edge.first_at < edge.at - KEPT


def cursor_at(place: Place) -> str:
    """A place as readers are told it."""
    return f"{place[0]}-{place[1]}"


def _cursor(xid: str, n: int) -> str:
    return f"{xid}-{n}"


def read_cursor(cursor: str) -> Place | None:
    """The transaction and running number of a cursor; None when it is none of ours."""
    xid, dash, n = cursor.partition("-")
    if not dash or not _is_number(xid) or not _is_number(n):
        return None
    start = (int(xid), int(n))
    return start if max(start) <= _LARGEST else None


def _is_number(digits: str) -> bool:
    return digits.isascii() and digits.isdigit() and len(digits) < 20


def _told(row: Any) -> Told:
    return Told((int(row.xid), row.n), _event(row), frozenset(row.talk_line_ids or ()))


def _event(row: Any) -> Event:
    return Event(
        cursor=_cursor(row.xid, row.n),
        name=row.name,
        store_id=row.store_id,
        line_id=row.line_id,
        conversation_id=row.conversation_id,
        contact_id=row.contact_id,
        subject_id=row.subject_id,
        member_id=row.member_id,
        happened_at=row.happened_at,
    )
