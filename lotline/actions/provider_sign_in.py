"""Signing in by an identity provider: which of us its word is about, and with which account.

Only somebody who works here already is let in: told of by the provider, or signing in with the
address that it vouches for. Nobody registers themselves, and whoever left stays out. What the
provider said of them is looked at and forgotten.

Not here: asking the provider (`web.provider`), what its word is worth (`core.people.identity`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from lotline.actions.errors import Refused
from lotline.actions.invitations import seat_account
from lotline.core.people.identity import proven_address, second_step_passed, subjects_of
from lotline.store import accounts
from lotline.store.identity import (
    Provider,
    Sits,
    load_known,
    load_provider,
    load_sits,
)
from lotline.store.invitations import address_in
from lotline.store.provisioning import load_people

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lotline.actions.context import Context

STRANGER = "Nobody who works here is known by that. Ask an owner to add you, then try again."
PAUSED = "Your access is paused or ended. Ask your manager."
ELSEWHERE = "That address signs in somewhere else already. Ask an owner."


@dataclass(frozen=True, slots=True)
class Vouched:
    """Whom the provider vouches for; `second_step`: also that there was a second step."""

    account_id: UUID
    member_id: UUID
    second_step: bool


def find_vouched(ctx: Context, provider: Provider, claims: Mapping[str, Any]) -> Vouched:
    """The account to sign in with, made if they have none yet; `Refused` for everybody else."""
    way = provider.way
    assert way is not None, "nobody was sent to a provider without a way there"
    address = proven_address(claims, way.domains, trusts_silence=way.trusts_silence)
    sits, identity_id = _who(ctx, provider, claims, address)
    if sits.gone or sits.suspended:
        raise Refused(PAUSED)
    account_id = sits.account_id
    if account_id is None:
        account_id = _account(ctx, provider, sits, identity_id, address)
    second = second_step_passed(claims, way.acr) and not way.own_second_step
    return Vouched(account_id, sits.member_id, second)


def must_come_by(ctx: Context, account_id: UUID) -> Provider | None:
    """The provider by which alone this account signs in; None for owners, and where none is."""
    with ctx.db.door() as door:
        seat = door.one("viewer.seat", account_id=account_id)
    if seat is None:
        return None
    with ctx.db.transaction(seat.group_id) as tx:
        provider, sits = load_provider(tx), load_sits(tx, seat.member_id)
    if provider is None or not (provider.sign_in and provider.required):
        return None
    return provider if sits is not None and sits.role != "owner" else None


def _who(
    ctx: Context, provider: Provider, claims: Mapping[str, Any], address: str
) -> tuple[Sits, UUID | None]:
    """By the provider's own name for them, by an address it told us, or by how they sign in."""
    with ctx.db.transaction(provider.group_id) as tx:
        known = load_known(tx, subjects=subjects_of(claims), address=address)
        for one in known:
            sits = load_sits(tx, one.member_id) if one.member_id and one.active else None
            if sits is not None:
                return sits, one.identity_id
        if known:
            raise Refused(PAUSED)
    account = accounts.find_account(ctx.ring.root, address) if address else None
    if account is None:
        raise Refused(STRANGER)
    with ctx.db.door() as door:
        seat = door.one("viewer.seat", account_id=account.id)
    if seat is None or seat.group_id != provider.group_id:
        raise Refused(STRANGER)
    with ctx.db.transaction(provider.group_id) as tx:
        sits = load_sits(tx, seat.member_id)
    assert sits is not None, "a seat is a member's"
    return sits, None


def _account(
    ctx: Context, provider: Provider, sits: Sits, identity_id: UUID | None, address: str
) -> UUID:
    """An account without a password, for a member who has none; of somebody back, theirs again."""
    assert identity_id is not None, "who signs in with an address has an account"
    wanted = address or _told_address(ctx, provider, identity_id)
    return seat_account(ctx, provider.group_id, sits.member_id, wanted, taken=ELSEWHERE)


def _told_address(ctx: Context, provider: Provider, identity_id: UUID) -> str:
    """What the provider told us of them; without any address, something that is nobody's."""
    with ctx.db.transaction(provider.group_id) as tx:
        (found,) = load_people(tx, [identity_id])
    return address_in(found.wire) or f"{identity_id}@identity.invalid"
