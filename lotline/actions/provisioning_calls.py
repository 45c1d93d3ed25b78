"""Calls of an identity provider: which token they show, what is paid for them, what is remembered.

Each call is written down for the owner to see: what it asked for and how it was answered, never
what it said.

Not here: what a call does (`provisioning`), who made the token (`identity`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from lotline.core.people.identity import TOKEN_MARK
from lotline.store.identity import Provider, load_provider
from lotline.store.provisioning import (
    Call,
    Whose,
    find_token,
    prune_calls,
    record_call,
    take_call,
    token_hash,
)

if TYPE_CHECKING:
    from lotline.actions.context import Context

KEPT = timedelta(days=90)
_TOKEN_LONGEST = 200


class Denied(Exception):
    """The token opens nothing."""


class TooMany(Exception):
    """It called too often in this minute."""


@dataclass(frozen=True, slots=True)
class Caller:
    """A provider that may call now."""

    group_id: UUID
    token_id: UUID
    provider: Provider


def admit(ctx: Context, token: str) -> Caller:
    """Whose token it is, once the call is paid for."""
    whose = _whose(ctx, token)
    with ctx.db.transaction(whose.group_id) as tx:
        left, provider = take_call(tx, whose.token_id, ctx.now()), load_provider(tx)
    if left is None or provider is None:
        raise Denied
    if left < 0:
        raise TooMany
    return Caller(whose.group_id, whose.token_id, provider)


def note_call(
    ctx: Context, caller: Caller, asked: tuple[str, str], status: int, address: str
) -> None:
    """For the owner to see: the method and the place that it asked for, and our answer."""
    method, place = asked
    call = Call(ctx.new_id(), method, place[:80], status, address, ctx.now(), "")
    with ctx.db.transaction(caller.group_id) as tx:
        record_call(tx, call, caller.token_id)


def prune(ctx: Context, group_id: UUID) -> int:
    """Calls are remembered for three months."""
    with ctx.db.transaction(group_id) as tx:
        return prune_calls(tx, ctx.now() - KEPT)


def _whose(ctx: Context, token: str) -> Whose:
    if not token.startswith(TOKEN_MARK) or len(token) > _TOKEN_LONGEST or not token.isascii():
        raise Denied
    with ctx.db.door() as door:
        whose = find_token(door, token_hash(ctx.ring.root, token))
    if whose is None:
        raise Denied
    return whose
