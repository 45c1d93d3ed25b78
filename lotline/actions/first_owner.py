"""The first owner: an account and a company at once, in a house that has none.

Not here: the link that lets somebody do this (`web.first_run`), founding as such (`founding`).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any
from uuid import UUID

from lotline.actions.errors import Refused
from lotline.actions.founding import Founding, found_company
from lotline.store import accounts
from lotline.store.groups import load_group_ids

if TYPE_CHECKING:
    from lotline.actions.context import Context


def found_first(ctx: Context, founding: Founding, *, email: str, password: str) -> Any:
    """The account, ready to sign in. It is made first: a company without one would be nobody's."""
    address = email.strip()
    if "@" not in address or address.startswith("@") or address.endswith("@"):
        raise Refused("Enter the email address you will sign in with.")
    if not founding.owner.strip():
        raise Refused("Enter your name.")
    if not founding.company.strip():
        raise Refused("Enter your company's name.")
    if load_group_ids(ctx.db):
        raise Refused("There is a company already.")
    root = ctx.ring.root
    account = accounts.find_account(root, address)
    if account is None:
        account = accounts.record_account(root, ctx.new_id(), address, password)
    else:  # of a start that broke off here
        account.set_password(password)
        account.save(update_fields=["password"])
    found_company(ctx, replace(founding, account_id=UUID(str(account.pk))))
    return account
