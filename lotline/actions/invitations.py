"""Invitations: an account waits for its person, who chooses the first password by a link.

The address they will sign in with is kept only as a keyed hash, so nobody can read it back; the
link is spent once a password was chosen.

Not here: making and reading the link itself (`web.team`), what they may do (`members`).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from lotline.actions.errors import Refused
from lotline.actions.members import NewMember, add_member
from lotline.store import accounts

if TYPE_CHECKING:
    from uuid import UUID

    from lotline.actions.context import Context
    from lotline.store.shown import Viewer

TAKEN = "Somebody signs in with that address already."


def invite(ctx: Context, viewer: Viewer, new: NewMember, email: str) -> UUID:
    """The account that waits. The member is made first: an account without a seat opens nothing."""
    address = email.strip()
    if "@" not in address or address.startswith("@") or address.endswith("@"):
        raise Refused("Enter the email address they will sign in with.")
    if new.role in {"staff", "manager"} and not (new.where.lines or new.where.stores):
        raise Refused("Choose at least one line for them.")
    if accounts.find_account(ctx.ring.root, address) is not None:
        raise Refused(TAKEN)
    account_id = ctx.new_id()
    add_member(ctx, viewer, replace(new, account_id=account_id))
    try:
        accounts.record_account(ctx.ring.root, account_id, address, None)
    except accounts.AddressTaken:
        raise Refused(TAKEN) from None
    return account_id


def take_up(account_id: UUID, password: str) -> list[str]:
    """What is wrong with the password, in sentences; nothing when it is set and the link spent."""
    account = accounts.waiting_account(account_id)
    if account is None:
        raise Refused("This invitation was used already.")
    return accounts.set_first_password(account, password)


def close(account_id: UUID) -> int:
    """Nobody signs in by it again; how many passkeys went with it."""
    gone = accounts.drop_passkeys(account_id)
    accounts.close_account(account_id)
    return gone
