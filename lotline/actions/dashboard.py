"""Whoever looks after others sees what their lines add up to, and the rows behind it.

Numbers say no words, and are not noted. The newest texts and the rows of texts do, so looking at
them is an entry of the ledger; at most once in ten minutes for the same thing.

Not here: what is counted (`core.oversight.counting`), keeping it counted (`counting`).
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from threading import Lock, Thread
from typing import TYPE_CHECKING, Any
from uuid import UUID
from weakref import WeakKeyDictionary
from zoneinfo import ZoneInfo

from lotline.actions.allowed import must_be_here
from lotline.actions.counting import counts_as_of
from lotline.actions.errors import NotAllowed, NotYours
from lotline.store.access import record_act
from lotline.store.access_reviews import load_due
from lotline.store.dashboard import (
    Board,
    Scope,
    load_newest,
    load_now,
    load_scope_lines,
    load_sums,
)
from lotline.store.dashboard_rows import TEXTS, Wanted, load_rows
from lotline.store.database import Unavailable
from lotline.store.members import load_policy
from lotline.store.review import count_queue
from lotline.store.training import load_matrix

if TYPE_CHECKING:
    from lotline.actions.context import Context
    from lotline.store.access_reviews import Due
    from lotline.store.dashboard import LineOf, Newest
    from lotline.store.dashboard_rows import Row
    from lotline.store.database import Database, Tx
    from lotline.store.shown import PolicyText, Viewer
    from lotline.store.training import Learned

log = logging.getLogger("lotline.actions.dashboard")
LOOKED = "looked_at_texts"
LONGEST = 92  # days of a range
# So many texts are added up anew once a minute, for whoever asks for the same lines and days.
MANY, KEPT, KEPT_MAX = 20_000, timedelta(minutes=1), 64
# So long nobody waits for it: what was kept is shown, as of when it says, and added up meanwhile.
SHOWN = timedelta(minutes=5)
_NOTHING = timedelta()
_Asked = tuple[Any, ...]  # a company, its lines and days
_NOTED_AGAIN = timedelta(minutes=10)


# Sums alone, by what they are of; a process keeps its own.
_kept: WeakKeyDictionary[Database, OrderedDict[_Asked, tuple[Board, datetime]]] = (
    WeakKeyDictionary()
)
_adding: set[tuple[int, _Asked]] = set()  # by threads of their own, now
_lock = Lock()


@dataclass(frozen=True, slots=True)
class Asked:
    """Which lines and days: one line, one store, or all; some days up to one, or up to today."""

    days: int = 7
    line_id: UUID | None = None
    store_id: UUID | None = None
    last: date | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """A dashboard, as of when its counts are; `whole` once all that is older is counted."""

    scope: Scope
    lines: tuple[LineOf, ...]  # all in reach, to choose from
    board: Board
    people: tuple[Learned, ...]
    policy: PolicyText | None
    flags: int
    flagged_since: datetime | None
    access: Due  # for whoever reviews who has access to what
    as_of: datetime | None
    whole: bool


def see(ctx: Context, viewer: Viewer, asked: Asked) -> Seen:
    """The whole page, in a fixed number of statements."""
    _must_oversee(viewer)
    as_of, whole = counts_as_of(ctx, viewer.group_id)
    now = ctx.now()
    with ctx.db.transaction(viewer.group_id) as tx:
        lines = load_scope_lines(tx, viewer)
        scope = _scope(viewer, lines, asked, now)
        flags, since = count_queue(tx, viewer)
        sums, added_up = _sums(ctx, tx, scope, now)
        if as_of is not None:
            as_of = min(as_of, added_up)
        return Seen(
            scope=scope,
            lines=tuple(lines),
            board=load_now(tx, scope, now, sums),
            people=tuple(load_matrix(tx, viewer)),
            policy=load_policy(tx, now),
            flags=flags,
            flagged_since=since,
            access=load_due(tx, viewer, now),
            as_of=as_of,
            whole=whole,
        )


def _sums(ctx: Context, tx: Tx, scope: Scope, now: datetime) -> tuple[Board, datetime]:
    """Added up now, or within the last minutes where there was much to add up."""
    asked = (tx.group_id, tuple(scope.line_ids), scope.everybody, scope.first, scope.last)
    with _lock:
        found = _kept.setdefault(ctx.db, OrderedDict()).get(asked)
    if found is not None and _NOTHING <= now - found[1] < KEPT:
        return found
    if found is not None and _NOTHING <= now - found[1] < SHOWN:
        _add_up_aside(ctx, tx.group_id, scope, asked)
        return found
    sums = load_sums(tx, scope, now)
    _keep(ctx, asked, sums, now)
    return sums, now


def _keep(ctx: Context, asked: _Asked, sums: Board, now: datetime) -> None:
    """What was little to add up is no trouble, and is added up for each asking."""
    if sums.texts.sent + sums.texts.received < MANY and sum(sums.levels.values()) < MANY:
        return
    with _lock:
        kept = _kept.setdefault(ctx.db, OrderedDict())
        kept.pop(asked, None)  # the newest stands last
        kept[asked] = sums, now
        if len(kept) > KEPT_MAX:
            kept.popitem(last=False)


def _add_up_aside(ctx: Context, group_id: UUID, scope: Scope, asked: _Asked) -> None:
    """For whoever looks next; once at a time."""
    place = (id(ctx.db), asked)
    with _lock:
        if place in _adding:
            return
        _adding.add(place)

    def add_up() -> None:
        try:
            now = ctx.now()
            with ctx.db.transaction(group_id) as tx:
                sums = load_sums(tx, scope, now)
            _keep(ctx, asked, sums, now)
        except Unavailable:
            log.warning("a dashboard could not be added up aside")  # the next asking tries again
        finally:
            with _lock:
                _adding.discard(place)

    Thread(target=add_up, name="dashboard", daemon=True).start()


def see_rows(
    ctx: Context, viewer: Viewer, asked: Asked, wanted: Wanted
) -> tuple[Scope, list[Row], list[Learned], list[LineOf]]:
    """The rows behind one number."""
    _must_oversee(viewer)
    counts_as_of(ctx, viewer.group_id)
    now = ctx.now()
    with ctx.db.transaction(viewer.group_id) as tx:
        lines = load_scope_lines(tx, viewer)
        scope = _scope(viewer, lines, asked, now)
        rows = load_rows(tx, scope, wanted, now)
        if wanted.what in TEXTS and rows:
            _note(ctx, tx, viewer, wanted.what)
        return scope, rows, load_matrix(tx, viewer), lines


def see_newest(ctx: Context, viewer: Viewer, asked: Asked) -> tuple[Scope, list[Newest]]:
    """What is written right now."""
    _must_oversee(viewer)
    now = ctx.now()
    with ctx.db.transaction(viewer.group_id) as tx:
        scope = _scope(viewer, load_scope_lines(tx, viewer), asked, now)
        found = load_newest(tx, scope.line_ids, now)
        if found:
            _note(ctx, tx, viewer, "newest")
        return scope, found


def _must_oversee(viewer: Viewer) -> None:
    must_be_here(viewer)
    if not viewer.sees_attempts:
        raise NotAllowed


def _scope(viewer: Viewer, lines: list[LineOf], asked: Asked, now: datetime) -> Scope:
    """Only ever lines in reach; one that is not is not there."""
    chosen = [
        line
        for line in lines
        if asked.line_id in {None, line.id} and asked.store_id in {None, line.store_id}
    ]
    if (asked.line_id or asked.store_id) and not chosen:
        raise NotYours
    first = next(iter(chosen or lines), None)
    zone = first.zone if first else str(viewer.group_settings.get("zone") or "UTC")
    today = now.astimezone(ZoneInfo(zone)).date()
    last = min(asked.last or today, today)
    days = max(1, min(asked.days, LONGEST))
    everybody = viewer.sees_all and len(chosen) == len(lines)
    return Scope(tuple(chosen), everybody, last - timedelta(days=days - 1), last, zone)


def _note(ctx: Context, tx: Tx, viewer: Viewer, what: str) -> None:
    """That they looked at others' texts."""
    now = ctx.now()
    since = now - _NOTED_AGAIN
    who = {"member_id": viewer.member_id, "what": LOOKED}
    if tx.one("access.done_lately", **who, since=since, seen=what):
        return
    record_act(
        tx,
        ctx.new_id(),
        LOOKED,
        actor_id=viewer.member_id,
        about_id=viewer.member_id,
        at=now,
        detail={"seen": what, "device": str(viewer.device_id)},
    )
