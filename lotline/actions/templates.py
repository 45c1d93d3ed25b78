"""Saved replies: everybody keeps their own; those who look after others keep the shared ones.

Not here: filling one in (`core.messaging`). The gate decides, wherever a text's words are from.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lotline.actions.allowed import must
from lotline.actions.errors import NotAllowed, NotYours, Refused
from lotline.core.people.roles import may_edit_templates, may_text
from lotline.store.events import record_event
from lotline.store.templates import load_templates, record_change, record_template

if TYPE_CHECKING:
    from uuid import UUID

    from lotline.actions.context import Context
    from lotline.store.database import Tx
    from lotline.store.shown import Viewer

PURPOSES = ("reply", "update", "offer")
LONGEST_BODY = 1600
LONGEST_TITLE = 80
_SHORTCUT = re.compile(r"[a-z0-9][a-z0-9-]{0,23}")


@dataclass(frozen=True, slots=True)
class Words:
    """What a saved reply says, as typed."""

    shortcut: str
    title: str
    body: str
    purpose: str = "reply"


def add_template(
    ctx: Context,
    viewer: Viewer,
    words: Words,
    *,
    shared: bool = False,
    store_id: UUID | None = None,
) -> UUID:
    """One's own, or shared within a store, or with the whole company (an owner's)."""
    must(viewer, may_text)
    kept = _checked(words)
    if shared:
        _must_share(viewer, store_id)
    with ctx.db.transaction(viewer.group_id) as tx:
        template_id, at = ctx.new_id(), ctx.now()
        record_template(
            tx,
            template_id,
            shortcut=kept.shortcut,
            title=kept.title,
            body=kept.body,
            purpose=kept.purpose,
            owner_id=None if shared else viewer.member_id,
            store_id=store_id if shared else None,
            at=at,
        )
        _tell(ctx, tx, viewer, template_id, store_id, shared=shared)
        return template_id


def change_template(ctx: Context, viewer: Viewer, template_id: UUID, words: Words) -> None:
    """Other words for the same saved reply."""
    must(viewer, may_text)
    kept = _checked(words)
    with ctx.db.transaction(viewer.group_id) as tx:
        row = _theirs(tx, viewer, template_id)
        record_change(
            tx,
            template_id,
            shortcut=kept.shortcut,
            title=kept.title,
            body=kept.body,
            purpose=kept.purpose,
            at=ctx.now(),
        )
        _tell(ctx, tx, viewer, template_id, row.store_id, shared=row.owner_id is None)


def retire_template(ctx: Context, viewer: Viewer, template_id: UUID) -> None:
    """No longer offered."""
    must(viewer, may_text)
    with ctx.db.transaction(viewer.group_id) as tx:
        row = _theirs(tx, viewer, template_id)
        tx.run("templates.retire", id=template_id, at=ctx.now())
        _tell(ctx, tx, viewer, template_id, row.store_id, shared=row.owner_id is None)


def use_template(ctx: Context, viewer: Viewer, template_id: UUID) -> None:
    """Counted, so that what is used most stands first; nothing else comes of it."""
    must(viewer, may_text)
    with ctx.db.transaction(viewer.group_id) as tx:
        if template_id in {one.id for one in load_templates(tx, viewer)}:
            tx.run("templates.used", id=template_id)


def _theirs(tx: Tx, viewer: Viewer, template_id: UUID) -> Any:
    row = tx.one("templates.one", id=template_id)
    if row is None or row.owner_id not in {None, viewer.member_id}:
        raise NotYours
    if row.owner_id is None:
        _must_share(viewer, row.store_id)
    return row


def _must_share(viewer: Viewer, store_id: UUID | None) -> None:
    """What the whole company uses is for those who see all of it."""
    must(viewer, may_edit_templates)
    if store_id is None and not viewer.sees_all:
        raise NotAllowed
    if store_id is not None and store_id not in viewer.store_ids:
        raise NotYours


def _checked(words: Words) -> Words:
    shortcut = words.shortcut.strip().lower().removeprefix("/")
    title, body = words.title.strip(), words.body.strip()
    if not _SHORTCUT.fullmatch(shortcut):
        raise Refused("A shortcut is a short word of letters and digits, like hours.")
    if not title or len(title) > LONGEST_TITLE:
        raise Refused(f"Give it a title of up to {LONGEST_TITLE} letters.")
    if not body or len(body) > LONGEST_BODY:
        raise Refused(f"Write what it says, up to {LONGEST_BODY} letters.")
    if words.purpose not in PURPOSES:
        raise Refused("Choose Reply, Update or Offer.")
    return Words(shortcut, title, body, words.purpose)


def _tell(
    ctx: Context, tx: Tx, viewer: Viewer, template_id: UUID, store_id: UUID | None, *, shared: bool
) -> None:
    record_event(
        tx,
        "template",
        at=ctx.now(),
        store_id=store_id if shared else None,
        subject_id=template_id,
        member_id=None if shared else viewer.member_id,
    )
