"""Whom a command means: a contact by its number or its id, in the one company that knows it; or a
member by name, or a line by its number.

Not here: what is then done (`evidence`, `erase`); a page has its viewer's company already.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from lotline.actions.errors import Refused
from lotline.actions.evidence_walk import About
from lotline.core.base.numbers import BadNumber, parse_number
from lotline.store.contacts import find_contact
from lotline.store.exports import find_line, find_members
from lotline.store.groups import load_group_ids
from lotline.store.standing import load_keys

if TYPE_CHECKING:
    from lotline.actions.context import Context


class Whom(NamedTuple):
    """A contact and the company whose it is."""

    group_id: UUID
    contact_id: UUID


def find_whom(
    ctx: Context, *, number: str = "", contact_id: UUID | None = None, group_id: UUID | None = None
) -> Whom:
    """The one there is. With several companies in one house, `group_id` says which."""
    assert bool(number) != (contact_id is not None), "one of the two names somebody"
    e164 = _e164(number) if number else ""
    groups = [group_id] if group_id else load_group_ids(ctx.db)
    found = []
    for one in groups:
        with ctx.db.transaction(one) as tx:
            if contact_id is None:
                known = find_contact(tx, e164)
                here = known.contact_id if known is not None else None
            else:
                here = contact_id if load_keys(tx, [contact_id]) else None
        if here is not None:
            found.append(Whom(one, here))
    if not found:
        raise Refused("Nobody here has that number or id.")
    if len(found) > 1:
        raise Refused(
            "Several companies know that number; say which with --group: "
            + ", ".join(str(one.group_id) for one in found)
        )
    return found[0]


def find_about(
    ctx: Context, *, member: str = "", line: str = "", group_id: UUID | None = None
) -> tuple[UUID, About]:
    """The one member or line that is meant, and the company whose it is."""
    found: list[tuple[UUID, About]] = []
    for one in [group_id] if group_id else load_group_ids(ctx.db):
        with ctx.db.transaction(one) as tx:
            if line:
                here = find_line(tx, _e164(line))
                found += [(one, About("line", here))] if here else []
            else:
                found += [(one, About("member", each)) for each in find_members(tx, member)]
    if not found:
        raise Refused("There is no such member or line here.")
    if len(found) > 1:
        ids = ", ".join(f"{about.id} of {group}" for group, about in found)
        raise Refused(f"Several are called that; give the id, or say which with --group: {ids}")
    return found[0]


def _e164(typed: str) -> str:
    try:
        return parse_number(typed).e164
    except BadNumber as error:
        raise Refused(str(error)) from error
