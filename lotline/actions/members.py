"""Who works here: their role, their reach, their suspension, their name under the policy.

Nobody gives more than they have, nobody changes themselves, and one owner always stays. Each of
these acts is a leaf of the ledger; what it takes away is gone from the next request on.

Not here: signing in (`web`), sessions (`devices`), the table of roles (`core.people.roles`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from uuid import UUID

from lotline.actions.allowed import must, must_be_here
from lotline.actions.devices import tell_ended
from lotline.actions.errors import NotAllowed, NotYours, Refused
from lotline.actions.rights import fit, has, keep_rights, straighten
from lotline.core.people.roles import Role, may_give_role, may_manage_members
from lotline.store.access import record_act
from lotline.store.events import Happened, record_event, record_events
from lotline.store.leaving import load_leaving
from lotline.store.members import record_member, record_reach
from lotline.store.rights import Bent, load_bent

if TYPE_CHECKING:
    from lotline.actions.context import Context
    from lotline.store.database import Tx
    from lotline.store.shown import Viewer

LONGEST_NAME = 120


@dataclass(frozen=True, slots=True)
class Where:
    """Stores whole and lines one by one."""

    stores: frozenset[UUID] = frozenset()
    lines: frozenset[UUID] = frozenset()

    def as_detail(self) -> dict[str, list[str]]:
        return {
            "stores": [str(one) for one in sorted(self.stores)],
            "lines": [str(one) for one in sorted(self.lines)],
        }


@dataclass(frozen=True, slots=True)
class NewMember:
    """Somebody who starts here, as they were told to us."""

    name: str
    role: str
    where: Where = field(default_factory=Where)
    account_id: UUID | None = None
    title: str = ""
    hue: int = 200
    rights: Bent = field(default_factory=Bent)


def add_member(ctx: Context, viewer: Viewer, new: NewMember) -> UUID:
    """Their id. The account they sign in with sits in their place, if there is one yet."""
    must(viewer, may_manage_members)
    _must_give(viewer, new.role)
    name = new.name.strip()
    if not name or len(name) > LONGEST_NAME:
        raise Refused("Enter their name.")
    with ctx.db.transaction(viewer.group_id) as tx:
        return add_member_in(ctx, tx, viewer, replace(new, name=name))


def add_member_in(ctx: Context, tx: Tx, viewer: Viewer, new: NewMember) -> UUID:
    """The same, in a transaction that has begun."""
    _must_have(tx, viewer, new.where)
    member_id, at = ctx.new_id(), ctx.now()
    role = Role(new.role).value
    record_member(tx, member_id, new.name, role, at=at, title=new.title, hue=new.hue)
    _record_where(ctx, tx, member_id, new.where)
    rights = fit(viewer, new.role, new.rights)
    if rights != Bent():
        keep_rights(ctx, tx, viewer, member_id, rights, Bent())
    if new.account_id is not None:
        tx.run("accounts.seat", account_id=new.account_id, member_id=member_id)
    detail = {"role": new.role, **new.where.as_detail()}
    _tell(ctx, tx, viewer, "member_added", about=member_id, detail=detail)
    return member_id


def set_reach(
    ctx: Context,
    viewer: Viewer,
    member_id: UUID,
    *,
    store_ids: Iterable[UUID] = (),
    line_ids: Iterable[UUID] = (),
) -> int:
    """These stores and lines and no others; how many conversations became nobody's by it."""
    must(viewer, may_manage_members)
    where = Where(frozenset(store_ids), frozenset(line_ids))
    with ctx.db.transaction(viewer.group_id) as tx:
        must_be_theirs(tx, viewer, member_id)
        return change_reach_in(ctx, tx, viewer, member_id, where)


def change_reach_in(ctx: Context, tx: Tx, viewer: Viewer, member_id: UUID, where: Where) -> int:
    """The same, in a transaction that holds the member already."""
    _must_have(tx, viewer, where)
    _record_where(ctx, tx, member_id, where)
    left = tx.all("members.release", member_id=member_id)
    happened = [
        Happened("conversation", row.store_id, row.line_id, row.id, row.contact_id) for row in left
    ]
    record_events(tx, happened, ctx.now())
    _tell(ctx, tx, viewer, "reach", about=member_id, detail=where.as_detail())
    return len(left)


def set_role(ctx: Context, viewer: Viewer, member_id: UUID, role: str) -> None:
    """Another role, which the giver must be able to give and to take."""
    must(viewer, may_manage_members)
    _must_give(viewer, role)
    with ctx.db.transaction(viewer.group_id) as tx:
        change_role_in(ctx, tx, viewer, must_be_theirs(tx, viewer, member_id), role)


def change_role_in(ctx: Context, tx: Tx, viewer: Viewer, row: Any, role: str) -> None:
    """The same, in a transaction that holds the member already: their `row`."""
    if row.role == role:
        return
    must_leave_an_owner(tx, row)
    tx.run("members.set_role", id=row.id, role=role)
    straighten(ctx, tx, viewer, row.id, row.role, role)
    _tell(ctx, tx, viewer, "role", about=row.id, detail={"from": row.role, "to": role})


def set_rights(ctx: Context, viewer: Viewer, member_id: UUID, asked: Bent) -> Bent:
    """How the member's rights differ from their role's, from their next request on."""
    must(viewer, may_manage_members)
    with ctx.db.transaction(viewer.group_id) as tx:
        row = must_be_theirs(tx, viewer, member_id)
        before = load_bent(tx, member_id)
        bent = fit(viewer, row.role, asked, had=has(row.role, before))
        if bent.taken - asked.taken:
            raise NotAllowed  # giving back is giving
        if bent != before:
            keep_rights(ctx, tx, viewer, member_id, bent, before)
            _show(ctx, tx, member_id)
        return bent


def suspend(ctx: Context, viewer: Viewer, member_id: UUID, reason: str = "") -> int:
    """Out, at once: they reach nothing and every session ends; how many did."""
    must(viewer, may_manage_members)
    with ctx.db.transaction(viewer.group_id) as tx:
        return suspend_in(ctx, tx, viewer, member_id, reason)


def suspend_in(ctx: Context, tx: Tx, viewer: Viewer, member_id: UUID, reason: str) -> int:
    """The same, as a part of something larger."""
    row = must_be_theirs(tx, viewer, member_id)
    if row.suspended:
        return 0
    must_leave_an_owner(tx, row)
    at = ctx.now()
    tx.run(
        "members.suspend",
        id=ctx.new_id(),
        member_id=member_id,
        suspended_by=viewer.member_id,
        at=at,
        reason=reason.strip(),
    )
    ended = tx.all(
        "devices.end",
        member_id=member_id,
        ended_by=viewer.member_id,
        why="suspended",
        at=at,
        id=None,
        but=None,
    )
    tell_ended(tx, member_id, [one.id for one in ended], at)
    detail = {"devices": [str(one.id) for one in ended]}
    _tell(ctx, tx, viewer, "suspended", about=member_id, detail=detail)
    return len(ended)


def lift_suspension(ctx: Context, viewer: Viewer, member_id: UUID) -> None:
    """Back at work; they sign in anew."""
    must(viewer, may_manage_members)
    with ctx.db.transaction(viewer.group_id) as tx:
        must_be_theirs(tx, viewer, member_id)
        if load_leaving(tx, member_id) is not None:
            raise Refused("They left, and their account is closed. Invite them anew.")
        at = ctx.now()
        if tx.run("members.lift", member_id=member_id, lifted_by=viewer.member_id, at=at):
            _tell(ctx, tx, viewer, "suspension_lifted", about=member_id, detail={})


# What a member may set for themselves, and to what.
_CHOICES: dict[str, frozenset[Any]] = {
    "undo_s": frozenset({10, 30, 60}),
    "theme": frozenset({"auto", "light", "dark"}),
    "density": frozenset({"normal", "compact"}),
    "shortcuts": frozenset({True, False}),
    "enter_sends": frozenset({True, False}),
    "notify": frozenset({"none", "line", "initials"}),
}


def choose(ctx: Context, viewer: Viewer, **choices: Any) -> None:
    """The member's own settings; those not named stay as they are."""
    must_be_here(viewer)
    for name, value in choices.items():
        if value not in _CHOICES.get(name, ()):
            raise Refused("That choice isn't one of those offered.")
    with ctx.db.transaction(viewer.group_id) as tx:
        tx.run("members.set_settings", id=viewer.member_id, settings=choices)
        record_event(tx, "member", at=ctx.now(), member_id=viewer.member_id)


def must_be_theirs(tx: Tx, viewer: Viewer, member_id: UUID) -> Any:
    """Another member, locked, all of whose reach the viewer has."""
    tx.run("members.in_turn")
    row = tx.one("members.one", id=member_id)
    if row is None:
        raise NotYours
    if member_id == viewer.member_id:
        raise Refused("Someone else has to change this for you.")
    if not viewer.sees_all and not set(row.line_ids) & viewer.line_ids:
        raise NotYours
    if not may_give_role(viewer.role, row.role) or (
        not viewer.sees_all and not set(row.line_ids) <= viewer.line_ids
    ):
        raise NotAllowed
    return row


def _must_give(viewer: Viewer, role: str) -> None:
    if role not in list(Role):
        raise Refused("Choose a role.")
    if not may_give_role(viewer.role, role):
        raise NotAllowed


def _must_have(tx: Tx, viewer: Viewer, where: Where) -> None:
    """Nobody gives a reach they do not have, nor one that is not there."""
    if not viewer.sees_all and not (
        where.stores <= viewer.store_ids and where.lines <= viewer.line_ids
    ):
        raise NotYours
    there = tx.only(
        "members.reach_exists", store_ids=sorted(where.stores), line_ids=sorted(where.lines)
    )
    if (there.stores, there.lines) != (len(where.stores), len(where.lines)):
        raise NotYours


def must_leave_an_owner(tx: Tx, row: Any) -> None:
    if row.role == Role.OWNER and tx.only("members.owners_left", id=row.id).owners == 0:
        raise Refused("A company needs an owner. Make someone else an owner first.")


def _record_where(ctx: Context, tx: Tx, member_id: UUID, where: Where) -> None:
    record_reach(tx, member_id, store_ids=where.stores, line_ids=where.lines, new_id=ctx.new_id)


def _tell(
    ctx: Context, tx: Tx, viewer: Viewer, what: str, *, about: UUID, detail: dict[str, Any]
) -> None:
    """In the ledger, to the member's own screens, and to those who look after members."""
    at = ctx.now()
    record_act(
        tx,
        ctx.new_id(),
        what,
        actor_id=viewer.member_id,
        about_id=about,
        at=at,
        detail=detail,
    )
    _show(ctx, tx, about)


def _show(ctx: Context, tx: Tx, about: UUID) -> None:
    at = ctx.now()
    record_event(tx, "member", at=at, subject_id=about, member_id=about)
    record_event(tx, "member", at=at, subject_id=about)
