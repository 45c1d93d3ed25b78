"""Rights beyond a role, and rights taken from it: what of them one may give another.

Nobody gives what they do not have, and nobody bends what the table keeps straight. Each change is
a leaf of the ledger that says what was before.

Not here: the table (`core.people.rights`), whose rights one may change (`members.set_rights`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lotline.actions.errors import NotAllowed, Refused
from lotline.core.people.rights import RIGHTS, Right, Role, may, may_be_given
from lotline.store.access import record_act
from lotline.store.rights import Bent, load_bent, record_bent

if TYPE_CHECKING:
    from uuid import UUID

    from lotline.actions.context import Context
    from lotline.store.database import Tx
    from lotline.store.shown import Viewer


def fit(viewer: Viewer, role: str, asked: Bent, had: frozenset[Right] = frozenset()) -> Bent:
    """`asked`, as somebody of `role` can have it from this viewer.

    What a role brings and the giver has lost does not come with it, unless the member `had` it.
    """
    if any(not RIGHTS[one].given for one in asked.given) or any(
        not RIGHTS[one].taken for one in asked.taken
    ):
        raise Refused("That right belongs to the role.")
    own = _of_role(role)
    given = frozenset(one for one in asked.given - own if may_be_given(one, role))
    taken = asked.taken & own
    lacks = {one for one in (own - taken | given) - had if not may(viewer.role, one)}
    if lacks & given:
        raise NotAllowed
    return Bent(given, taken | frozenset(one for one in lacks if RIGHTS[one].taken))


def keep_rights(  # noqa: PLR0917  # one act
    ctx: Context, tx: Tx, viewer: Viewer, member_id: UUID, bent: Bent, before: Bent
) -> None:
    """Kept, and told to the ledger."""
    at = ctx.now()
    record_bent(tx, member_id, bent, by=viewer.member_id, at=at)
    record_act(
        tx,
        ctx.new_id(),
        "rights",
        actor_id=viewer.member_id,
        about_id=member_id,
        at=at,
        detail={"from": before.as_detail(), "to": bent.as_detail()},
    )


def straighten(  # noqa: PLR0917  # one change of role
    ctx: Context, tx: Tx, viewer: Viewer, member_id: UUID, old: str, new: str
) -> None:
    """After a change of role, what still differs from it."""
    before = load_bent(tx, member_id)
    kept = Bent(before.given, before.taken)
    bent = fit(viewer, new, kept, had=has(old, before))
    if bent != before:
        keep_rights(ctx, tx, viewer, member_id, bent, before)


def _of_role(role: str) -> frozenset[Right]:
    return frozenset(one for one in Right if may(Role(role), one))


def has(role: str, bent: Bent) -> frozenset[Right]:
    """What somebody of this role may do, all told."""
    return _of_role(role) - bent.taken | bent.given
