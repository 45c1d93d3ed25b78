"""Push: a member's own device takes notices until its session ends, of each text that comes.

Who hears of a text: the one its conversation is assigned to, else everybody who works on its line.
Three seconds pass first, and whoever read it by then hears nothing. What has ended is told nothing
more, also not what was due there already.

Not here: what a notice says (`core.people.push`), the calls (`adapters.push`, `workers.push`).
"""

from __future__ import annotations

import secrets as drawn
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from uuid import UUID

from lotline.actions.allowed import must
from lotline.actions.errors import Refused
from lotline.core.people.push import (
    FIRST_PAUSE,
    NEXT_PAUSE,
    OLDEST,
    BadSubscription,
    Detail,
    Notice,
    Push,
    allowed,
    base64url,
    detail_of,
    notice_of,
    pause_after,
    payload_of,
    private_from,
    public_of,
    read_way,
)
from lotline.core.people.roles import may_change_rules, may_text
from lotline.store.access import record_act
from lotline.store.events import wake_workers
from lotline.store.groups import load_group, record_settings
from lotline.store.push import (
    Due,
    Key,
    drop_notices,
    end_gone,
    end_subscription,
    load_key,
    load_subscription,
    prune_notices,
    record_claims,
    record_heard,
    record_key,
    record_later,
    record_subscription,
    record_test,
    record_told,
)

if TYPE_CHECKING:
    from lotline.actions.context import Context
    from lotline.core.people.webhooks import Said
    from lotline.store.database import Tx
    from lotline.store.shown import Viewer

LEASE = timedelta(seconds=60)
KEPT = timedelta(days=1)
UNSEEN = timedelta(days=14)  # a session that nobody opened for so long is over by itself
_KEY_BYTES = 48


@dataclass(frozen=True, slots=True)
class Offer:
    """What a member's own page shows: `key` is what a browser must be told to take ours alone."""

    key: str
    on: bool
    chosen: Detail
    choices: tuple[Detail, ...]


@dataclass(frozen=True, slots=True)
class ToPush:
    """A call that is to be made now."""

    due: Due
    push: Push


def may_take(viewer: Viewer) -> bool:
    """Who texts, on a device of their own: on a shared tablet others would read along."""
    return may_text(viewer.role) and viewer.tablet_id is None


def offer(ctx: Context, viewer: Viewer) -> Offer | None:
    """None for whoever takes none. The company's key is made when it is first asked for."""
    if not may_take(viewer):
        return None
    must(viewer, may_text)
    with ctx.db.transaction(viewer.group_id) as tx:
        key = load_key(tx)
        if key is None:
            private = private_from(drawn.token_bytes(_KEY_BYTES))
            record_key(tx, Key(private, public_of(private)), ctx.now())
            key = load_key(tx)
            assert key is not None, "it was made just now, by us or by somebody quicker"
        most = viewer.group_settings.get("notify_most")
        return Offer(
            base64url(key.public),
            load_subscription(tx, viewer.device_id) is not None,
            detail_of(viewer.settings.get("notify"), most),
            allowed(most),
        )


def subscribe(ctx: Context, viewer: Viewer, said: Mapping[str, Any]) -> None:
    """From now on the viewer's session takes notices where its browser says."""
    must(viewer, may_text)
    if not may_take(viewer):
        raise Refused("This tablet is shared, so it shows no notices.")
    try:
        way = read_way(said, private=ctx.settings.private_webhooks)
    except BadSubscription as bad:
        raise Refused(str(bad)) from None
    service = urlsplit(way.endpoint).hostname or ""
    with ctx.db.transaction(viewer.group_id) as tx:
        if not record_subscription(tx, ctx.new_id(), viewer, way, service=service, at=ctx.now()):
            raise Refused("This session has ended. Sign in again.")
        _act(ctx, tx, "push_on", viewer.member_id, viewer.device_id)


def unsubscribe(ctx: Context, viewer: Viewer) -> None:
    """Their session takes none any more."""
    must(viewer, may_text)
    with ctx.db.transaction(viewer.group_id) as tx:
        if end_subscription(tx, viewer.device_id):
            _act(ctx, tx, "push_off", viewer.member_id, viewer.device_id)


def try_own(ctx: Context, viewer: Viewer) -> None:
    """One notice of nothing, to see whether they come."""
    must(viewer, may_text)
    with ctx.db.transaction(viewer.group_id) as tx:
        found = load_subscription(tx, viewer.device_id)
        if found is None:
            raise Refused("Turn on notices on this device first.")
        record_test(tx, ctx.new_id(), found, ctx.now())
        wake_workers(tx, "push")


def limit(ctx: Context, viewer: Viewer, most: str) -> None:
    """The most that anybody's notices may say, from the next one on."""
    must(viewer, may_change_rules)
    if most not in list(Detail):
        raise Refused("Choose what notices may say.")
    with ctx.db.transaction(viewer.group_id) as tx:
        if load_group(tx).settings.get("notify_most") == most:
            return
        record_settings(tx, {"notify_most": most})
        _act(ctx, tx, "push_limit", viewer.member_id, viewer.group_id, most=most)


def hear(ctx: Context, group_id: UUID) -> int:
    """Texts that came become notices; how many."""
    now = ctx.now()
    with ctx.db.transaction(group_id) as tx:
        return record_heard(
            tx, ctx.new_id, soon=now + FIRST_PAUSE, between=NEXT_PAUSE, alive=now - UNSEEN
        )


def claim_pushes(
    ctx: Context, group_id: UUID, *, services: int, each: int, busy: Iterable[str] = ()
) -> list[ToPush]:
    """Notices that are due, as they are to be sent; nobody else sends them meanwhile."""
    now = ctx.now()
    with ctx.db.transaction(group_id) as tx:
        due = record_claims(
            tx,
            now=now,
            until=now + LEASE,
            oldest=now - OLDEST,
            services=services,
            each=each,
            busy=busy,
        )
        key = load_key(tx) if due else None
        if key is None:
            return []
        contact = _contact(ctx.settings.public_url)
        return [
            ToPush(
                one,
                Push(one.way, payload_of(_notice(one)), one.topic, key.private, contact, now),
            )
            for one in due
        ]


def record_pushes(
    ctx: Context, group_id: UUID, answered: Sequence[tuple[Due, Said]], chances: Sequence[float]
) -> None:
    """How they went: taken, tried again later, given up; and who is not there any more."""
    now = ctx.now()
    told, later, given_up, gone = [], [], [], []
    for (due, said), chance in zip(answered, chances, strict=True):
        pause = pause_after(due.attempts, chance)
        if said.ok:
            told.append(due)
        elif said.outcome == "gone":
            gone.append(due.subscription_id)
        elif pause is None:
            given_up.append(due.id)
        else:
            later.append((due, now + pause))
    with ctx.db.transaction(group_id) as tx:
        # First, as whoever ends a session does: subscriptions are locked before notices.
        for one in end_gone(tx, gone) if gone else ():
            _act(ctx, tx, "push_gone", None, one.device_id, member=str(one.member_id))
        if told:
            record_told(tx, told, now, now + NEXT_PAUSE)
        if later:
            record_later(tx, later)
        if given_up:
            drop_notices(tx, given_up)


def prune(ctx: Context, group_id: UUID) -> int:
    """Forget notices that were told, after a day."""
    with ctx.db.transaction(group_id) as tx:
        return prune_notices(tx, ctx.now() - KEPT)


def _notice(due: Due) -> Notice:
    if due.conversation_id is None:
        return Notice(None)
    detail = detail_of(due.settings.get("notify"), due.most)
    return notice_of(detail, due.conversation_id, line=due.line, initials=due.initials)


def _contact(public_url: str) -> str:
    """Whom a push service may ask about us; it takes an address of these two kinds alone."""
    if public_url.startswith("https://"):
        return public_url
    return f"mailto:postmaster@{urlsplit(public_url).hostname}"


def _act(
    ctx: Context, tx: Tx, what: str, actor_id: UUID | None, about_id: UUID, **detail: Any
) -> None:
    at = ctx.now()
    record_act(tx, ctx.new_id(), what, actor_id=actor_id, about_id=about_id, at=at, detail=detail)
