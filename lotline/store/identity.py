"""The identity provider on record: what it is called, how people sign in by it, whom it may end.

How to reach it, its secret among that, is sealed as one value under the company's keys.

Not here: whom it told us of (`provisioning`), the protocols (`web.provider`, `web.scim`).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

from lotline.core.people.identity import plain_address
from lotline.store.sealed import open_json, open_words, seal_json, seal_words
from lotline.store.shown import Viewer

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from lotline.store.database import Database, Tx

# What a keyed hash is for is part of it.
USER_NAME = "provider_user_name"
EXTERNAL = "provider_external"
EMAIL = "provider_email"
ROLE = "owner"  # a provider acts for the whole company; what it may not do, its actions leave out


@dataclass(frozen=True, slots=True)
class Way:
    """How people sign in through a provider."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    domains: tuple[str, ...]
    trusts_silence: bool = False  # it checks addresses, though it does not say so
    own_second_step: bool = False  # ours is asked for, whatever it says of its own
    acr: str = ""


@dataclass(frozen=True, slots=True)
class Provider:
    """The company's provider."""

    group_id: UUID
    id: UUID
    name: str
    heir: str  # nobody | in_turn | member
    heir_id: UUID | None
    way: Way | None
    sign_in: bool
    required: bool


class Known(NamedTuple):
    """Somebody whom the provider told us of, as sign-in looks for them."""

    identity_id: UUID
    member_id: UUID | None
    active: bool


class Sits(NamedTuple):
    """A member as sign-in must know them."""

    member_id: UUID
    role: str
    suspended: bool
    gone: bool
    account_id: UUID | None


def load_provider(tx: Tx) -> Provider | None:
    """None: the company has none."""
    row = tx.one("identity.provider")
    if row is None:
        return None
    group = tx.group_id
    kept = open_json(tx.keys, row.way_ct, "identity_providers", "way_ct", group, row.id)
    return Provider(
        group_id=group,
        id=row.id,
        name=open_words(tx.keys, row.name_ct, "identity_providers", "name_ct", group, row.id),
        heir=row.heir,
        heir_id=row.heir_id,
        way=Way(**{**kept, "domains": tuple(kept["domains"])}) if kept else None,
        sign_in=row.sign_in,
        required=row.required,
    )


def load_open_provider(db: Database, provider_id: UUID) -> Provider | None:
    """One by which people sign in, of whichever company; None for every other id.

    There is no list of them: who is asked for it would learn which companies are here.
    """
    with db.door() as door:
        row = door.one("identity.door", provider_id=provider_id)
    if row is None:
        return None
    with db.transaction(row.group_id) as tx:
        found = load_provider(tx)
    return found if found is not None and found.sign_in and found.way is not None else None


def has_open_provider(db: Database) -> bool:
    """Whether anybody of this installation signs in by one; of which company, it does not say."""
    with db.door() as door:
        return bool(door.only("identity.any_door").any)


def load_provider_names(tx: Tx) -> dict[UUID, str]:
    """For records in which a provider stands where a member would."""
    found = load_provider(tx)
    return {} if found is None else {found.id: found.name}


def record_provider(tx: Tx, provider_id: UUID, name: str, at: datetime) -> None:
    tx.run("identity.record_provider", id=provider_id, name_ct=_name(tx, provider_id, name), at=at)


def record_provider_words(
    tx: Tx, provider_id: UUID, name: str, *, heir: str, heir_id: UUID | None
) -> None:
    """What it is called, and who takes what a leaver had open."""
    sealed = _name(tx, provider_id, name)
    tx.run("identity.set_provider", id=provider_id, name_ct=sealed, heir=heir, heir_id=heir_id)


def record_way(
    tx: Tx, provider_id: UUID, way: Way | None, *, sign_in: bool, required: bool
) -> None:
    """How people sign in by it. What is off, no link leads to."""
    sealed = None
    if way is not None:
        place = ("identity_providers", "way_ct", tx.group_id, provider_id)
        sealed = seal_json(tx.keys, {**asdict(way), "domains": list(way.domains)}, *place)
    tx.run("identity.set_way", id=provider_id, way_ct=sealed, sign_in=sign_in, required=required)
    door = "identity.open_door" if sign_in else "identity.close_door"
    tx.run(door, provider_id=provider_id, of_group=tx.group_id)


def load_as_viewer(tx: Tx, provider: Provider) -> Viewer:
    """The provider as one who acts: everywhere, and as nobody who could read or text."""
    row = tx.only("identity.reach")
    return Viewer(
        group_id=tx.group_id,
        member_id=provider.id,
        device_id=provider.id,
        name=provider.name,
        role=ROLE,
        hue=0,
        settings={},
        store_ids=frozenset(row.store_ids),
        line_ids=frozenset(row.line_ids),
        active=True,
        policy_signed=False,
        trained=False,
        locked=False,
        company=open_words(tx.keys, row.company_ct, "groups", "name_ct", tx.group_id, tx.group_id),
        group_settings=row.settings,
        is_program=True,
    )


def load_known(tx: Tx, *, subjects: Iterable[str], address: str) -> list[Known]:
    """Whom the provider means: first by its own name for them, then by an address it gave us."""
    external = [one for subject in subjects for one in tx.keys.blinds(EXTERNAL, subject)]
    emails = list(tx.keys.blinds(EMAIL, plain_address(address))) if address else []
    rows = tx.all("identity.known_by", external_hashes=external, email_hashes=emails)
    return [Known(row.id, row.member_id, row.active) for row in rows]


def load_sits(tx: Tx, member_id: UUID) -> Sits | None:
    row = tx.one("identity.sits", member_id=member_id)
    if row is None:
        return None
    return Sits(row.id, row.role, row.suspended, row.gone, row.account_id)


def record_moved_seat(tx: Tx, account_id: UUID, member_id: UUID) -> None:
    """The account's person came back, as a new member."""
    tx.run("identity.move_seat", account_id=account_id, member_id=member_id)


def without_secret(way: Way) -> Way:
    """As a page may show it."""
    return replace(way, client_secret="")


def _name(tx: Tx, provider_id: UUID, name: str) -> bytes:
    place: Any = ("identity_providers", "name_ct", tx.group_id, provider_id)
    return seal_words(tx.keys, name, *place)
