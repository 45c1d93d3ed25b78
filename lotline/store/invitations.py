"""Invitations: how a member stands who has no password yet, and by what they may come in instead.

Not here: who may make a link for them (`actions.invitations`), the account itself (`accounts`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lotline.store import accounts
from lotline.store.identity import Provider, load_provider
from lotline.store.sealed import open_json

if TYPE_CHECKING:
    from uuid import UUID

    from lotline.store.database import Tx


@dataclass(frozen=True, slots=True)
class Waiting:
    """A member without a password of their own."""

    account_id: UUID | None  # None: nobody sits in their place
    has_account: bool
    told: str  # the address that the company's provider gave of them
    came: bool  # they have signed in before, by the provider
    provider: Provider | None  # by whom they may sign in now


def load_waiting(tx: Tx, member_id: UUID) -> Waiting | None:
    """None: they have a password, or their account was closed."""
    account_id = accounts.account_of(tx, member_id)
    has_account = account_id is not None and accounts.is_there(account_id)
    if account_id is not None and has_account and accounts.waiting_account(account_id) is None:
        return None
    provider = load_provider(tx)
    return Waiting(
        account_id,
        has_account,
        _told(tx, member_id),
        tx.only("accounts.came", member_id=member_id).came,
        provider if provider is not None and provider.sign_in else None,
    )


def _told(tx: Tx, member_id: UUID) -> str:
    row = tx.one("identity.by_member", member_id=member_id)
    if row is None:
        return ""
    place = ("identities", "person_ct", tx.group_id, row.id)
    return address_in(open_json(tx.keys, row.person_ct, *place))


def address_in(wire: dict[str, Any]) -> str:
    """The first address in what a provider told of somebody; empty without any."""
    told = [wire.get("userName", ""), *(one.get("value", "") for one in wire.get("emails", ()))]
    return next((one for one in told if isinstance(one, str) and "@" in one), "")
