"""Programs that text: whose a token is, what it opens at this moment, what its bucket holds.

A token is kept as a keyed hash alone. What a program may do is read in the transaction in which it
does it, so what was revoked opens nothing from the next request on.

Not here: what follows from it (`actions`), scopes (`core.people.programs`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

from lotline.core.people.programs import has_ended, refill
from lotline.core.people.roles import may_text
from lotline.store.sealed import open_words, seal_words
from lotline.store.shown import Viewer

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from lotline.core.base.sealing import Root
    from lotline.store.database import Tx

TOKEN = "program_token"  # what the hash is for
HASH_SIZE = 32
PROGRAM_ROLE = "staff"  # what it may do at most, within its scopes


class Whose(NamedTuple):
    """The program that a token is of."""

    group_id: UUID
    program_id: UUID


@dataclass(frozen=True, slots=True)
class NewProgram:
    """A program about to be kept; `whole_group` reaches also what is added later."""

    id: UUID
    member_id: UUID
    name: str
    token_hash: bytes
    token_end: str
    scopes: tuple[str, ...]
    per_minute: int
    whole_group: bool = False
    store_ids: tuple[UUID, ...] = ()
    line_ids: tuple[UUID, ...] = ()
    addresses: tuple[str, ...] = ()
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Program:
    """A program as it may act now. `viewer` is what it sees the company as."""

    id: UUID
    name: str
    scopes: frozenset[str]
    per_minute: int
    addresses: tuple[str, ...]
    ended: bool
    viewer: Viewer


class Listed(NamedTuple):
    """A program as its owner's page shows it."""

    id: UUID
    name: str
    member_name: str
    token_end: str
    scopes: tuple[str, ...]
    whole_group: bool
    store_ids: tuple[UUID, ...]
    line_ids: tuple[UUID, ...]
    per_minute: int
    addresses: tuple[str, ...]
    made_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    used_at: datetime | None


class Bucket(NamedTuple):
    """What was taken from a bucket, what is left in it, and what it holds when full."""

    taken: float
    level: float
    per_minute: int


class Asked(NamedTuple):
    """One request with an idempotency key."""

    program_id: UUID
    key_hash: bytes
    body_hash: bytes


class Answered(NamedTuple):
    """What an earlier one was answered."""

    body_hash: bytes
    answer: Any


def token_hash(root: Root, token: str) -> bytes:
    """By what a token is found, without being kept."""
    return root.blind(TOKEN, token, HASH_SIZE)


def find_program(tx: Tx, hashed: bytes) -> Whose | None:
    """Asked at the door, before a tenant is known."""
    row = tx.one("programs.door", token_hash=hashed)
    return None if row is None else Whose(*row)


def record_program(tx: Tx, new: NewProgram, at: datetime) -> None:
    """With its door, and a full bucket."""
    place = ("programs", "name_ct", tx.group_id, new.id)
    tx.run(
        "programs.record",
        id=new.id,
        member_id=new.member_id,
        name_ct=seal_words(tx.keys, new.name, *place),
        token_hash=new.token_hash,
        token_end=new.token_end,
        scopes=list(new.scopes),
        whole_group=new.whole_group,
        store_ids=list(new.store_ids),
        line_ids=list(new.line_ids),
        per_minute=new.per_minute,
        addresses=list(new.addresses),
        expires_at=new.expires_at,
        at=at,
    )
    tx.run(
        "programs.record_door",
        token_hash=new.token_hash,
        of_group=tx.group_id,
        program_id=new.id,
    )
    tx.run("programs.record_bucket", program_id=new.id, level=float(new.per_minute), at=at)


def record_revocation(tx: Tx, program_id: UUID, member_id: UUID, at: datetime) -> bool:
    """False when there is none, or it was revoked before."""
    return tx.run("programs.revoke", id=program_id, member_id=member_id, at=at) == 1


def load_programs(tx: Tx, ids: Iterable[UUID], now: datetime) -> dict[UUID, Program]:
    """What these may do at this moment."""
    rows = tx.all("programs.load", ids=sorted(set(ids)))
    return {row.id: _program(tx, row, now) for row in rows}


def _program(tx: Tx, row: Any, now: datetime) -> Program:
    ended = has_ended(at=now, revoked_at=row.revoked_at, expires_at=row.expires_at)
    active = not ended and not row.suspended and may_text(row.role)
    group = tx.group_id
    name = open_words(tx.keys, row.name_ct, "programs", "name_ct", group, row.id)
    viewer = Viewer(
        group_id=group,
        member_id=row.id,
        device_id=row.id,
        name=name,
        role=PROGRAM_ROLE,
        hue=0,
        settings={},
        store_ids=frozenset(row.store_ids) if active else frozenset(),
        line_ids=frozenset(row.line_ids) if active else frozenset(),
        active=active,
        policy_signed=True,  # the gate asks the member who answers for it
        trained=True,
        locked=False,
        company=open_words(tx.keys, row.company_ct, "groups", "name_ct", group, group),
        group_settings=row.group_settings,
        is_program=True,
    )
    addresses = tuple(row.addresses)
    return Program(
        row.id, name, frozenset(row.scopes), row.per_minute, addresses, not active, viewer
    )


def load_listed(tx: Tx) -> list[Listed]:
    """Every program, those that still open something first."""
    group = tx.group_id
    return [
        Listed(
            id=row.id,
            name=open_words(tx.keys, row.name_ct, "programs", "name_ct", group, row.id),
            member_name=open_words(
                tx.keys, row.member_ct, "members", "name_ct", group, row.member_id
            ),
            token_end=row.token_end,
            scopes=tuple(row.scopes),
            whole_group=row.whole_group,
            store_ids=tuple(row.store_ids),
            line_ids=tuple(row.line_ids),
            per_minute=row.per_minute,
            addresses=tuple(row.addresses),
            made_at=row.made_at,
            expires_at=row.expires_at,
            revoked_at=row.revoked_at,
            used_at=row.used_at,
        )
        for row in tx.all("programs.list")
    ]


def load_program_names(tx: Tx, ids: Iterable[UUID]) -> dict[UUID, str]:
    """What those of these authors that are programs are called."""
    wanted = sorted(set(ids))
    rows = tx.all("programs.names", ids=wanted) if wanted else []
    place = ("programs", "name_ct", tx.group_id)
    return {row.id: open_words(tx.keys, row.name_ct, *place, row.id) for row in rows}


def take_from_bucket(
    tx: Tx, program_id: UUID, *, least: float, most: float, now: datetime
) -> Bucket | None:
    """Between `least` and `most` of what is in it, or nothing; None when there is no program."""
    row = tx.one("programs.lock_use", program_id=program_id)
    if row is None:
        return None
    level = refill(row.level, row.per_minute, (now - row.filled_at).total_seconds())
    taken = min(most, level) if level >= least else 0.0
    tx.run("programs.use", program_id=program_id, level=level - taken, at=max(now, row.filled_at))
    return Bucket(taken, level - taken, row.per_minute)


def record_requests(tx: Tx, asked: Sequence[Asked], at: datetime) -> set[tuple[UUID, bytes]]:
    """Which of these were not asked before."""
    if not asked:
        return set()
    rows = tx.all(
        "programs.record_requests",
        programs=[one.program_id for one in asked],
        keys=[one.key_hash for one in asked],
        bodies=[one.body_hash for one in asked],
        at=at,
    )
    return {(row.program_id, bytes(row.key_hash)) for row in rows}


def load_answers(tx: Tx, asked: Iterable[tuple[UUID, bytes]]) -> dict[tuple[UUID, bytes], Answered]:
    """What earlier requests with these keys were answered."""
    several = list(asked)
    if not several:
        return {}
    rows = tx.all(
        "programs.requests",
        programs=[one[0] for one in several],
        keys=[one[1] for one in several],
    )
    return {
        (row.program_id, bytes(row.key_hash)): Answered(bytes(row.body_hash), row.answer)
        for row in rows
    }


def record_answers(tx: Tx, answers: dict[tuple[UUID, bytes], str]) -> None:
    """What each new one is answered, as JSON."""
    if answers:
        tx.run(
            "programs.answer_requests",
            programs=[one[0] for one in answers],
            keys=[one[1] for one in answers],
            answers=list(answers.values()),
        )


def prune_requests(tx: Tx, before: datetime) -> int:
    """Forget keys from before; how many."""
    return tx.run("programs.prune_requests", before=before)
