"""Who hears what: the reach of all open streams of a company at once, held against its events.

Whatever the number of streams, it is read by three statements, and says of each device what
`viewer` says of one that looks by itself; who is not in the answer is somebody no more.

Not here: the events (`stream`), one who looks by themselves (`viewer`).
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from lotline.store.shown import idle_minutes

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from uuid import UUID

    from lotline.store.database import Tx
    from lotline.store.shown import Event, Viewer

_REACH_ALL = frozenset({"owner", "auditor"})


class Earshot(NamedTuple):
    """What is within somebody's hearing. Many share one, so many are asked at once."""

    line_ids: frozenset[UUID]
    store_ids: frozenset[UUID]
    sees_all: bool

    def holds(self, event: Event, talk_line_ids: frozenset[UUID]) -> bool:
        """Of an event for no one member; it may follow where its conversation or contact is."""
        if self.sees_all:
            return True
        if event.line_id is not None:
            return event.line_id in self.line_ids
        if event.store_id is not None:
            return event.store_id in self.store_ids
        return not self.line_ids.isdisjoint(talk_line_ids)


class Hearer(NamedTuple):
    """A device that is signed in; one that is locked hears nothing."""

    member_id: UUID
    earshot: Earshot
    locked: bool


def earshot_of(viewer: Viewer) -> Earshot:
    """Of one who was looked up by themselves."""
    return Earshot(viewer.line_ids, viewer.store_ids, viewer.sees_all)


def load_hearers(
    tx: Tx, accounts: Mapping[UUID, UUID], now: datetime | None = None
) -> dict[UUID, Hearer]:
    """By device, of the devices in `accounts`: the account that signed in on each."""
    house = tx.only("stream_reach.house", now=now)
    devices = tx.all(
        "stream_reach.devices", ids=list(accounts), account_ids=list(accounts.values())
    )
    members = tx.all("stream_reach.members", ids=list({one.member_id for one in devices}))
    everything = _sets(house.line_ids, house.store_ids)
    reach = {
        one.id: (
            one.role,
            everything if one.role in _REACH_ALL else _sets(one.line_ids, one.store_ids),
        )
        for one in members
    }
    idle = {
        shared: timedelta(minutes=idle_minutes(house.settings, shared=shared))
        for shared in (True, False)
    }
    found: dict[UUID, Hearer] = {}
    for one in devices:
        if one.member_id in reach:
            role, (line_ids, store_ids) = reach[one.member_id]
            earshot = Earshot(line_ids, store_ids, role in _REACH_ALL and not one.by_pin)
            locked = one.locked or one.seen_at <= house.at - idle[one.shared]
            found[one.id] = Hearer(one.member_id, earshot, locked)
    return found


def _sets(
    line_ids: list[UUID] | None, store_ids: list[UUID] | None
) -> tuple[frozenset[UUID], frozenset[UUID]]:
    return frozenset(line_ids or ()), frozenset(store_ids or ())
