"""Whom an identity provider told us of: people, its groups, and the tokens that it calls with.

What it says of somebody is sealed; what it is looked for by is kept as keyed hashes. A token is
kept as a keyed hash alone.

Not here: what follows for members (`actions.provisioning`), the provider itself (`identity`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

from lotline.core.people.identity import PER_MINUTE, Meaning, plain_address
from lotline.core.people.programs import refill
from lotline.store.identity import EMAIL, EXTERNAL, USER_NAME
from lotline.store.sealed import open_json, open_words, seal_json, seal_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from lotline.core.base.sealing import GroupKeys, Root
    from lotline.core.people.identity import Described
    from lotline.store.database import Tx

TOKEN = "provisioning_token"
HASH_SIZE = 32
MOST = 20_000  # people or groups that one company's provider may tell us of
_LAST_ID = UUID(int=2**128 - 1)


class Whose(NamedTuple):
    """The company and the token that a call shows."""

    group_id: UUID
    token_id: UUID


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody as the provider last described them. `active`: they work here now."""

    id: UUID
    member_id: UUID | None
    active: bool
    by_groups: bool
    wire: dict[str, Any]
    version: int
    made_at: datetime
    changed_at: datetime
    role: str | None


@dataclass(frozen=True, slots=True)
class ProviderGroup:
    """A group at the provider, and what the owner says it means."""

    id: UUID
    name: str
    external_id: str
    version: int
    meaning: Meaning
    people: tuple[UUID, ...]
    made_at: datetime
    changed_at: datetime


class Token(NamedTuple):
    """A token as the owner's page shows it."""

    id: UUID
    token_end: str
    made_by: str
    made_at: datetime
    ends_at: datetime | None
    used_at: datetime | None


class Call(NamedTuple):
    """One call that a provider made."""

    id: UUID
    method: str
    place: str
    status: int
    address: str
    called_at: datetime
    token_end: str


def token_hash(root: Root, token: str) -> bytes:
    """By what a token is found, without being kept."""
    return root.blind(TOKEN, token, HASH_SIZE)


def find_token(tx: Tx, hashed: bytes) -> Whose | None:
    """Asked at the door, before a tenant is known."""
    row = tx.one("provisioning.door", token_hash=hashed)
    return None if row is None else Whose(*row)


def record_token(
    tx: Tx,
    token_id: UUID,
    *,
    provider_id: UUID,
    hashed: bytes,
    end: str,
    made_by: UUID,
    at: datetime,
) -> None:
    """With its door, and a full bucket."""
    tx.run(
        "provisioning.record_token",
        id=token_id,
        provider_id=provider_id,
        token_hash=hashed,
        token_end=end,
        made_by=made_by,
        at=at,
        level=float(PER_MINUTE),
    )
    tx.run("provisioning.record_door", token_hash=hashed, of_group=tx.group_id, token_id=token_id)


def end_tokens(
    tx: Tx, at: datetime, *, token_id: UUID | None = None, all_but: Iterable[UUID] | None = None
) -> int:
    """One, or all but some; how many."""
    but = None if all_but is None else sorted(all_but)
    return tx.run("provisioning.end_tokens", id=token_id, but=but, at=at)


def load_tokens(tx: Tx) -> list[Token]:
    return [
        Token(
            row.id,
            row.token_end,
            open_words(tx.keys, row.name_ct, "members", "name_ct", tx.group_id, row.made_by),
            row.made_at,
            row.ends_at,
            row.used_at,
        )
        for row in tx.all("provisioning.tokens")
    ]


def take_call(tx: Tx, token_id: UUID, now: datetime) -> float | None:
    """What is left in the bucket once it is paid; below 0: it is not. None: it opens nothing."""
    row = tx.one("provisioning.lock_token", id=token_id)
    if row is None or (row.ends_at is not None and row.ends_at <= now):
        return None
    level = refill(row.level, PER_MINUTE, (now - row.filled_at).total_seconds()) - 1.0
    at = max(now, row.filled_at)
    tx.run("provisioning.use_token", id=token_id, level=max(level, 0.0), at=at)
    return level


def record_call(tx: Tx, call: Call, token_id: UUID) -> None:
    """What it asked for; never what it said."""
    place = ("provisioning_calls", "address_ct", tx.group_id, call.id)
    tx.run(
        "provisioning.record_call",
        id=call.id,
        token_id=token_id,
        method=call.method,
        place=call.place,
        status=call.status,
        address_ct=seal_words(tx.keys, call.address, *place),
        at=call.called_at,
    )


def load_calls(tx: Tx, before: UUID | None = None, limit: int = 50) -> list[Call]:
    """The newest first."""
    place = ("provisioning_calls", "address_ct", tx.group_id)
    return [
        Call(
            row.id,
            row.method,
            row.place,
            row.status,
            open_words(tx.keys, row.address_ct, *place, row.id),
            row.called_at,
            row.token_end,
        )
        for row in tx.all("provisioning.calls", before=before or _LAST_ID, limit=limit)
    ]


def prune_calls(tx: Tx, before: datetime) -> int:
    """Forget calls from before; how many."""
    return tx.run("provisioning.prune_calls", before=before)


def load_people(
    tx: Tx,
    ids: Iterable[UUID] | None = None,
    *,
    user_name: str | None = None,
    external_id: str | None = None,
) -> list[Person]:
    """In the order in which they were told."""
    keys = tx.keys
    names = None if user_name is None else list(keys.blinds(USER_NAME, plain_address(user_name)))
    externals = None if external_id is None else list(keys.blinds(EXTERNAL, external_id))
    rows = tx.all(
        "provisioning.people",
        ids=None if ids is None else sorted(ids),
        user_name_hashes=names,
        external_hashes=externals,
        limit=MOST,
    )
    return [
        Person(
            row.id,
            row.member_id,
            row.active,
            row.by_groups,
            open_json(keys, row.person_ct, "identities", "person_ct", tx.group_id, row.id),
            row.version,
            row.made_at,
            row.changed_at,
            row.role,
        )
        for row in rows
    ]


def record_person(
    tx: Tx, identity_id: UUID, provider_id: UUID, told: Described, at: datetime
) -> None:
    """Told of for the first time; who they are here comes after."""
    kept = _kept(tx, identity_id, told)
    tx.run("provisioning.record_person", id=identity_id, provider_id=provider_id, at=at, **kept)


def record_description(tx: Tx, identity_id: UUID, told: Described, at: datetime) -> None:
    tx.run("provisioning.set_person", id=identity_id, at=at, **_kept(tx, identity_id, told))


def load_groups(tx: Tx, ids: Iterable[UUID] | None = None) -> list[ProviderGroup]:
    """In the order in which they were told."""
    rows = tx.all("provisioning.groups", ids=None if ids is None else sorted(ids), limit=MOST)
    place = ("provider_groups", "words_ct", tx.group_id)
    found = []
    for row in rows:
        words = open_json(tx.keys, row.words_ct, *place, row.id)
        found.append(
            ProviderGroup(
                row.id,
                words["name"],
                words.get("external_id", ""),
                row.version,
                Meaning(row.role, tuple(row.store_ids)),
                tuple(row.people),
                row.made_at,
                row.changed_at,
            )
        )
    return found


def load_groups_of(tx: Tx, ids: Iterable[UUID]) -> dict[UUID, list[UUID]]:
    """Which groups each of these people is in."""
    found: dict[UUID, list[UUID]] = {}
    for row in tx.all("provisioning.groups_of", ids=sorted(ids)):
        found.setdefault(row.identity_id, []).append(row.provider_group_id)
    return found


def record_group(
    tx: Tx, provider_group_id: UUID, provider_id: UUID, words: Mapping[str, str], at: datetime
) -> None:
    sealed = _words(tx, provider_group_id, words)
    tx.run(
        "provisioning.record_group",
        id=provider_group_id,
        provider_id=provider_id,
        words_ct=sealed,
        at=at,
    )


def record_group_words(
    tx: Tx, provider_group_id: UUID, words: Mapping[str, str], at: datetime
) -> None:
    sealed = _words(tx, provider_group_id, words)
    tx.run("provisioning.set_group", id=provider_group_id, words_ct=sealed, at=at)


def record_group_people(tx: Tx, provider_group_id: UUID, ids: Iterable[UUID]) -> int:
    """These and no others; how many of them we know."""
    tx.run("provisioning.clear_group_people", provider_group_id=provider_group_id)
    wanted = sorted(set(ids))
    if not wanted:
        return 0
    return tx.run(
        "provisioning.record_group_people", provider_group_id=provider_group_id, ids=wanted
    )


def _words(tx: Tx, provider_group_id: UUID, words: Mapping[str, str]) -> bytes:
    place = ("provider_groups", "words_ct", tx.group_id, provider_group_id)
    return seal_json(tx.keys, dict(words), *place)


def _kept(tx: Tx, identity_id: UUID, told: Described) -> dict[str, Any]:
    keys: GroupKeys = tx.keys
    place = ("identities", "person_ct", tx.group_id, identity_id)
    return {
        "person_ct": seal_json(keys, dict(told.wire), *place),
        "user_name_hash": keys.blind(USER_NAME, plain_address(told.user_name)),
        "external_hash": keys.blind(EXTERNAL, told.external_id) if told.external_id else None,
        "email_hashes": [keys.blind(EMAIL, one) for one in told.addresses],
    }
