"""What the dashboard shows: counts added up over some days, on the lines that are asked for.

Every statement is told the lines, and they are always the viewer's own; a fixed number of
statements answers, however long the past is.

Not here: making counts (`counts`), the rows behind a number (`dashboard_rows`), who may look
(`actions.dashboard`).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from lotline.core.base.ids import uuid7_from
from lotline.core.base.numbers import shown
from lotline.core.oversight.waits import Hours, open_since, read_hours
from lotline.store.counts import NOBODY
from lotline.store.reach import reach_of
from lotline.store.sealed import contact_key, open_words
from lotline.store.watch import show_body

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from lotline.store.database import Tx
    from lotline.store.shown import Viewer

NOW_SHOWN = 20
_NOW_REACHES = timedelta(days=7)
WEEKS = 12
MANY_WAIT = 1000  # whoever waits among so many is counted with the sums


@dataclass(frozen=True, slots=True)
class LineOf:
    """A line of the viewer's, with what counting needs of its store."""

    id: UUID
    label: str
    target_s: int
    store_id: UUID
    store: str
    zone: str
    hours: Hours


class Scope(NamedTuple):
    """Which lines, and which days of their stores. `everybody`: customers without a line too."""

    lines: tuple[LineOf, ...]
    everybody: bool
    first: date
    last: date
    zone: str  # of the page

    @property
    def line_ids(self) -> list[UUID]:
        return [line.id for line in self.lines]

    @property
    def since(self) -> datetime:
        return midnight(self.first, self.zone)

    @property
    def until(self) -> datetime:
        return midnight(self.last + timedelta(days=1), self.zone)


@dataclass(frozen=True, slots=True)
class Texts:
    """What was sent and received, and what the gate said of each try."""

    sent: int = 0
    received: int = 0
    allowed: int = 0
    held: int = 0
    blocked: int = 0

    @property
    def tries(self) -> int:
        return self.allowed + self.held + self.blocked


@dataclass(frozen=True, slots=True)
class Replies:
    """Waits that ended: how many, the median and the ninth of ten, and in which of four spans."""

    n: int = 0
    median_s: int = 0
    ninth_s: int = 0
    five: int = 0
    fifteen: int = 0
    sixty: int = 0

    @property
    def longer(self) -> int:
        return self.n - self.five - self.fifteen - self.sixty


class Week(NamedTuple):
    """`monday` is its first day."""

    monday: date
    opted_in: int
    stopped: int


class Waits(NamedTuple):
    """Conversations of one line that wait past its target."""

    line_id: UUID
    n: int
    since: datetime


class OptedIn(NamedTuple):
    """Customers who are opted in now, by one thing: `person`, `store` or `source`."""

    by: str
    id: UUID | None
    source: str
    n: int


@dataclass(frozen=True, slots=True)
class Newest:
    """One of the newest texts."""

    id: UUID
    conversation_id: UUID
    name: str
    author: str
    incoming: bool
    body: str
    state: str
    purpose: str
    at: datetime
    hold_until: datetime | None
    rule: str


@dataclass(slots=True)
class Board:
    """Everything on the page that is a number."""

    texts: Texts = field(default_factory=Texts)
    by_day: dict[date, Texts] = field(default_factory=dict)
    by_author: dict[UUID, Texts] = field(default_factory=dict)
    texted: int = 0
    replies: Replies = field(default_factory=Replies)
    replies_by_author: dict[UUID, Replies] = field(default_factory=dict)
    replies_by_hour: dict[int, Replies] = field(default_factory=dict)
    without: int = 0
    without_by_author: dict[UUID, int] = field(default_factory=dict)
    levels: dict[str, int] = field(default_factory=dict)
    opted_in: list[tuple[str, UUID, int]] = field(
        default_factory=list
    )  # source, credited, how many
    stopped: int = 0
    weeks: list[Week] = field(default_factory=list)
    waiting: list[Waits] = field(default_factory=list)
    flags_by_author: dict[UUID, int] = field(default_factory=dict)
    left: dict[UUID, datetime] = field(default_factory=dict)
    opted_by: list[OptedIn] = field(default_factory=list)


def midnight(day: date, zone: str) -> datetime:
    """When a day begins there."""
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone))


def load_scope_lines(tx: Tx, viewer: Viewer) -> list[LineOf]:
    """Every line in reach."""
    found = []
    for row in tx.all("dashboard.lines", line_ids=reach_of(viewer).line_ids):
        label = open_words(tx.keys, row.label_ct, "lines", "label_ct", tx.group_id, row.id)
        store = open_words(tx.keys, row.name_ct, "stores", "name_ct", tx.group_id, row.store_id)
        hours = read_hours(ZoneInfo(row.zone), row.open_hours)
        found.append(LineOf(row.id, label, row.target_s, row.store_id, store, row.zone, hours))
    return found


def load_now(tx: Tx, scope: Scope, now: datetime, sums: Board) -> Board:
    """These sums with what is true only at this moment: who waits, what waits in Review."""
    waiting = sums.waiting
    if sum(one.n for one in waiting) < MANY_WAIT:
        waiting = _waiting(tx, scope, now)
    flags = tx.all("dashboard.flags", line_ids=scope.line_ids)
    return replace(
        sums,
        waiting=waiting,
        flags_by_author={row.author_id: row.n for row in flags},
        left={row.member_id: row.left_at for row in tx.all("dashboard.left")},
    )


def _waiting(tx: Tx, scope: Scope, now: datetime) -> list[Waits]:
    return [Waits(*row) for row in tx.all("dashboard.waiting", **past_target(scope, now))]


def load_sums(tx: Tx, scope: Scope, now: datetime) -> Board:
    """What was counted, added up: it takes the longer the more there is."""
    board = Board(waiting=_waiting(tx, scope, now))
    days = {"line_ids": scope.line_ids, "first": scope.first, "last": scope.last}
    whom = {"line_ids": scope.line_ids, "everybody": scope.everybody}
    span = {**whom, "since": scope.since, "until": scope.until}
    _texts(board, tx.all("dashboard.days", **days))
    board.texted = tx.only("dashboard.texted", **days).n
    _replies(board, tx.all("dashboard.waits", **days))
    for row in tx.all("dashboard.without", **days):
        if row.level:
            board.without = row.n
        else:
            board.without_by_author[row.author_id] = row.n
    board.levels = {row.level: row.n for row in tx.all("dashboard.levels", **whom)}
    board.opted_in = [
        (row.source, row.credited_id, row.n) for row in tx.all("dashboard.opted_in", **span)
    ]
    board.stopped = tx.only("dashboard.stopped", **span).n
    board.weeks = _weeks(tx, scope, whom)
    board.opted_by = [
        OptedIn(row.by, None if row.id == NOBODY else row.id, row.source, row.n)
        for row in tx.all("dashboard.opted_by", **whom)
    ]
    return board


def _texts(board: Board, rows: Iterable[Any]) -> None:
    for row in rows:
        if row.sent is None:  # an empty sum of nothing
            continue
        texts = Texts(row.sent, row.received, row.allowed, row.held, row.blocked)
        if row.level == 3:  # neither by day nor by author
            board.texts = texts
        elif row.day is not None:
            board.by_day[row.day] = texts
        elif row.author_id != NOBODY:
            board.by_author[row.author_id] = texts


def _replies(board: Board, rows: Iterable[Any]) -> None:
    for row in rows:
        if not row.n:
            continue
        replies = Replies(row.n, row.open_s[0], row.open_s[1], row.five, row.fifteen, row.sixty)
        if row.level == 3:  # neither by author nor by hour
            board.replies = replies
        elif row.hour is not None:
            board.replies_by_hour[row.hour] = replies
        else:
            board.replies_by_author[row.author_id] = replies


def _weeks(tx: Tx, scope: Scope, whom: dict[str, Any]) -> list[Week]:
    """Twelve, the last of them the one the range ends in; a week without anything is one too."""
    last = scope.last - timedelta(days=scope.last.weekday())
    first = last - timedelta(weeks=WEEKS - 1)
    since = midnight(first, scope.zone)
    until = midnight(last + timedelta(weeks=1), scope.zone)
    rows = tx.all("dashboard.weeks", **whom, zone=scope.zone, since=since, until=until)
    found = {row.week: (row.opted_in, row.stopped) for row in rows}
    return [
        Week(monday, *found.get(monday, (0, 0)))
        for monday in (first + timedelta(weeks=n) for n in range(WEEKS))
    ]


def past_target(scope: Scope, now: datetime) -> dict[str, Any]:
    """Since when a conversation of each line waits too long, in that line's open time."""
    return {
        "lines": scope.line_ids,
        "before": [
            open_since(line.hours, now, timedelta(seconds=line.target_s)) for line in scope.lines
        ],
        "now": now,
    }


def load_newest(tx: Tx, line_ids: Sequence[UUID], now: datetime) -> list[Newest]:
    """The newest texts on these lines, with their words as screens show them."""
    ms = int((now - _NOW_REACHES).timestamp() * 1000)
    rows = tx.all(
        "dashboard.newest", line_ids=line_ids, after=uuid7_from(ms, bytes(10)), limit=NOW_SHOWN
    )
    found = []
    for row in rows:
        key = contact_key(tx, row.contact_id, row.key_wrapped, row.erased_at)
        body = open_words(key, row.body_ct, "texts", "body_ct", tx.group_id, row.id)
        author = ""
        if row.author_ct is not None:
            place = ("members", "name_ct", tx.group_id, row.author_id)
            author = open_words(tx.keys, row.author_ct, *place)
        found.append(
            Newest(
                row.id,
                row.conversation_id,
                contact_name(tx, row),
                author,
                row.direction == "in",
                show_body(tx, body, row.store_id),
                row.state,
                row.purpose or "",
                row.created_at,
                row.hold_until,
                row.binding_rule or "",
            )
        )
    return found


def contact_name(tx: Tx, row: Any) -> str:
    """The customer's name, or their number where nobody knows it."""
    key = contact_key(tx, row.contact_id, row.key_wrapped, row.erased_at)
    if key is None:
        return "Erased"
    name = open_words(key, row.name_ct, "contacts", "name_ct", tx.group_id, row.contact_id)
    return name or shown(
        open_words(key, row.number_ct, "contacts", "number_ct", tx.group_id, row.contact_id)
    )
