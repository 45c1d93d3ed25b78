"""Programs: the owner makes one and is shown its token once; revoked, it opens nothing any more.

What a call may do is asked in the call's own transaction. Its cost is taken from a bucket in the
database, some at a time, so that several web processes together never give more than the limit.

Not here: what programs do (`submit_batch`, `consent`, `contacts`), their pages (`web.programs`).
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from lotline.actions.allowed import must
from lotline.actions.errors import NotYours, Refused
from lotline.core.people.programs import TOKEN_MARK, Scope, may_call_from, read_network
from lotline.core.people.roles import may_change_rules
from lotline.store.access import record_act
from lotline.store.programs import (
    Bucket,
    NewProgram,
    Program,
    Whose,
    find_program,
    load_programs,
    prune_requests,
    record_program,
    record_revocation,
    take_from_bucket,
    token_hash,
)

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from lotline.actions.context import Context
    from lotline.store.database import Tx
    from lotline.store.shown import Viewer

REMEMBERED = timedelta(days=1)
LONGEST_NAME = 60
PER_MINUTE = 600
PER_MINUTE_MAX = 1_000_000
TOKEN_BYTES = 32
_END = 4
_TOKEN_LONGEST = 200


class Denied(Exception):
    """A token does not open this. `code` says why in one word, `says` in a sentence."""

    def __init__(self, code: str, says: str) -> None:
        super().__init__(code)
        self.code = code
        self.says = says


@dataclass(frozen=True, slots=True)
class Choice:
    """What the owner chose for a program."""

    name: str
    scopes: tuple[str, ...]
    whole_group: bool = False
    store_ids: tuple[UUID, ...] = ()
    line_ids: tuple[UUID, ...] = ()
    per_minute: int = PER_MINUTE
    addresses: tuple[str, ...] = ()
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Made:
    """A program and its token, which is never shown again."""

    program_id: UUID
    token: str = field(repr=False)


def new_token() -> str:
    """One that nobody guesses."""
    return TOKEN_MARK + secrets.token_urlsafe(TOKEN_BYTES)


def make_program(ctx: Context, viewer: Viewer, choice: Choice, token: str = "") -> Made:
    """It may call from now on. `token` is drawn here unless one was drawn for it already."""
    must(viewer, may_change_rules)
    name = " ".join(choice.name.split())
    if not name or len(name) > LONGEST_NAME:
        raise Refused("Give the program a name.")
    if not 1 <= choice.per_minute <= PER_MINUTE_MAX:
        raise Refused(f"A limit is between 1 and {PER_MINUTE_MAX:,} a minute.")
    scopes = _scopes(choice.scopes)
    now = ctx.now()
    if choice.expires_at is not None and choice.expires_at <= now:
        raise Refused("That end is over already.")
    if not (choice.whole_group or choice.store_ids or choice.line_ids):
        raise Refused("Choose where it may text.")
    if not set(choice.store_ids) <= viewer.store_ids or not set(choice.line_ids) <= viewer.line_ids:
        raise NotYours
    drawn = token or new_token()
    new = NewProgram(
        id=ctx.new_id(),
        member_id=viewer.member_id,
        name=name,
        token_hash=token_hash(ctx.ring.root, drawn),
        token_end=drawn[-_END:],
        scopes=scopes,
        per_minute=choice.per_minute,
        whole_group=choice.whole_group,
        store_ids=() if choice.whole_group else tuple(sorted(set(choice.store_ids))),
        line_ids=() if choice.whole_group else tuple(sorted(set(choice.line_ids))),
        addresses=_networks(choice.addresses),
        expires_at=choice.expires_at,
    )
    with ctx.db.transaction(viewer.group_id) as tx:
        record_program(tx, new, now)
        record_act(
            tx,
            ctx.new_id(),
            "program_made",
            actor_id=viewer.member_id,
            about_id=new.id,
            at=now,
            detail={"scopes": list(scopes), "whole_group": new.whole_group},
        )
    return Made(new.id, drawn)


def revoke_program(ctx: Context, viewer: Viewer, program_id: UUID) -> None:
    """From the next request on its token opens nothing; what it has waiting is refused."""
    must(viewer, may_change_rules)
    now = ctx.now()
    with ctx.db.transaction(viewer.group_id) as tx:
        if not record_revocation(tx, program_id, viewer.member_id, now):
            raise NotYours
        record_act(
            tx,
            ctx.new_id(),
            "program_revoked",
            actor_id=viewer.member_id,
            about_id=program_id,
            at=now,
        )


def find_whose(ctx: Context, token: str) -> Whose | None:
    """Whose a token is, whether or not it still opens anything; a stranger's is nobody's."""
    if not token.startswith(TOKEN_MARK) or len(token) > _TOKEN_LONGEST:
        return None
    hashed = token_hash(ctx.ring.root, token)
    with ctx.db.door() as tx:
        return find_program(tx, hashed)


def take(ctx: Context, whose: Whose, *, least: float, most: float) -> Bucket | None:
    """Some of a program's bucket for this process; None when there is no such program."""
    with ctx.db.transaction(whose.group_id) as tx:
        return take_from_bucket(tx, whose.program_id, least=least, most=most, now=ctx.now())


def forget_requests(ctx: Context, group_id: UUID) -> int:
    """Idempotency keys are remembered for a day."""
    with ctx.db.transaction(group_id) as tx:
        return prune_requests(tx, ctx.now() - REMEMBERED)


def admit(ctx: Context, tx: Tx, program_id: UUID, address: str, scope: Scope | None) -> Program:
    """The program that calls, when it may do this from there; else `Denied`."""
    program = load_programs(tx, [program_id], ctx.now()).get(program_id)
    denied = denial(program, address, scope)
    if denied is not None or program is None:
        raise denied or _ended()
    return program


def denial(program: Program | None, address: str, scope: Scope | None) -> Denied | None:
    """Why a program may not do this; None when it may."""
    if program is None or program.ended:
        return _ended()
    if not may_call_from(address, program.addresses):
        return Denied("address", "This token may not be used from this address.")
    if scope is not None and scope.value not in program.scopes:
        return Denied("scope", f"This token does not have the scope {scope.value}.")
    return None


def _ended() -> Denied:
    return Denied("token", "This token is not valid, or not any more.")


def _scopes(chosen: Iterable[str]) -> tuple[str, ...]:
    try:
        scopes = sorted({Scope(one) for one in chosen})
    except ValueError:
        raise Refused("Choose what it may do.") from None
    if not scopes:
        raise Refused("Choose what it may do.")
    return tuple(one.value for one in scopes)


def _networks(typed: Iterable[str]) -> tuple[str, ...]:
    try:
        return tuple(read_network(one) for one in typed)
    except ValueError:
        raise Refused("Write addresses as 192.0.2.17 or 192.0.2.0/24.") from None
