"""Saved replies that a member may use: their own, the company's, their stores'.

Not here: filling them in (`core.messaging`), changing them (`actions.templates`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lotline.store.reach import reach_of
from lotline.store.sealed import open_words, seal_words
from lotline.store.shown import Template

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from lotline.store.database import Tx
    from lotline.store.shown import Viewer


def load_templates(tx: Tx, viewer: Viewer) -> list[Template]:
    """The most used first."""
    reach = reach_of(viewer)
    rows = tx.all(
        "templates.list",
        member_id=reach.member_id,
        line_ids=reach.line_ids,
        store_ids=reach.store_ids,
        sees_all=reach.sees_all,
    )
    return [_template(tx, row) for row in rows]


def record_template(
    tx: Tx,
    template_id: UUID,
    *,
    shortcut: str,
    title: str,
    body: str,
    purpose: str,
    owner_id: UUID | None,
    store_id: UUID | None,
    at: datetime,
) -> None:
    """A new one; without an owner it is shared, within a store or the company."""
    words = _sealed(tx, template_id, title, body)
    tx.run(
        "templates.record",
        id=template_id,
        shortcut=shortcut,
        purpose=purpose,
        owner_id=owner_id,
        store_id=store_id,
        at=at,
        **words,
    )


def record_change(
    tx: Tx,
    template_id: UUID,
    *,
    shortcut: str,
    title: str,
    body: str,
    purpose: str,
    at: datetime,
) -> None:
    """Other words in the same place."""
    words = _sealed(tx, template_id, title, body)
    tx.run("templates.change", id=template_id, shortcut=shortcut, purpose=purpose, at=at, **words)


def _sealed(tx: Tx, template_id: UUID, title: str, body: str) -> dict[str, bytes]:
    return {
        "title_ct": seal_words(tx.keys, title, "templates", "title_ct", tx.group_id, template_id),
        "body_ct": seal_words(tx.keys, body, "templates", "body_ct", tx.group_id, template_id),
    }


def _template(tx: Tx, row: Any) -> Template:
    return Template(
        id=row.id,
        shortcut=row.shortcut,
        title=open_words(tx.keys, row.title_ct, "templates", "title_ct", tx.group_id, row.id),
        body=open_words(tx.keys, row.body_ct, "templates", "body_ct", tx.group_id, row.id),
        purpose=row.purpose,
        shared=row.owner_id is None,
    )
