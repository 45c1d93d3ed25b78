"""Webhooks out: the owner names an address, and it is told what happens, in order of trying.

It is told ids, and words of customers only where the owner ticked that. A call that is not taken is
tried again for about three days; an address that took nothing for so long is stopped, and its owner
sees it.

Not here: the calls themselves (`adapters.webhooks`), when they are made (`workers.webhooks`).
"""

from __future__ import annotations

import base64
import json
import secrets as drawn
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from lotline.actions.allowed import must
from lotline.actions.errors import NotYours, Refused
from lotline.core.people.roles import may_change_rules
from lotline.core.people.webhooks import (
    GIVE_UP,
    KINDS,
    SECRET_MARK,
    BadAddress,
    Said,
    Telling,
    pause_after,
    read_address,
)
from lotline.store.access import record_act
from lotline.store.events import wake_workers
from lotline.store.sealed import contact_key, open_words
from lotline.store.watch import show_body
from lotline.store.webhooks import (
    Due,
    Hook,
    Went,
    load_webhooks,
    prune_calls,
    record_call_claims,
    record_fared,
    record_new_calls,
    record_said,
    record_secrets,
    record_webhook,
    remove_webhook,
    resend_calls,
    resume_webhook,
    stop_webhook,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from lotline.actions.context import Context
    from lotline.store.database import Tx
    from lotline.store.shown import Viewer

OVERLAP = timedelta(hours=24)  # so long the secret before still signs beside the new one
LEASE = timedelta(seconds=60)
KEPT = timedelta(days=30)
_SECRET_BYTES = 32


@dataclass(frozen=True, slots=True)
class MadeHook:
    """An address and its secret, which is never shown again."""

    webhook_id: UUID
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ToTell:
    """A call that is to be made now."""

    due: Due
    telling: Telling


def make_webhook(
    ctx: Context, viewer: Viewer, *, url: str, kinds: Sequence[str], words: bool
) -> MadeHook:
    """It is told what happens from now on."""
    must(viewer, may_change_rules)
    try:
        address = read_address(url, private=ctx.settings.private_webhooks)
    except BadAddress as bad:
        raise Refused(str(bad)) from None
    chosen = [one for one in KINDS if one in set(kinds)]
    if not chosen or set(kinds) - KINDS.keys():
        raise Refused("Choose what it is told.")
    made = MadeHook(ctx.new_id(), _new_secret())
    with ctx.db.transaction(viewer.group_id) as tx:
        record_webhook(
            tx,
            made.webhook_id,
            member_id=viewer.member_id,
            url=address,
            secret=made.secret,
            kinds=chosen,
            words=words,
            at=ctx.now(),
        )
        detail = {"kinds": chosen, "words": words}
        _act(ctx, tx, viewer, what="webhook_made", hook_id=made.webhook_id, detail=detail)
    return made


def replace_secret(ctx: Context, viewer: Viewer, hook_id: UUID) -> MadeHook:
    """A new one signs first; the one before signs beside it for a day."""
    must(viewer, may_change_rules)
    made = MadeHook(hook_id, _new_secret())
    with ctx.db.transaction(viewer.group_id) as tx:
        hook = _one(tx, hook_id)
        until = (ctx.now() + OVERLAP).isoformat()
        before = {"secret": hook.secrets[0]["secret"], "until": until}
        record_secrets(tx, hook_id, [{"secret": made.secret}, before])
        _act(ctx, tx, viewer, what="webhook_secret", hook_id=hook_id)
    return made


def resume(ctx: Context, viewer: Viewer, hook_id: UUID) -> None:
    """It is told again, first what waited."""
    must(viewer, may_change_rules)
    with ctx.db.transaction(viewer.group_id) as tx:
        if not resume_webhook(tx, hook_id):
            raise NotYours
        _act(ctx, tx, viewer, what="webhook_resumed", hook_id=hook_id)
        wake_workers(tx, "webhooks")


def remove(ctx: Context, viewer: Viewer, hook_id: UUID) -> None:
    """It is told nothing for ever."""
    must(viewer, may_change_rules)
    with ctx.db.transaction(viewer.group_id) as tx:
        if not remove_webhook(tx, hook_id, ctx.now()):
            raise NotYours
        _act(ctx, tx, viewer, what="webhook_removed", hook_id=hook_id)


def resend(
    ctx: Context,
    viewer: Viewer,
    hook_id: UUID,
    *,
    call_id: UUID | None = None,
    since: datetime | None = None,
) -> int:
    """One call again, or all that failed since an instant; how many."""
    must(viewer, may_change_rules)
    now = ctx.now()
    with ctx.db.transaction(viewer.group_id) as tx:
        _one(tx, hook_id)
        again = resend_calls(tx, hook_id, call_id=call_id, since=since or now - KEPT, at=now)
        if call_id is not None and not again:
            raise NotYours
        wake_workers(tx, "webhooks")
        return again


def gather(ctx: Context, group_id: UUID) -> int:
    """What happened becomes calls; how many."""
    with ctx.db.transaction(group_id) as tx:
        return record_new_calls(tx, ctx.new_id, ctx.now())


def claim_tellings(
    ctx: Context, group_id: UUID, *, addresses: int, each: int, busy: Iterable[UUID] = ()
) -> list[ToTell]:
    """Calls that are due, as they are to be made; nobody else makes them meanwhile.

    A few of each address, and none of those that are busy: one that is slow holds up no other.
    """
    now = ctx.now()
    with ctx.db.transaction(group_id) as tx:
        due = record_call_claims(
            tx, now=now, until=now + LEASE, addresses=addresses, each=each, busy=busy
        )
        if not due:
            return []
        hooks = {one.id: one for one in load_webhooks(tx)}
        return [
            ToTell(one, _telling(tx, one, hooks[one.webhook_id], now))
            for one in due
            if one.webhook_id in hooks
        ]


def record_tellings(
    ctx: Context, group_id: UUID, answered: Sequence[tuple[Due, Said]], chances: Sequence[float]
) -> None:
    """How calls went: done, tried again later, or given up. Sorted, so that no two crowds cross."""
    now = ctx.now()
    by_address: dict[UUID, list[Went]] = defaultdict(list)
    for (due, said), chance in zip(answered, chances, strict=True):
        pause = None if said.ok else pause_after(due.attempts, chance)
        state = "told" if said.ok else "waiting" if pause is not None else "failed"
        by_address[due.webhook_id].append(Went(due, said, state, now + (pause or timedelta())))
    with ctx.db.transaction(group_id) as tx:
        record_said(tx, [one for went in by_address.values() for one in went], now)
        for hook_id in sorted(by_address):
            heard = [one.said for one in by_address[hook_id]]
            failing = record_fared(tx, hook_id, now, ok=any(one.ok for one in heard))
            if any(one.outcome == "gone" for one in heard):
                _stop(ctx, tx, hook_id, "gone", now)
            elif failing is not None and now - failing >= GIVE_UP:
                _stop(ctx, tx, hook_id, "failing", now)


def prune(ctx: Context, group_id: UUID) -> int:
    """Forget calls that are over, after a month."""
    with ctx.db.transaction(group_id) as tx:
        return prune_calls(tx, ctx.now() - KEPT)


def _stop(ctx: Context, tx: Tx, hook_id: UUID, why: str, now: datetime) -> None:
    if stop_webhook(tx, hook_id, why, now):
        detail = {"why": why}
        record_act(
            tx,
            ctx.new_id(),
            "webhook_stopped",
            actor_id=None,
            about_id=hook_id,
            at=now,
            detail=detail,
        )


def _telling(tx: Tx, due: Due, hook: Hook, now: datetime) -> Telling:
    event = dict(due.event)
    happened_at = event.pop("happened_at")
    if hook.words and "text_id" in event:
        event |= _words(tx, UUID(event["text_id"]))
    body = {"type": due.kind, "timestamp": happened_at, "data": event}
    signing = tuple(
        one["secret"]
        for one in hook.secrets
        if "until" not in one or datetime.fromisoformat(one["until"]) > now
    )
    written = json.dumps(body, separators=(",", ":"))
    return Telling(f"msg_{due.id.hex}", hook.url, signing, written, now)


def _words(tx: Tx, text_id: UUID) -> dict[str, Any]:
    """What the text says by now: nothing, once its customer was erased."""
    row = tx.one("program_texts.words", id=text_id)
    if row is None:
        return {}
    key = contact_key(tx, row.contact_id, row.key_wrapped, row.erased_at)
    group = tx.group_id
    return {
        "body": show_body(tx, open_words(key, row.body_ct, "texts", "body_ct", group, text_id)),
        "number": open_words(key, row.number_ct, "contacts", "number_ct", group, row.contact_id),
        "state": row.state,
    }


def _one(tx: Tx, hook_id: UUID) -> Hook:
    found = load_webhooks(tx, hook_id)
    if not found:
        raise NotYours
    return found[0]


def _new_secret() -> str:
    return SECRET_MARK + base64.b64encode(drawn.token_bytes(_SECRET_BYTES)).decode()


def _act(
    ctx: Context,
    tx: Tx,
    viewer: Viewer,
    *,
    what: str,
    hook_id: UUID,
    detail: dict[str, Any] | None = None,
) -> None:
    record_act(
        tx,
        ctx.new_id(),
        what,
        actor_id=viewer.member_id,
        about_id=hook_id,
        at=ctx.now(),
        detail=detail,
    )
