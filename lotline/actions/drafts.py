"""Drafts: what a member is writing, kept on the server for each of their screens.

Not here: sending it (`submit`), keeping it when a stop comes (`receive`, `consent`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lotline.actions.allowed import must
from lotline.actions.conversations import reached
from lotline.actions.errors import Refused
from lotline.core.people.roles import may_text
from lotline.store.events import record_event
from lotline.store.sealed import contact_key, seal_words

if TYPE_CHECKING:
    from uuid import UUID

    from lotline.actions.context import Context
    from lotline.store.shown import Viewer

LONGEST = 10_000


def save_draft(ctx: Context, viewer: Viewer, conversation_id: UUID, body: str) -> None:
    """The last edit wins; an empty box is no draft. Their other screens are told."""
    must(viewer, may_text)
    if len(body) > LONGEST:
        raise Refused("That is too long for a text. Shorten it to keep it.")
    with ctx.db.transaction(viewer.group_id) as tx:
        row = reached(tx, viewer, conversation_id, lock=False)[0]
        place = {"conversation_id": conversation_id, "member_id": viewer.member_id}
        key = contact_key(tx, row.contact_id, row.key_wrapped, row.erased_at)
        at = ctx.now()
        if not body.strip() or key is None:
            tx.run("drafts.clear", **place)
        else:
            ids = (conversation_id, viewer.member_id)
            tx.run(
                "drafts.save",
                body_ct=seal_words(key, body, "drafts", "body_ct", tx.group_id, *ids),
                device_id=viewer.device_id,
                at=at,
                **place,
            )
        record_event(
            tx,
            "draft",
            at=at,
            line_id=row.line_id,
            conversation_id=conversation_id,
            subject_id=viewer.device_id,
            member_id=viewer.member_id,
        )
