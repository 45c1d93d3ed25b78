"""The owner chooses what a store watches for. Each choice is in the ledger, and none is changed.

Not here: what the choices are (`core.oversight.watch`), looking at texts (`screening`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lotline.actions.allowed import must
from lotline.actions.errors import NotYours, Refused
from lotline.core.oversight.watch import MOST_WORDS, Watch, watch_to_json
from lotline.core.people.roles import may_change_rules
from lotline.store.access import record_act
from lotline.store.profiles import lock_profile
from lotline.store.watch import load_watches, record_watch

if TYPE_CHECKING:
    from uuid import UUID

    from lotline.actions.context import Context
    from lotline.store.shown import Viewer

LONGEST_WORD = 80


def choose_watch(ctx: Context, viewer: Viewer, store_id: UUID, watch: Watch) -> bool:
    """In force from the next text on. False: it was in force already."""
    must(viewer, may_change_rules)
    if store_id not in viewer.store_ids:
        raise NotYours
    if len(watch.words) > MOST_WORDS or len(watch.known) > MOST_WORDS:
        raise Refused(f"A list holds {MOST_WORDS} lines at most.")
    if any(len(word) > LONGEST_WORD for word in (*watch.words, *watch.known)):
        raise Refused(f"A line of a list has {LONGEST_WORD} characters at most.")
    with ctx.db.transaction(viewer.group_id) as tx:
        lock_profile(tx)
        before = load_watches(tx).of(store_id)
        if before == watch:
            return False
        choice_id, now = ctx.new_id(), ctx.now()
        record_watch(tx, choice_id, store_id, watch, by=viewer.member_id, at=now)
        was, plain = watch_to_json(before), watch_to_json(watch)
        changed = {
            f"{side}.{name}": step
            for side in ("out", "came")
            for name, step in plain[side].items()
            if was[side][name] != step
        }
        record_act(
            tx,
            ctx.new_id(),
            "watch",
            actor_id=viewer.member_id,
            about_id=store_id,
            at=now,
            detail={
                "choice": str(choice_id),
                "changed": changed,
                "mask": plain["mask"],
                "sample": watch.sample,
                "words": len(watch.words),
            },
        )
        return True
