"""The identity provider: the owner says who it is, hands it a token, and how people sign in by it.

A token is shown once and kept as a keyed hash; one that was replaced opens for a day more, so that
nothing breaks while it is changed over there. Each of these acts is a leaf of the ledger.

Not here: what a provider does with its token (`provisioning`), signing in (`provider_sign_in`).
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from lotline.actions.allowed import must
from lotline.actions.context import again
from lotline.actions.errors import NotYours, Refused
from lotline.actions.provisioning import follow_groups
from lotline.core.people.identity import MAPPED, TOKEN_MARK, read_domains
from lotline.core.people.roles import may_change_rules, may_text
from lotline.core.people.webhooks import BadAddress, read_address
from lotline.store.access import record_act
from lotline.store.identity import (
    Provider,
    Way,
    load_as_viewer,
    load_provider,
    load_sits,
    record_provider,
    record_provider_words,
    record_way,
)
from lotline.store.provisioning import end_tokens, load_groups, record_token, token_hash

if TYPE_CHECKING:
    from lotline.actions.context import Context
    from lotline.store.database import Tx
    from lotline.store.shown import Viewer

OVERLAP = timedelta(hours=24)  # so long a token that was replaced still opens
LONGEST_NAME = 60
HEIRS = ("nobody", "in_turn", "member")
_TOKEN_BYTES = 32
_END = 4
_LONGEST_ID = 300


@dataclass(frozen=True, slots=True)
class MadeToken:
    """A token, which is never shown again."""

    token_id: UUID
    token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Typed:
    """How people sign in by it, as the owner typed it. An empty secret: the one we have."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    domains: str
    trusts_silence: bool = False
    own_second_step: bool = False
    acr: str = ""


def name_provider(
    ctx: Context, viewer: Viewer, name: str, *, heir: str = "nobody", heir_id: UUID | None = None
) -> UUID:
    """What it is called, and who takes what a leaver had open. The first time it is made."""
    must(viewer, may_change_rules)
    named = " ".join(name.split())
    if not named or len(named) > LONGEST_NAME:
        raise Refused("Give your provider a name.")
    if heir not in HEIRS or (heir == "member") != (heir_id is not None):
        raise Refused("Choose who takes the open conversations.")
    with ctx.db.transaction(viewer.group_id) as tx:
        found, at = load_provider(tx), ctx.now()
        provider_id = found.id if found is not None else ctx.new_id()
        if heir_id is not None:
            sits = load_sits(tx, heir_id)
            if sits is None or sits.suspended or not may_text(sits.role):
                raise Refused("Choose somebody who works here and texts.")
        if found is None:
            record_provider(tx, provider_id, named, at)
        record_provider_words(tx, provider_id, named, heir=heir, heir_id=heir_id)
        what = "provider_made" if found is None else "provider_changed"
        _act(ctx, tx, viewer, what, provider_id, heir=heir)
        return provider_id


def make_token(ctx: Context, viewer: Viewer) -> MadeToken:
    """A new token; those before it open for a day more."""
    must(viewer, may_change_rules)
    made = MadeToken(ctx.new_id(), TOKEN_MARK + secrets.token_urlsafe(_TOKEN_BYTES))
    with ctx.db.transaction(viewer.group_id) as tx:
        provider, at = _the(tx), ctx.now()
        record_token(
            tx,
            made.token_id,
            provider_id=provider.id,
            hashed=token_hash(ctx.ring.root, made.token),
            end=made.token[-_END:],
            made_by=viewer.member_id,
            at=at,
        )
        end_tokens(tx, at + OVERLAP, all_but=[made.token_id])
        _act(ctx, tx, viewer, "provider_token", made.token_id)
    return made


def end_token(ctx: Context, viewer: Viewer, token_id: UUID) -> None:
    """From the next call on it opens nothing."""
    must(viewer, may_change_rules)
    with ctx.db.transaction(viewer.group_id) as tx:
        if not end_tokens(tx, ctx.now(), token_id=token_id):
            raise NotYours
        _act(ctx, tx, viewer, "provider_token_ended", token_id)


def read_way(ctx: Context, viewer: Viewer, typed: Typed) -> Way:
    """As it will be kept, once the provider itself was asked; refused when it cannot be meant."""
    must(viewer, may_change_rules)
    with ctx.db.transaction(viewer.group_id) as tx:
        before = _the(tx).way
    secret = typed.client_secret.strip() or (before.client_secret if before else "")
    client_id = typed.client_id.strip()
    try:
        issuer = read_address(
            typed.issuer.strip().rstrip("/"), private=ctx.settings.private_webhooks
        )
    except BadAddress:
        raise Refused(
            "Write your provider’s issuer, like https://login.example.com/company. An address"
            " inside a network is not asked."
        ) from None
    if not client_id or not secret or len(client_id) > _LONGEST_ID:
        raise Refused("Enter the client id and the client secret.")
    try:
        domains = read_domains(typed.domains)
    except ValueError:
        raise Refused("Write domains like elmstreet.example, one beside the other.") from None
    if not domains:
        raise Refused("Enter at least one domain of your people’s addresses.")
    return Way(
        issuer=issuer,
        client_id=client_id,
        client_secret=secret,
        domains=domains,
        trusts_silence=typed.trusts_silence,
        own_second_step=typed.own_second_step,
        acr=typed.acr.strip()[:_LONGEST_ID],
    )


def keep_way(
    ctx: Context, viewer: Viewer, way: Way | None, *, sign_in: bool, required: bool
) -> None:
    """How people sign in from now on. `required`: by nothing else, but for owners."""
    must(viewer, may_change_rules)
    with ctx.db.transaction(viewer.group_id) as tx:
        provider = _the(tx)
        kept = way or provider.way
        if sign_in and kept is None:
            raise Refused("Say first how your provider is reached.")
        if required and not sign_in:
            raise Refused("People can only be sent to a provider that they may sign in by.")
        record_way(tx, provider.id, kept, sign_in=sign_in, required=required)
        _act(ctx, tx, viewer, "provider_sign_in", provider.id, on=sign_in, required=required)


def map_group(
    ctx: Context, viewer: Viewer, provider_group_id: UUID, role: str, store_ids: tuple[UUID, ...]
) -> int:
    """What one of its groups means here; how many members it changed. None is ever an owner."""
    must(viewer, may_change_rules)
    if role and role not in [one.value for one in MAPPED]:
        raise Refused("A group can mean a manager, staff or an auditor.")
    if not set(store_ids) <= viewer.store_ids:
        raise NotYours
    return again(lambda: _map_group(ctx, viewer, provider_group_id, role, store_ids))


def _map_group(
    ctx: Context, viewer: Viewer, provider_group_id: UUID, role: str, store_ids: tuple[UUID, ...]
) -> int:
    with ctx.db.transaction(viewer.group_id) as tx:
        tx.run("members.in_turn")
        provider = _the(tx)
        found = load_groups(tx, [provider_group_id])
        if not found:
            raise NotYours
        at = ctx.now()
        tx.run(
            "provisioning.map_group",
            id=provider_group_id,
            role=role or None,
            store_ids=sorted(set(store_ids)),
            at=at,
        )
        detail = {"role": role, "stores": [str(one) for one in sorted(set(store_ids))]}
        _act(ctx, tx, viewer, "provider_group_meaning", provider_group_id, **detail)
        acting = load_as_viewer(tx, provider)
        # The owner said so, not the provider: it stands so on each member's record.
        acting = replace(acting, member_id=viewer.member_id)
        return follow_groups(ctx, tx, acting, found[0].people)


def _the(tx: Tx) -> Provider:
    found = load_provider(tx)
    if found is None:
        raise Refused("Name your provider first.")
    return found


def _act(ctx: Context, tx: Tx, viewer: Viewer, what: str, about: UUID, **detail: Any) -> None:
    actor, at = viewer.member_id, ctx.now()
    record_act(tx, ctx.new_id(), what, actor_id=actor, about_id=about, at=at, detail=detail)
