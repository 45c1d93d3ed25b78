"""Push: where members' browsers take notices, and which notices are due there.

A text that came is an event of its own transaction; notices follow the events by a cursor, so none
is made of what was rolled back and none is left out. A notice's row holds ids and times alone.

Not here: what a notice says (`core.people.push`), when it is tried again (`actions.push`).
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any, NamedTuple

from lotline.core.people.push import Way, base64url, initials_of
from lotline.store.contacts import line_label
from lotline.store.sealed import contact_key, open_json, open_words, seal_json, seal_words
from lotline.store.stream import load_cursor, read_cursor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime, timedelta
    from uuid import UUID

    from lotline.core.people.push import Initials
    from lotline.store.database import Tx
    from lotline.store.shown import Viewer

AT_ONCE = 500
_ADDRESS = "push address"
_TOPIC = "push topic"
_TEXT_CAME = ["text.in"]


class Key(NamedTuple):
    """What a company's notices are signed with."""

    private: int
    public: bytes


class Due(NamedTuple):
    """A notice that is to be sent now; `attempts` counts this one."""

    id: UUID
    subscription_id: UUID
    conversation_id: UUID | None
    heard_at: datetime
    attempts: int
    way: Way
    service: str
    settings: dict[str, Any]
    most: object
    line: str
    initials: Initials | None
    topic: str


class Gone(NamedTuple):
    """Who takes no notices any more, on which session."""

    member_id: UUID
    device_id: UUID


def load_key(tx: Tx) -> Key | None:
    """None until somebody asked for it."""
    row = tx.one("push.key")
    if row is None:
        return None
    private = open_words(tx.keys, row.private_ct, "push_keys", "private_ct", tx.group_id)
    return Key(int(private, 16), bytes(row.public_key))


def record_key(tx: Tx, key: Key, at: datetime) -> None:
    """Once: the one that is there stays."""
    sealed = seal_words(tx.keys, f"{key.private:x}", "push_keys", "private_ct", tx.group_id)
    tx.run(
        "push.record_key",
        private_ct=sealed,
        public_key=key.public,
        told_to=load_cursor(tx),
        at=at,
    )


def load_subscription(tx: Tx, device_id: UUID) -> UUID | None:
    """None where this session takes no notices."""
    row = tx.one("push.of_device", device_id=device_id)
    return None if row is None else row.id


def record_subscription(
    tx: Tx, subscription_id: UUID, viewer: Viewer, way: Way, *, service: str, at: datetime
) -> bool:
    """In place of what this session, or this browser under an older one, had; whether it may."""
    tx.run("push.first", told_to=load_cursor(tx))
    hashes = list(tx.keys.blinds(_ADDRESS, way.endpoint, 32))
    tx.run("push.replace", device_id=viewer.device_id, way_hashes=hashes)
    plain = {
        "endpoint": way.endpoint,
        "key": base64url(way.key),
        "secret": base64url(way.secret),
    }
    place = ("push_subscriptions", "way_ct", tx.group_id, subscription_id)
    recorded = tx.run(
        "push.record",
        id=subscription_id,
        device_id=viewer.device_id,
        member_id=viewer.member_id,
        way_ct=seal_json(tx.keys, plain, *place),
        way_hash=tx.keys.blind(_ADDRESS, way.endpoint, 32),
        service=service,
        at=at,
    )
    return recorded == 1


def end_subscription(tx: Tx, device_id: UUID) -> bool:
    """What was due on it goes with it; False when it took none."""
    return tx.run("push.end_own", device_id=device_id) == 1


def record_heard(
    tx: Tx,
    new_id: Callable[[], UUID],
    *,
    soon: datetime,
    between: timedelta,
    alive: datetime,
) -> int:
    """Texts that came since everybody was last told become notices; how many."""
    telling = tx.one("push.lock_telling")
    if telling is None:
        return 0
    start = read_cursor(telling.told_to) or (0, 0)
    edge = tx.only("stream.edge", now=None).xid
    rows = tx.all(
        "webhooks.since",
        after_xid=str(start[0]),
        after_n=start[1],
        edge=edge,
        kinds=_TEXT_CAME,
        limit=AT_ONCE,
    )
    newest = {row.conversation_id: row.happened_at for row in rows}
    made = 0
    if newest:
        made = _record_notices(tx, newest, new_id, soon=soon, between=between, alive=alive)
    full = len(rows) == AT_ONCE
    reached = f"{rows[-1].xid}-{rows[-1].n}" if full else f"{edge}-0"
    if reached != telling.told_to:
        tx.run("push.tell_to", told_to=reached)
    return made


def _record_notices(
    tx: Tx,
    newest: dict[UUID, datetime],
    new_id: Callable[[], UUID],
    *,
    soon: datetime,
    between: timedelta,
    alive: datetime,
) -> int:
    hearers = tx.all(
        "push.hearers",
        ids=list(newest),
        ats=list(newest.values()),
        soon=soon,
        between=between,
        alive=alive,
    )
    return tx.run(
        "push.record_notices",
        ids=[new_id() for _ in hearers],
        subscription_ids=[one.subscription_id for one in hearers],
        conversation_ids=[one.conversation_id for one in hearers],
        heard=[one.at for one in hearers],
        due=[one.due_at for one in hearers],
    )


def record_test(tx: Tx, notice_id: UUID, subscription_id: UUID, at: datetime) -> None:
    """A notice of nothing, due now."""
    tx.run(
        "push.record_notices",
        ids=[notice_id],
        subscription_ids=[subscription_id],
        conversation_ids=[None],
        heard=[at],
        due=[at],
    )


def record_claims(
    tx: Tx,
    *,
    now: datetime,
    until: datetime,
    oldest: datetime,
    services: int,
    each: int,
    busy: Iterable[str],
) -> list[Due]:
    """Notices that are this worker's until an instant. What nobody needs any more goes first."""
    tx.run("push.drop_idle", now=now, oldest=oldest)
    rows = tx.all("push.claim", now=now, until=until, services=services, each=each, busy=list(busy))
    if not rows:
        return []
    return [_due(tx, row) for row in tx.all("push.claimed", ids=[row.id for row in rows])]


def _due(tx: Tx, row: Any) -> Due:
    group = tx.group_id
    place = ("push_subscriptions", "way_ct", group, row.subscription_id)
    plain = open_json(tx.keys, row.way_ct, *place)
    initials, talk = None, row.conversation_id
    if talk is not None:
        key = contact_key(tx, row.contact_id, row.key_wrapped, row.erased_at)
        name = open_words(key, row.name_ct, "contacts", "name_ct", group, row.contact_id)
        initials = initials_of(name)
    topic = tx.keys.blind(_TOPIC, f"{row.subscription_id} {talk}", 23)
    return Due(
        id=row.id,
        subscription_id=row.subscription_id,
        conversation_id=talk,
        heard_at=row.heard_at,
        attempts=row.attempts,
        way=Way(plain["endpoint"], _plain(plain["key"]), _plain(plain["secret"])),
        service=row.service,
        settings=row.settings,
        most=row.group_settings.get("notify_most"),
        line=line_label(tx, row) if talk is not None else "",
        initials=initials,
        topic=base64url(topic),
    )


def _plain(said: str) -> bytes:
    return base64.urlsafe_b64decode(said + "=" * (-len(said) % 4))


def record_told(tx: Tx, told: Sequence[Due], at: datetime, following: datetime) -> None:
    """They were taken."""
    several = sorted(told, key=lambda one: one.id)
    tx.run(
        "push.told",
        ids=[one.id for one in several],
        heard=[one.heard_at for one in several],
        at=at,
        next=following,
    )


def record_later(tx: Tx, later: Sequence[tuple[Due, datetime]]) -> None:
    """They were not, and are tried again."""
    several = sorted(later, key=lambda one: one[0].id)
    tx.run("push.later", ids=[due.id for due, _ in several], due=[at for _, at in several])


def drop_notices(tx: Tx, ids: Iterable[UUID]) -> None:
    """They are given up."""
    tx.run("push.drop", ids=sorted(ids))


def end_gone(tx: Tx, subscription_ids: Iterable[UUID]) -> list[Gone]:
    """Nobody is there any more; whose they were."""
    rows = tx.all("push.gone", ids=sorted(subscription_ids))
    return [Gone(row.member_id, row.device_id) for row in rows]


def prune_notices(tx: Tx, before: datetime) -> int:
    """Forget what was told before, and whoever is out; how many notices."""
    tx.run("push.prune_ended")
    return tx.run("push.prune", before=before)
