"""Signing an access review: everybody in it decided about, as they stood, under one name.

What was shown is what is signed for: whoever changed since is looked at again. Who is removed is
out in the same transaction. The signature is a leaf of the ledger.

Not here: whom a reviewer decides about (`store.access_reviews`), changing a role (`members`).
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from lotline.actions.allowed import must
from lotline.actions.errors import NotYours, Refused
from lotline.actions.members import LONGEST_NAME, suspend_in
from lotline.core.people.roles import may_manage_members
from lotline.store.access import record_act
from lotline.store.access_reviews import load_access, record_review

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lotline.actions.context import Context
    from lotline.store.shown import Viewer

DECISIONS = ("keep", "change", "remove")


def sign_off(
    ctx: Context,
    viewer: Viewer,
    name: str,
    decided: Mapping[UUID, tuple[str, str]],
) -> datetime:
    """`decided`: each member's decision and the mark of what was shown. When it is due again."""
    must(viewer, may_manage_members)
    signed = " ".join(name.split())
    if not signed or len(signed) > LONGEST_NAME:
        raise Refused("Type your full name to sign.")
    with ctx.db.transaction(viewer.group_id) as tx:
        tx.run("members.in_turn")
        at = ctx.now()
        people = load_access(tx, viewer, at, steps=False)
        if decided.keys() - {one.id for one in people}:
            raise NotYours
        left = [one for one in people if decided.get(one.id, ("", ""))[0] not in DECISIONS]
        if left:
            raise Refused(f"Decide about everybody first: {left[0].name} is left.")
        for one in people:
            if decided[one.id][1] != one.mark:
                raise Refused(f"{one.name} changed since you opened this page. Look again.")
            if one.own and decided[one.id][0] != "keep":
                raise Refused("You can’t change or remove yourself.")
        if not people:
            raise Refused("There is nobody for you to review.")
        rows = [(one, decided[one.id][0]) for one in people]
        for one, decision in rows:
            if decision == "remove" and one.active:
                suspend_in(ctx, tx, viewer, one.id, "access review")
        review_id = ctx.new_id()
        due_at = record_review(tx, review_id, viewer, signed, at, rows)
        told: dict[str, object] = {
            decision: sorted(str(one.id) for one, which in rows if which == decision)
            for decision in DECISIONS
        }
        told["due"] = due_at.isoformat()
        record_act(
            tx,
            ctx.new_id(),
            "access_reviewed",
            actor_id=viewer.member_id,
            about_id=review_id,
            at=at,
            detail=told,
        )
        return due_at
