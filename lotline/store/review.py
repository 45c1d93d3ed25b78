"""Flags: texts that wait for a manager, and what was made of them.

A flag is kept for ever; its place in the queue is a row of its own, which goes with the decision.
What a flag says is in the text, sealed, and is looked for there again when it is shown.

Not here: judging (`actions.review`), what coaches wrote (`coaching`), what a store watches for
(`watch`).
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from lotline.core.base.numbers import shown
from lotline.core.oversight.flagged import told
from lotline.core.people.rights import Role
from lotline.core.people.roles import may_review
from lotline.store.reach import reach_of
from lotline.store.sealed import contact_key, open_words, seal_words
from lotline.store.watch import load_watches, show_body

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lotline.core.base.sealing import Seal
    from lotline.store.database import Tx
    from lotline.store.shown import Viewer
    from lotline.store.watch import Watches

QUEUE = 100
_NEVER_LEFT = frozenset({"blocked", "cancelled"})


@dataclass(frozen=True, slots=True)
class Flag:
    """A text about to be put to a manager. `by`: a teammate, where no screen found it."""

    id: UUID
    text_id: UUID
    contact_id: UUID
    conversation_id: UUID
    line_id: UUID
    store_id: UUID
    author_id: UUID | None
    reasons: tuple[str, ...]
    detail: dict[str, Any] = field(default_factory=dict)
    held: bool = False
    by: UUID | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """One of the queue, as it is shown."""

    id: UUID
    text_id: UUID
    conversation_id: UUID
    line_id: UUID
    why: tuple[str, ...]  # a line for each reason, the first first
    reasons: tuple[str, ...]
    name: str
    body: str
    author_id: UUID | None
    author_name: str
    theirs: bool  # a customer wrote it
    held: bool
    flagged_at: datetime
    escalated: bool


@dataclass(frozen=True, slots=True)
class Beside:
    """A text that stands round a flagged one."""

    id: UUID
    by: str
    theirs: bool
    body: str
    at: datetime
    is_it: bool
    state: str


@dataclass(frozen=True, slots=True)
class Sender:
    """What a member's last days came to."""

    sent: int
    held: int
    blocked: int
    flags: int
    coached: int
    stopped_at: datetime | None


@dataclass(frozen=True, slots=True)
class Judged:
    """An earlier word on the same flag."""

    outcome: str
    by_name: str
    said: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Stopped:
    """A member's texting, since when, by whom and why."""

    at: datetime
    by_name: str
    said: str


@dataclass(frozen=True, slots=True)
class Cleared:
    """The last decision within reach."""

    at: datetime
    by_name: str


def record_flags(tx: Tx, flags: Sequence[Flag], at: datetime) -> None:
    """All of them, with one question to the database."""
    if not flags:
        return
    tx.run(
        "review.record",
        ids=[one.id for one in flags],
        texts=[one.text_id for one in flags],
        contacts=[one.contact_id for one in flags],
        conversations=[one.conversation_id for one in flags],
        lines=[one.line_id for one in flags],
        stores=[one.store_id for one in flags],
        authors=[one.author_id for one in flags],
        reasons=[" ".join(one.reasons) for one in flags],
        details=[json.dumps(one.detail) for one in flags],
        held=[one.held for one in flags],
        by=[one.by for one in flags],
        at=at,
    )


def seal_why(tx: Tx, key: Seal | None, flag_id: UUID, said: str) -> dict[str, Any]:
    """Why a teammate flagged it, as a flag keeps it: under the contact's key, gone when that is."""
    if not said or key is None:
        return {}
    return {"said": seal_words(key, said, "flags", "detail", tx.group_id, flag_id).hex()}


def load_queue(tx: Tx, viewer: Viewer, limit: int = QUEUE) -> list[Waiting]:
    """What waits within the viewer's reach, the oldest first."""
    rows = tx.all("review.queue", limit=limit, **_who(viewer))
    if not rows:
        return []
    watches = load_watches(tx)
    return [_waiting(tx, row, watches) for row in rows]


def count_queue(tx: Tx, viewer: Viewer) -> tuple[int, datetime | None]:
    """How many wait, and since when the oldest has."""
    row = tx.only("review.count", **_who(viewer))
    return row.waiting, row.oldest


def find_open(tx: Tx, viewer: Viewer, flag_id: UUID) -> Any | None:
    """One that waits, within reach."""
    return tx.one("review.one", id=flag_id, line_ids=reach_of(viewer).line_ids)


def is_open(tx: Tx, text_id: UUID) -> bool:
    """Whether the text waits for a manager already."""
    return tx.one("review.of_text", text_id=text_id) is not None


def load_around(tx: Tx, viewer: Viewer, one: Waiting) -> list[Beside]:
    """The text with two before it and two after."""
    flag = find_open(tx, viewer, one.id)
    return [] if flag is None else load_beside(tx, viewer, one.text_id)[1]


def load_beside(tx: Tx, viewer: Viewer, text_id: UUID) -> tuple[str, list[Beside]]:
    """Whose conversation a text is in, and the text with two before it and two after."""
    row = tx.one("review.revealed_text", text_id=text_id, line_ids=reach_of(viewer).line_ids)
    if row is None:
        return "", []
    key = contact_key(tx, row.contact_id, row.key_wrapped, row.erased_at)
    name = _name(tx, key, row)
    store_id = tx.only("lines.store_of", line_id=row.line_id).store_id
    found = []
    for said in tx.all("review.around", conversation_id=row.conversation_id, text_id=text_id):
        if not sees_text(viewer, said.state, said.author_id):
            continue
        body = open_words(key, said.body_ct, "texts", "body_ct", tx.group_id, said.id)
        theirs = said.direction == "in"
        by = name if theirs else _member(tx, said.author_id, said.name_ct) or "Lotline"
        body = show_body(tx, body, store_id)
        is_it = said.id == text_id
        found.append(Beside(said.id, by, theirs, body, said.created_at, is_it, said.state))
    return name, found


def sees_text(viewer: Viewer, state: str, author_id: UUID | None) -> bool:
    """An attempt that never left is its author's, those who oversee them and those who judge."""
    oversees = viewer.sees_attempts or may_review(viewer.role)
    return state not in _NEVER_LEFT or oversees or author_id == viewer.member_id


def load_sender(tx: Tx, member_id: UUID, since: datetime) -> Sender:
    """A member's texts since then."""
    row = tx.only("review.sender", member_id=member_id, since=since)
    stop = tx.one("review.stop_of", member_id=member_id)
    stopped_at = None if stop is None else stop.stopped_at
    return Sender(row.sent, row.held, row.blocked, row.flags, row.coached, stopped_at)


def load_judged(tx: Tx, viewer: Viewer, flag_id: UUID) -> list[Judged]:
    """What was said of it before: why somebody flagged it, why it was escalated."""
    flag = find_open(tx, viewer, flag_id)
    if flag is None:
        return []
    row = tx.only("review.revealed_text", text_id=flag.text_id, line_ids=[flag.line_id])
    key = contact_key(tx, row.contact_id, row.key_wrapped, row.erased_at)
    group = tx.group_id
    found = []
    if asked := flag.detail.get("said"):
        words = open_words(key, bytes.fromhex(asked), "flags", "detail", group, flag.id)
        by = _member(tx, flag.flagged_by, flag.by_ct)
        found.append(Judged("flagged", by, words, flag.flagged_at))
    return found + [
        Judged(
            one.outcome,
            _member(tx, one.reviewed_by, one.name_ct),
            open_words(key, one.said_ct, "flag_reviews", "said_ct", group, one.id),
            one.reviewed_at,
        )
        for one in tx.all("review.reasons_of", flag_id=flag_id)
    ]


def load_cleared(tx: Tx, viewer: Viewer) -> Cleared | None:
    """Who judged last; None when nobody ever did."""
    row = tx.one("review.last", line_ids=reach_of(viewer).line_ids)
    if row is None:
        return None
    return Cleared(row.reviewed_at, _member(tx, row.reviewed_by, row.name_ct))


def close(tx: Tx, flag_id: UUID) -> bool:
    """False: somebody else was quicker."""
    return tx.run("review.close", id=flag_id) == 1


def escalate(tx: Tx, flag_id: UUID, by: UUID, at: datetime) -> bool:
    """False: it was judged or escalated meanwhile."""
    return tx.run("review.escalate", id=flag_id, by=by, at=at) == 1


def record_judged(
    tx: Tx,
    review_id: UUID,
    flag_id: UUID,
    outcome: str,
    *,
    key: Seal | None,
    said: str,
    rule: str,
    by: UUID,
    at: datetime,
) -> None:
    """A decision, with its words sealed under the contact's key."""
    sealed = None
    if said and key is not None:
        sealed = seal_words(key, said, "flag_reviews", "said_ct", tx.group_id, review_id)
    tx.run(
        "review.judged",
        id=review_id,
        flag_id=flag_id,
        outcome=outcome,
        said_ct=sealed,
        rule=rule or None,
        by=by,
        at=at,
    )


def sweep(tx: Tx, at: datetime) -> None:
    """What was taken back waits for nobody."""
    tx.run("review.sweep", at=at)


def load_revealed(tx: Tx, viewer: Viewer, text_id: UUID) -> tuple[Any, str, str] | None:
    """A text's row, its customer's name and its words as they were written; None: not theirs."""
    row = tx.one("review.revealed_text", text_id=text_id, line_ids=reach_of(viewer).line_ids)
    if row is None:
        return None
    key = contact_key(tx, row.contact_id, row.key_wrapped, row.erased_at)
    body = open_words(key, row.body_ct, "texts", "body_ct", tx.group_id, row.id)
    return row, _name(tx, key, row), body


def stop_texting(
    tx: Tx, stop_id: UUID, member_id: UUID, *, flag_id: UUID | None, by: UUID, at: datetime
) -> bool:
    """False: they are stopped already."""
    given = {"id": stop_id, "member_id": member_id, "flag_id": flag_id, "by": by, "at": at}
    return tx.run("review.stop_texting", **given) == 1


def load_stop(tx: Tx, member_id: UUID) -> Stopped | None:
    """Whether a member's texting is stopped, by whom and why."""
    row = tx.one("review.stop_of", member_id=member_id)
    if row is None:
        return None
    group, said = tx.group_id, ""
    if row.said_ct is not None:
        key = contact_key(tx, row.contact_id, row.key_wrapped, row.erased_at)
        said = open_words(key, row.said_ct, "flag_reviews", "said_ct", group, row.review_id)
    elif row.sealed is not None:
        place = ("access_acts", "detail", group, row.act_id)
        said = open_words(tx.keys, bytes.fromhex(row.sealed), *place)
    return Stopped(row.stopped_at, _member(tx, row.id, row.name_ct), said)


def lift_stop(tx: Tx, member_id: UUID, by: UUID, at: datetime) -> bool:
    return tx.run("review.lift_stop", member_id=member_id, by=by, at=at) == 1


def _who(viewer: Viewer) -> dict[str, Any]:
    reach = reach_of(viewer)
    owner = viewer.role == Role.OWNER.value
    return {"line_ids": reach.line_ids, "member_id": reach.member_id, "owner": owner}


def _waiting(tx: Tx, row: Any, watches: Watches) -> Waiting:
    group = tx.group_id
    key = contact_key(tx, row.contact_id, row.key_wrapped, row.erased_at)
    body = open_words(key, row.body_ct, "texts", "body_ct", group, row.text_id)
    who = _member(tx, row.flagged_by, row.by_ct)
    words = watches.of(row.store_id).words
    return Waiting(
        id=row.id,
        text_id=row.text_id,
        conversation_id=row.conversation_id,
        line_id=row.line_id,
        why=told(row.reasons, body, detail=row.detail, words=words, who=who),
        reasons=tuple(row.reasons),
        name=_name(tx, key, row),
        body=show_body(tx, body, row.store_id),
        author_id=row.author_id,
        author_name=_member(tx, row.author_id, row.author_ct),
        theirs=row.direction == "in",
        held=row.held,
        flagged_at=row.flagged_at,
        escalated=row.escalated_at is not None,
    )


def _name(tx: Tx, key: Seal | None, row: Any) -> str:
    group = tx.group_id
    number = open_words(key, row.number_ct, "contacts", "number_ct", group, row.contact_id)
    name = open_words(key, row.name_ct, "contacts", "name_ct", group, row.contact_id)
    return name or shown(number)


def _member(tx: Tx, member_id: UUID | None, sealed: bytes | None) -> str:
    if member_id is None or sealed is None:
        return ""
    return open_words(tx.keys, sealed, "members", "name_ct", tx.group_id, member_id)
