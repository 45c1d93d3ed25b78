"""After a restore: what was waiting when the backup was made may have left since.

Sending it now could send it twice, so it becomes unknown: it is looked for at the carrier, and
then put to a person. What is due only later could not have left, and goes on waiting.

Not here: what was refused since (`restored`), looking for the unknown (`reconcile`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lotline.store.groups import load_group_ids
from lotline.store.outbox import lock_overdue, remove
from lotline.store.standing import lock_contacts
from lotline.store.texts import doubt, lock_texts, settle_conversations

if TYPE_CHECKING:
    from lotline.actions.context import Context


def doubt_what_waited(ctx: Context) -> int:
    """How many texts of all companies may have left unseen."""
    now = ctx.now()
    doubted = 0
    for group_id in load_group_ids(ctx.db):
        with ctx.db.transaction(group_id) as tx:
            overdue = lock_overdue(tx, now)
            lock_contacts(tx, overdue.values())
            rows = lock_texts(tx, overdue)
            doubted += doubt(tx, list(overdue), now)
            remove(tx, overdue)
            settle_conversations(tx, {row.conversation_id for row in rows.values()})
    return doubted
