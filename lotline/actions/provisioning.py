"""Provisioning: an identity provider tells who works here, and who does no more.

Whoever it tells us of is a member without a sign-in, and one whom it ends leaves as anybody who is
let go: in the same transaction, with the same receipt, and the provider named as who did it. It
never makes an owner, never takes the last one, and never brings back whom a person here let go.

Not here: its name and tokens (`identity`), leaving itself (`leaving`), the protocol (`web.scim`).
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

from lotline.actions.context import again
from lotline.actions.errors import NotYours, Refused
from lotline.actions.leaving import Left, Successor, let_go_in
from lotline.actions.members import (
    NewMember,
    Where,
    add_member_in,
    change_reach_in,
    change_role_in,
    must_be_theirs,
)
from lotline.core.people.identity import Meaning, rights_of
from lotline.core.people.roles import Role
from lotline.store import accounts
from lotline.store.access import record_act
from lotline.store.events import record_event
from lotline.store.identity import Provider, load_as_viewer, load_sits
from lotline.store.leaving import load_leaving
from lotline.store.members import record_names
from lotline.store.provisioning import (
    load_groups,
    load_people,
    record_description,
    record_group,
    record_group_people,
    record_group_words,
    record_person,
)
from lotline.store.shown import hue_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from lotline.actions.context import Context
    from lotline.actions.provisioning_calls import Caller
    from lotline.core.people.identity import Described
    from lotline.store.database import Tx
    from lotline.store.shown import Viewer


class Taken(Exception):
    """Somebody has that name, or that id, already."""


class Changed(Exception):
    """They are not as the caller last saw them."""


def add_person(ctx: Context, caller: Caller, told: Described) -> UUID:
    """Somebody new to us, or a member who signs in with that address and is now the provider's."""
    return again(partial(_add_person, ctx, caller, told))


def change_person(
    ctx: Context, caller: Caller, identity_id: UUID, told: Described, version: int
) -> Left | None:
    """As they are described now. Whoever is active no more has left when this returns.

    Their account is still to be closed (`invitations.close`), as after any leaving.
    """
    return again(partial(_change_person, ctx, caller, identity_id, told, version))


def remove_person(
    ctx: Context, caller: Caller, identity_id: UUID, version: int | None = None
) -> Left | None:
    """The provider knows them no more: they have left."""
    return again(partial(_remove_person, ctx, caller, identity_id, version))


def add_group(
    ctx: Context, caller: Caller, words: Mapping[str, str], people: Iterable[UUID]
) -> UUID:
    """A group at the provider. It means nothing until the owner says what."""
    with ctx.db.transaction(caller.group_id) as tx:
        tx.run("members.in_turn")
        made, wanted = ctx.new_id(), set(people)
        record_group(tx, made, caller.provider.id, words, ctx.now())
        _must_know(record_group_people(tx, made, wanted), wanted)
        return made


def change_group(  # noqa: PLR0917  # one call's worth of values
    ctx: Context,
    caller: Caller,
    provider_group_id: UUID,
    words: Mapping[str, str],
    people: Iterable[UUID],
    version: int,
) -> None:
    """What it is called and who is in it, in place of what was before."""
    wanted = set(people)

    def change() -> None:
        with ctx.db.transaction(caller.group_id) as tx:
            tx.run("members.in_turn")
            found = load_groups(tx, [provider_group_id])
            if not found:
                raise NotYours
            if found[0].version != version:
                raise Changed
            record_group_words(tx, provider_group_id, words, ctx.now())
            _must_know(record_group_people(tx, provider_group_id, wanted), wanted)
            touched = wanted ^ set(found[0].people)
            follow_groups(ctx, tx, load_as_viewer(tx, caller.provider), touched)

    again(change)


def remove_group(
    ctx: Context, caller: Caller, provider_group_id: UUID, version: int | None = None
) -> None:
    """What it gave, it gives no more."""

    def remove() -> None:
        with ctx.db.transaction(caller.group_id) as tx:
            tx.run("members.in_turn")
            found = load_groups(tx, [provider_group_id])
            if not found:
                raise NotYours
            if version is not None and found[0].version != version:
                raise Changed
            tx.run("provisioning.remove_group", id=provider_group_id, at=ctx.now())
            record_group_people(tx, provider_group_id, ())
            acting = load_as_viewer(tx, caller.provider)
            follow_groups(ctx, tx, acting, found[0].people)

    again(remove)


def follow_groups(ctx: Context, tx: Tx, acting: Viewer, ids: Iterable[UUID]) -> int:
    """Role and stores of these people are what their groups give; how many members changed.

    Whom no group that means anything ever held, keeps what a person here gave them; whom the last
    one let go of, keeps nothing of it. Owners are nobody's to change from there.
    """
    wanted = sorted(set(ids))
    people = load_people(tx, wanted) if wanted else []
    return sum(_follow(ctx, tx, acting, one.id) for one in people if one.active)


def _follow(ctx: Context, tx: Tx, acting: Viewer, identity_id: UUID) -> bool:
    person = tx.one("provisioning.lock_person", id=identity_id)
    if person is None or person.member_id is None or person.member_id == acting.member_id:
        return False
    rows = tx.all("provisioning.meanings", identity_id=identity_id)
    rights = rights_of(Meaning(row.role, tuple(row.store_ids)) for row in rows)
    if rights is None and not person.by_groups:
        return False
    member = must_be_theirs(tx, acting, person.member_id)
    if member.role == Role.OWNER:
        return False
    role = rights.role if rights else Role.STAFF
    stores = rights.stores if rights else frozenset()
    change_role_in(ctx, tx, acting, member, role.value)
    if not stores <= acting.store_ids:
        stores &= acting.store_ids  # a store that is no more
    change_reach_in(ctx, tx, acting, person.member_id, Where(stores=stores))
    tx.run("provisioning.set_by_groups", id=identity_id, by_groups=rights is not None)
    return True


def _add_person(ctx: Context, caller: Caller, told: Described) -> UUID:
    known = _member_of(ctx, caller, told)
    with ctx.db.transaction(caller.group_id) as tx:
        tx.run("members.in_turn")
        _must_be_free(tx, told, None)
        identity_id = ctx.new_id()
        record_person(tx, identity_id, caller.provider.id, told, ctx.now())
        if told.active is not False:
            _begin(ctx, tx, caller, identity_id, told, known)
        return identity_id


def _change_person(
    ctx: Context, caller: Caller, identity_id: UUID, told: Described, version: int
) -> Left | None:
    known = _member_of(ctx, caller, told) if told.active is not False else None
    with ctx.db.transaction(caller.group_id) as tx:
        tx.run("members.in_turn")
        row = tx.one("provisioning.lock_person", id=identity_id)
        if row is None:
            raise NotYours
        if row.version != version:
            raise Changed
        _must_be_free(tx, told, identity_id)
        record_description(tx, identity_id, told, ctx.now())
        gone = row.member_id is not None and load_leaving(tx, row.member_id) is not None
        works = row.active and not gone
        wanted = works if told.active is None else told.active
        if wanted and not works:
            _begin(ctx, tx, caller, identity_id, told, None if gone else known)
        elif wanted:
            record_names(tx, row.member_id, told.shown_name, told.shown_title)
            record_event(tx, "member", at=ctx.now(), subject_id=row.member_id)
        elif row.active:
            return _end(ctx, tx, caller, identity_id, row.member_id)
        return None


def _remove_person(
    ctx: Context, caller: Caller, identity_id: UUID, version: int | None
) -> Left | None:
    with ctx.db.transaction(caller.group_id) as tx:
        tx.run("members.in_turn")
        row = tx.one("provisioning.lock_person", id=identity_id)
        if row is None:
            raise NotYours
        if version is not None and row.version != version:
            raise Changed
        left = _end(ctx, tx, caller, identity_id, row.member_id) if row.active else None
        tx.run("provisioning.forget_person_in_groups", identity_id=identity_id)
        tx.run("provisioning.remove_person", id=identity_id, at=ctx.now())
        return left


def _begin(  # noqa: PLR0917  # one act's worth of values
    ctx: Context,
    tx: Tx,
    caller: Caller,
    identity_id: UUID,
    told: Described,
    known: UUID | None,
) -> None:
    """They work here: as the member they were found to be, or as a new one without any right.

    Whoever comes back after leaving has signed nothing and passed nothing, and so may not text.
    """
    acting = load_as_viewer(tx, caller.provider)
    row = tx.only("provisioning.lock_person", id=identity_id)
    if row.member_id is not None:
        leaving = load_leaving(tx, row.member_id)
        if leaving is not None and leaving.let_go_by != caller.provider.id:
            raise Refused("They were let go here. Somebody who may invites them anew.")
        known = row.member_id if leaving is None else None
    if known is not None and tx.one("provisioning.taken_member", member_id=known) is not None:
        known = row.member_id if known == row.member_id else None
    member_id = known
    if member_id is None:
        new = NewMember(
            told.shown_name, Role.STAFF.value, title=told.shown_title, hue=hue_of(identity_id)
        )
        member_id = add_member_in(ctx, tx, acting, new)
    else:
        by, at = caller.provider.id, ctx.now()
        record_act(tx, ctx.new_id(), "provisioned", actor_id=by, about_id=member_id, at=at)
    tx.run("provisioning.set_member", id=identity_id, member_id=member_id, active=True)
    _follow(ctx, tx, acting, identity_id)


def _end(
    ctx: Context, tx: Tx, caller: Caller, identity_id: UUID, member_id: UUID | None
) -> Left | None:
    """All that leaving does. Whoever had left before, or never began, is only noted."""
    tx.run("provisioning.set_member", id=identity_id, member_id=member_id, active=False)
    tx.run("provisioning.set_by_groups", id=identity_id, by_groups=False)
    if member_id is None or load_leaving(tx, member_id) is not None:
        return None
    acting = load_as_viewer(tx, caller.provider)
    return let_go_in(ctx, tx, acting, member_id, _heir(tx, caller.provider, member_id))


def _heir(tx: Tx, provider: Provider, leaver: UUID) -> Successor:
    """Who the owner said takes it, as far as they still can."""
    if provider.heir == "in_turn":
        return Successor(in_turn=True, or_nobody=True)
    if provider.heir_id is None or provider.heir_id == leaver:
        return Successor()
    sits = load_sits(tx, provider.heir_id)
    if sits is None or sits.suspended or sits.gone:
        return Successor()
    return Successor(provider.heir_id, or_nobody=True)


def _member_of(ctx: Context, caller: Caller, told: Described) -> UUID | None:
    """The member who signs in with one of their addresses, if there is one in this company."""
    found = [accounts.find_account(ctx.ring.root, one) for one in told.addresses]
    ids = [one.id for one in found if one is not None]
    if not ids:
        return None
    with ctx.db.door() as door:
        seats = [door.one("viewer.seat", account_id=one) for one in ids]
    members: list[UUID] = [
        one.member_id for one in seats if one and one.group_id == caller.group_id
    ]
    for member_id in members:
        with ctx.db.transaction(caller.group_id) as tx:
            sits = load_sits(tx, member_id)
        if sits is not None and not sits.gone:
            return member_id
    return None


def _must_be_free(tx: Tx, told: Described, but: UUID | None) -> None:
    same = load_people(tx, user_name=told.user_name)
    if told.external_id:
        same += load_people(tx, external_id=told.external_id)
    if any(one.id != but for one in same):
        raise Taken


def _must_know(known: int, wanted: set[UUID]) -> None:
    if known != len(wanted):
        raise Refused("A group holds people that we were told of, and no groups.")
