"""Invitations: an account waits for its person, who chooses the first password by a link.

The address they will sign in with is kept only as a keyed hash, so nobody can read it back. One
link opens an account at a time: a new one ends the one before it, and a password ends the last.

Not here: making and reading the link itself (`web.invitations`), what they may do (`members`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from uuid import UUID

from lotline.actions.allowed import must
from lotline.actions.errors import Refused
from lotline.actions.members import NewMember, add_member, must_be_theirs
from lotline.core.people.roles import Role, may_manage_members
from lotline.store import accounts
from lotline.store.access import record_act
from lotline.store.identity import load_sits, record_moved_seat
from lotline.store.invitations import Waiting, load_waiting
from lotline.store.leaving import load_leaving

if TYPE_CHECKING:
    from lotline.actions.context import Context
    from lotline.store.shown import Viewer

TAKEN = "Somebody signs in with that address already."
USED = "This invitation was used already."
NO_ADDRESS = "Enter the email address they will sign in with."


@dataclass(frozen=True, slots=True)
class Invited:
    """Whose link it is to be, and the mark that only the newest link bears."""

    account_id: UUID
    mark: str


def invite(ctx: Context, viewer: Viewer, new: NewMember, email: str) -> Invited:
    """The account that waits. The member is made first: an account without a seat opens nothing."""
    address = _address(email)
    if new.role in {"staff", "manager"} and not (new.where.lines or new.where.stores):
        raise Refused("Choose at least one store or line for them.")
    if accounts.find_account(ctx.ring.root, address) is not None:
        raise Refused(TAKEN)
    account_id = ctx.new_id()
    add_member(ctx, viewer, replace(new, account_id=account_id))
    _record(ctx, account_id, address)
    return _newest(account_id)


def invite_again(ctx: Context, viewer: Viewer, member_id: UUID, email: str = "") -> Invited:
    """A link for a member who has no password yet, in place of every link before it.

    `email` is what they will sign in with, for somebody who has no account: whom a directory told
    us of.
    """
    must(viewer, may_manage_members)
    address = ""
    with ctx.db.transaction(viewer.group_id) as tx:
        row = must_be_theirs(tx, viewer, member_id)
        if load_leaving(tx, member_id) is not None:
            raise Refused("They left, and their account is closed. Invite them anew.")
        waiting = load_waiting(tx, member_id)
        why_not = says_why_not(viewer, row.role, waiting)
        if why_not or waiting is None:
            raise Refused(why_not)
        account_id = waiting.account_id
        if not waiting.has_account:
            address = _address(email)
        record_act(
            tx, ctx.new_id(), "invited", actor_id=viewer.member_id, about_id=member_id, at=ctx.now()
        )
    if account_id is None:
        account_id = seat_account(ctx, viewer.group_id, member_id, address, taken=TAKEN)
    elif address:
        _record(ctx, account_id, address)  # whoever made the seat did not come to the account
    return _newest(account_id)


def says_why_not(viewer: Viewer, role: str, waiting: Waiting | None) -> str:
    """Why no link may be made for a member of this role; empty when one may.

    A link is the key to all that somebody wrote: for a member who was ever here as themselves only
    an owner makes one, and only when nothing else lets them in.
    """
    if waiting is None:
        return "They have a password already."
    provider = waiting.provider
    if provider is not None and provider.required and role != Role.OWNER:
        return f"People here sign in by {provider.name} alone."
    if waiting.came and provider is not None:
        return f"They sign in by {provider.name}."
    if waiting.came and viewer.role != Role.OWNER:
        return "They were here before, by a directory that is gone. An owner makes their link."
    return ""


def seat_account(
    ctx: Context, group_id: UUID, member_id: UUID, address: str, *, taken: str
) -> UUID:
    """An account without a password for a member who has none; of somebody back, theirs again."""
    there = accounts.find_account(ctx.ring.root, address)
    if there is None:
        account_id = ctx.new_id()
        with ctx.db.transaction(group_id) as tx:
            accounts.record_seat(tx, account_id, member_id)
        _record(ctx, account_id, address)
        return account_id
    with ctx.db.door() as door:
        seat = door.one("viewer.seat", account_id=there.id)
    with ctx.db.transaction(group_id) as tx:
        ours = seat is not None and seat.group_id == group_id
        before = load_sits(tx, seat.member_id) if ours else None
        if before is None or not before.gone:
            raise Refused(taken)
        record_moved_seat(tx, there.id, member_id)
    accounts.reopen_account(there.id)
    return UUID(str(there.id))


def take_up(account_id: UUID, mark: str, password: str) -> list[str]:
    """What is wrong with the password, in sentences; nothing when it is set and the link spent."""
    account = accounts.waiting_account(account_id, mark)
    if account is None:
        raise Refused(USED)
    try:
        return accounts.set_first_password(account, password)
    except accounts.NoLongerWaits:
        raise Refused(USED) from None


def close(account_id: UUID) -> int:
    """Nobody signs in by it again; how many passkeys went with it."""
    gone = accounts.drop_passkeys(account_id)
    accounts.close_account(account_id)
    return gone


def _address(email: str) -> str:
    address = email.strip()
    if "@" not in address or address.startswith("@") or address.endswith("@"):
        raise Refused(NO_ADDRESS)
    return address


def _record(ctx: Context, account_id: UUID, address: str) -> None:
    try:
        accounts.record_account(ctx.ring.root, account_id, address, None)
    except accounts.AddressTaken:
        raise Refused(TAKEN) from None


def _newest(account_id: UUID) -> Invited:
    try:
        return Invited(account_id, accounts.renew_waiting(account_id))
    except accounts.NoLongerWaits:
        raise Refused(USED) from None
