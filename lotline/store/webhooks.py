"""Webhooks out: addresses of others, what each has still to be told, and how its calls went.

What happened is in `events`, written in the transaction of what happened; each address follows them
by a cursor of its own, so nothing is told that was rolled back, and nothing is left out.

Not here: making the calls (`workers.webhooks`), what is told (`actions.webhooks`).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

from lotline.store.sealed import open_json, open_words, seal_json, seal_words
from lotline.store.stream import load_cursor, read_cursor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime

    from lotline.core.people.webhooks import Said
    from lotline.store.database import Tx

AT_ONCE = 500
_LAST_ID = UUID(int=2**128 - 1)


class Hook(NamedTuple):
    """An address and how it does. Its secrets are the newest first."""

    id: UUID
    url: str
    secrets: tuple[dict[str, Any], ...]
    kinds: tuple[str, ...]
    words: bool
    made_at: datetime
    failing_since: datetime | None
    stopped_at: datetime | None
    stopped_why: str
    waiting: int
    told_at: datetime | None


class Due(NamedTuple):
    """A call that is to be made now; `attempts` counts this one."""

    id: UUID
    webhook_id: UUID
    kind: str
    event: dict[str, Any]
    attempts: int


class Call(NamedTuple):
    """A call as the owner's page shows it."""

    id: UUID
    kind: str
    event: dict[str, Any]
    state: str
    attempts: int
    due_at: datetime
    status: int | None
    outcome: str
    took_ms: int | None
    made_at: datetime
    done_at: datetime | None


def record_webhook(
    tx: Tx,
    hook_id: UUID,
    *,
    member_id: UUID,
    url: str,
    secret: str,
    kinds: Sequence[str],
    words: bool,
    at: datetime,
) -> None:
    """It is told what happens from now on."""
    tx.run(
        "webhooks.record",
        id=hook_id,
        member_id=member_id,
        url_ct=seal_words(tx.keys, url, "webhooks", "url_ct", tx.group_id, hook_id),
        secrets_ct=_sealed(tx, hook_id, [{"secret": secret}]),
        kinds=list(kinds),
        words=words,
        told_to=load_cursor(tx),
        at=at,
    )


def record_secrets(tx: Tx, hook_id: UUID, secrets: Sequence[dict[str, Any]]) -> bool:
    """The secrets that sign from now on, the newest first."""
    sealed = _sealed(tx, hook_id, secrets)
    return tx.run("webhooks.set_secrets", id=hook_id, secrets_ct=sealed) == 1


def _sealed(tx: Tx, hook_id: UUID, secrets: Sequence[dict[str, Any]]) -> bytes:
    place = ("webhooks", "secrets_ct", tx.group_id, hook_id)
    return seal_json(tx.keys, {"secrets": list(secrets)}, *place)


def load_webhooks(tx: Tx, hook_id: UUID | None = None) -> list[Hook]:
    """All of them, or one."""
    group = tx.group_id
    found = []
    for row in tx.all("webhooks.list", id=hook_id):
        kept = open_json(tx.keys, row.secrets_ct, "webhooks", "secrets_ct", group, row.id)
        found.append(
            Hook(
                id=row.id,
                url=open_words(tx.keys, row.url_ct, "webhooks", "url_ct", group, row.id),
                secrets=tuple(kept["secrets"]),
                kinds=tuple(row.kinds),
                words=row.words,
                made_at=row.made_at,
                failing_since=row.failing_since,
                stopped_at=row.stopped_at,
                stopped_why=row.stopped_why or "",
                waiting=row.waiting,
                told_at=row.told_at,
            )
        )
    return found


def record_new_calls(tx: Tx, new_id: Callable[[], UUID], at: datetime) -> int:
    """What happened since each address was last told becomes calls; how many."""
    made = 0
    hooks = tx.all("webhooks.lock_telling")
    if not hooks:
        return 0
    edge = tx.only("stream.edge", now=None).xid
    for hook in hooks:
        start = read_cursor(hook.told_to) or (0, 0)
        rows = tx.all(
            "webhooks.since",
            after_xid=str(start[0]),
            after_n=start[1],
            edge=edge,
            kinds=hook.kinds,
            limit=AT_ONCE,
        )
        if rows:
            made += tx.run(
                "webhooks.record_calls",
                webhook_id=hook.id,
                ids=[new_id() for _ in rows],
                xids=[row.xid for row in rows],
                ns=[row.n for row in rows],
                kinds=[row.name for row in rows],
                events=[json.dumps(_event(row)) for row in rows],
                at=at,
            )
        full = len(rows) == AT_ONCE
        reached = f"{rows[-1].xid}-{rows[-1].n}" if full else f"{edge}-0"
        if reached != hook.told_to:
            tx.run("webhooks.tell_to", id=hook.id, told_to=reached)
    return made


def _event(row: Any) -> dict[str, Any]:
    ids = {
        "store_id": row.store_id,
        "line_id": row.line_id,
        "conversation_id": row.conversation_id,
        "contact_id": row.contact_id,
        "text_id": row.subject_id if row.name.startswith("text.") else None,
    }
    told: dict[str, Any] = {name: str(one) for name, one in ids.items() if one is not None}
    return told | {"happened_at": row.happened_at.isoformat()}


def record_call_claims(
    tx: Tx, *, now: datetime, until: datetime, addresses: int, each: int, busy: Iterable[UUID]
) -> list[Due]:
    """Calls that are this worker's until an instant: a few of each address that is not busy."""
    rows = tx.all(
        "webhooks.claim", now=now, until=until, addresses=addresses, each=each, busy=list(busy)
    )
    return [Due(*row) for row in rows]


class Went(NamedTuple):
    """How a call went: `waiting` is tried again when it is due, `told` and `failed` are over."""

    due: Due
    said: Said
    state: str
    due_at: datetime


def record_said(tx: Tx, went: Sequence[Went], at: datetime) -> None:
    """What became of these calls, in one order for everybody."""
    several = sorted(went, key=lambda one: one.due.id)
    tx.run(
        "webhooks.done",
        ids=[one.due.id for one in several],
        states=[one.state for one in several],
        statuses=[one.said.status for one in several],
        outcomes=[one.said.outcome for one in several],
        took=[one.said.took_ms for one in several],
        due=[one.due_at for one in several],
        at=at,
    )


def record_fared(tx: Tx, hook_id: UUID, at: datetime, *, ok: bool) -> datetime | None:
    """Since when its address has taken nothing."""
    failing: datetime | None = tx.only("webhooks.fared", id=hook_id, ok=ok, at=at).failing_since
    return failing


def stop_webhook(tx: Tx, hook_id: UUID, why: str, at: datetime) -> bool:
    """It is told nothing more until the owner says so; False when it was stopped before."""
    return tx.run("webhooks.stop", id=hook_id, why=why, at=at) == 1


def resume_webhook(tx: Tx, hook_id: UUID) -> bool:
    """It is told again."""
    return tx.run("webhooks.resume", id=hook_id) == 1


def remove_webhook(tx: Tx, hook_id: UUID, at: datetime) -> bool:
    """It is told nothing for ever."""
    return tx.run("webhooks.remove", id=hook_id, at=at) == 1


def load_calls(tx: Tx, hook_id: UUID, before: UUID | None = None, limit: int = 50) -> list[Call]:
    """The newest first."""
    rows = tx.all("webhooks.calls", webhook_id=hook_id, before=before or _LAST_ID, limit=limit)
    return [Call(*row) for row in rows]


def resend_calls(
    tx: Tx, hook_id: UUID, *, at: datetime, call_id: UUID | None = None, since: datetime | None
) -> int:
    """One again, or all that failed since an instant; how many."""
    return tx.run("webhooks.resend", webhook_id=hook_id, id=call_id, since=since, at=at)


def prune_calls(tx: Tx, before: datetime) -> int:
    """Forget calls from before; how many."""
    return tx.run("webhooks.prune", before=before)
